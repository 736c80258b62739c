"""The template of a GitHub Classroom assignment: what students receive, and a workflow that runs its visible tests.

What Classroom's reporter asks of a workflow is in the README of
https://github.com/classroom-resources/autograding-grading-reporter: its name, the name of its only job, and steps
whose ids are letters and digits.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader import assignment
from grader.bundles.templating import rendered
from grader.rubric import default_rubric

__all__ = ["WORKFLOW", "VisibleTest", "classroom_files", "visible_tests"]

WORKFLOW = ".github/workflows/classroom.yml"
_TESTS = "test_perceptron.py"
_IGNORED = Path(__file__).parent / "templates" / "classroom" / "gitignore"
_WORK = "work"
"""The argument of the tests that look at what a student wrote; the others look at the student's machine."""


@dataclass(frozen=True)
class VisibleTest:
    """A test that students are given."""

    function: str
    title: str
    """What it claims, in a sentence."""
    points: int = 1

    @property
    def id(self) -> str:
        """The id of its step."""
        return self.function.removeprefix("test_").replace("_", "")


def classroom_files() -> dict[str, bytes]:
    """Return the files of the repository: their paths, relative to its folder, and their contents."""
    files = assignment.derive()
    tests = list(visible_tests(files[_TESTS].decode()))
    max_score = f"{default_rubric().max_score:g}"
    texts = {
        WORKFLOW: rendered("classroom/classroom.yml.jinja", tests=tests),
        "README.md": rendered(
            "classroom/README.md.jinja", count=sum(test.points for test in tests), max_score=max_score
        ),
        ".gitignore": _IGNORED.read_text(encoding="utf-8"),
    }
    return files | {name: text.encode() for name, text in texts.items()}


def visible_tests(source: str) -> Iterator[VisibleTest]:
    """Yield the tests in ``source`` that look at a student's work, in order."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and _looks_at_work(node):
            title = (ast.get_docstring(node) or node.name).splitlines()[0]
            yield VisibleTest(node.name, title.rstrip("."))


def _looks_at_work(node: ast.FunctionDef) -> bool:
    return node.name.startswith("test_") and any(argument.arg == _WORK for argument in node.args.args)
