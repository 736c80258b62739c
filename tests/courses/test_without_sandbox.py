"""If nbgrader runs notebooks itself, the cells ask the grader, and say that there was no sandbox."""

from __future__ import annotations

import copy

import pytest
from courses import Course, code_cell, filled, made

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
