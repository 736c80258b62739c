"""Make the template of a GitHub Classroom assignment: what students receive, and a workflow with its visible tests.

Classroom's reporter requires certain names for the workflow and its only job, and steps whose ids are letters and
digits (https://github.com/classroom-resources/autograding-grading-reporter, README).
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.assignment import derive_assignment
from grader.languages import ENGLISH
from grader.rubric import default_rubric
from grader.templating import template
from grader.text import printable

__all__ = ["WORKFLOW", "classroom_files", "next_steps_on_github"]

WORKFLOW = ".github/workflows/classroom.yml"
_TEMPLATES = {WORKFLOW: "classroom.yml.jinja", ".gitignore": "gitignore"}
_README = "README.md"
_TESTS = "test_perceptron.py"
_WORK = "work"
"""The argument of the tests that check what a student wrote; the others check the student's machine."""


@dataclass(frozen=True)
class _Step:
    """A step of the workflow: it runs one visible test, and is worth a point."""

    test: str
    title: str
    """What the test claims, in a sentence, as a string of YAML."""

    @property
    def id(self) -> str:
        return self.test.removeprefix("test_").replace("_", "")


def classroom_files(language: str = ENGLISH) -> dict[str, bytes]:
    """Return the files of the template repository by their paths in it, for students who read ``language``."""
    assignment = derive_assignment(language)
    steps = list(_steps(assignment[_TESTS].decode()))
    max_score = f"{default_rubric().max_score:g}"
    readme = "README.md.jinja" if language == ENGLISH else f"README.{language}.md.jinja"
    for path, name in {**_TEMPLATES, _README: readme}.items():
        filled = template(f"bundles/classroom_templates/{name}").render(steps=steps, max_score=max_score)
        assignment[path] = filled.encode()
    return assignment


def next_steps_on_github(folder: Path, written: Sequence[str]) -> str:
    """Say which files were written into ``folder``, what to do with them, and what the points are worth."""
    shown = printable(str(folder))
    lines = [f"wrote {shown}/{name}" for name in written] or [f"{shown} is up to date."]
    lines += [
        "Next: push it to a repository, make that a template, and choose it for the assignment in GitHub Classroom.",
        "Students can change the workflow, so its points are only for them. For scores: grade clones/",
    ]
    return "\n".join(lines) + "\n"


def _steps(tests: str) -> Iterator[_Step]:
    """Yield a step for each test in the source ``tests`` that checks a student's work, in order."""
    for node in ast.parse(tests).body:
        if isinstance(node, ast.FunctionDef) and _checks_work(node):
            title = (ast.get_docstring(node) or node.name).splitlines()[0].rstrip(".")
            # A string of JSON is one of YAML.
            yield _Step(node.name, json.dumps(title, ensure_ascii=False))


def _checks_work(node: ast.FunctionDef) -> bool:
    return node.name.startswith("test_") and any(argument.arg == _WORK for argument in node.args.args)
