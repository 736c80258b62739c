"""If nbgrader runs notebooks itself, the cells ask the grader, and say that there was no sandbox."""

from __future__ import annotations

import copy
import os
import subprocess
import sys
from pathlib import Path

import pytest
from courses import Course, code_cell, filled, made

from grader.files import write_files
from grader.nbgrader.cells import NOTEBOOK
from grader.nbgrader.source import derive_source
from grader.rubric import default_rubric

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    course = made(tmp_path_factory.mktemp("courses") / "course", configured=False)
    released = course.released
    course.hand_in("right", filled(released))
    course.hand_in("skeleton", released)
    course.hand_in("wrong", filled(released, [("self.weights.T @ dz", "self.weights.T @ da")]))
    course.hand_in("hangs", filled(released, [("dz = da", "while True: pass\n        dz = da")]))
    planted = {f"{name}.py": "raise SystemExit\n" for name in ("utils", "numpy", "grader", "criteria")}
    course.hand_in("planted", filled(released), planted)
    no_grader = copy.deepcopy(released)
    no_grader["cells"].insert(1, code_cell("import sys\nsys.executable = '/nowhere/python'"))
    course.hand_in("no-grader", no_grader)
    course.run("nbgrader", "autograde", "perceptron")
    return course


@pytest.mark.parametrize(
    ("student", "score"), [("right", 100), ("planted", 100), ("wrong", 80), ("hangs", 25)]
)
def test_honest_submissions_get_their_points(course: Course, student: str, score: int) -> None:
    assert sum(points or 0 for points in course.points(student).values()) == score


@pytest.mark.parametrize("student", ["skeleton", "no-grader"])
def test_no_work_and_a_failed_call_get_0_points(course: Course, student: str) -> None:
    assert set(course.points(student).values()) == {0.0}


def test_each_cell_says_that_there_was_no_sandbox_and_what_that_means(course: Course) -> None:
    for cell in course.autograded("wrong")["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            shown, _points = cell["outputs"]
            assert "Graded without the sandbox" in "".join(shown["data"]["text/html"])
            assert "could have changed these points" in "".join(shown["data"]["text/plain"])


def test_in_a_finnish_course_the_cells_show_finnish(tmp_path: Path) -> None:
    source = derive_source(default_rubric(), "fi")
    notebook = source[NOTEBOOK].decode().replace("self.weights.T @ dz", "self.weights.T @ da")
    write_files(tmp_path, source | {NOTEBOOK: notebook.encode()}, force=False)
    script = "from criteria import grade\ngrade('backward.da_prev')"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=os.environ | {"NBGRADER_EXECUTION": "autograde"},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert "da_prev käyttää da:ta, vaikka siinä pitäisi olla dz" in done.stdout
    assert "Arvioitu ilman hiekkalaatikkoa" in done.stdout
