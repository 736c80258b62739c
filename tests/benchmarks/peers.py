"""Time nbgrader and otter-grader on notebooks of a class, with plain checks that run in the notebooks' own kernels.

The checks are the visible tests, one test for each criterion, the same for both. A script becomes a notebook of one
cell, without what is under ``if __name__ == "__main__"``, which ``grade`` does not run either. There is no wall: use
no hostile submissions.

nbgrader is the one of this environment; ``nbgrader autograde`` grades one notebook after the other. otter-grader is
installed into an environment of its own. There ``otter generate`` makes the autograder, and ``otter run`` grades each
notebook, as many at a time as there are processors. ``otter grade`` does the same in its containers, whose time is left
out here. What is made once for an assignment is not timed.
"""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import nbformat
import numpy as np
from courses import Course, code_cell, made

from grader.candidate.sandbox.runtime.reading import read
from grader.nbgrader.cells import cell_name
from grader.rubric import default_rubric

__all__ = ["Graded", "Sources", "checked_in_the_kernel", "sources_of", "with_nbgrader", "with_otter"]

Sources = Mapping[str, Sequence[str]]
"""The cells of each notebook, by the name of its student."""

OTTER_TEST = """from otter.test_files import test_case

OK_FORMAT = False
name = "{criterion}"
points = {points}


@test_case()
def passes_the_visible_tests():
    from criteria import run_visible_tests

    run_visible_tests("{criterion}")
"""


@dataclass(frozen=True)
class Graded:
    """How a grader graded a class."""

    seconds: float
    """Wall time for the whole class."""
    marks: dict[str, float]


def sources_of(paths: Sequence[Path]) -> Sources:
    """Return the code of submissions of one file each, by the names of the files without their suffixes."""
    return {path.stem: [_as_imported(text) for text in _cells(path)] for path in paths}


def with_nbgrader(folder: Path, sources: Sources) -> Graded:
    """Grade in a new course in ``folder``."""
    course = made(folder, configured=False)
    checked_in_the_kernel(course)
    released = course.released
    checks = [cell for cell in released["cells"] if cell["metadata"].get("nbgrader", {}).get("grade")]
    for student, cells in sources.items():
        course.hand_in(student, {**released, "cells": [*map(code_cell, cells), *checks]})
    seconds = _seconds(Path(sys.executable).parent, course.folder, "nbgrader", "autograde", "perceptron")
    marks = {student: sum(points or 0.0 for points in course.points(student).values()) for student in sources}
    return Graded(seconds, marks)


def checked_in_the_kernel(course: Course) -> None:
    """Have the autograded cells of a course run the visible tests, in place of asking the grader."""
    path = course.folder / "source/perceptron/criteria.py"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('== "autograde"', '== "never"'), encoding="utf-8")


def with_otter(folder: Path, given: Path, sources: Sources, jobs: int | None) -> Graded:
    """Grade in the new ``folder``, with the files in the folder ``given`` beside each notebook."""
    programs = _otter_installed(folder / "environment")
    (folder / "tests").mkdir()
    for criterion, points in default_rubric().points.items():
        test = folder / "tests" / f"{cell_name(criterion)}.py"
        test.write_text(OTTER_TEST.format(criterion=criterion, points=points), encoding="utf-8")
    files = [Path(shutil.copy(path, folder)).name for path in sorted(given.glob("*.py"))]
    _seconds(programs, folder, "otter", "generate", "--output-path", "autograder.zip", *files)
    for student, cells in sources.items():
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        nbformat.write(notebook, folder / f"{student}.ipynb")

    def run(student: str) -> None:
        _seconds(programs, folder, "otter", "run", "--output-dir", f"results/{student}", f"{student}.ipynb")

    for student in sources:
        (folder / "results" / student).mkdir(parents=True)
    began = time.perf_counter()
    with ThreadPoolExecutor(jobs or os.cpu_count()) as pool:
        list(pool.map(run, sources))
    seconds = time.perf_counter() - began
    return Graded(seconds, {student: _otter_mark(folder / "results" / student) for student in sources})


def _otter_installed(environment: Path) -> Path:
    """Return the folder of the programs of a new environment with otter-grader and what the checks import."""
    programs = environment / "bin"
    packages = ["otter-grader[grading]", f"numpy=={np.__version__}", "pytest", "packaging"]
    subprocess.run(["uv", "venv", "--quiet", "--python", sys.executable, str(environment)], check=True)
    subprocess.run(
        # Compiled, as the environment of the kit is: importing would take twice the time of grading.
        [
            "uv",
            "pip",
            "install",
            "--quiet",
            "--compile-bytecode",
            "--python",
            str(programs / "python"),
            *packages,
        ],
        check=True,
    )
    return programs


def _otter_mark(results: Path) -> float:
    tests = json.loads((results / "results.json").read_text(encoding="utf-8"))["tests"]
    return float(sum(test.get("score", 0.0) for test in tests))


def _seconds(programs: Path, folder: Path, *command: str) -> float:
    """Return the seconds that a command takes that runs in ``folder`` with the ``programs`` of its environment."""
    environment = {
        **os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "PYTHONWARNINGS": "ignore",
    }  # fmt: skip
    began = time.perf_counter()
    done = subprocess.run(
        [programs / command[0], *command[1:]],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
    return time.perf_counter() - began


def _cells(path: Path) -> Sequence[str]:
    reading = read({path.name: path.read_bytes()}, {path.name: path.name}, path.name, {})
    return [text for _, text in reading.cells]


def _as_imported(source: str) -> str:
    """Return a source without what it does only when it is run as a script."""
    try:
        tree = ast.parse(source)
    except SyntaxError:  # as with `await` in a cell
        return source
    tree.body = [
        statement
        for statement in tree.body
        if not (isinstance(statement, ast.If) and "__name__" in ast.unparse(statement.test))
    ]
    return ast.unparse(tree)
