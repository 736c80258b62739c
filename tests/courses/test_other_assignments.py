"""A course with the exercise in it runs the notebooks of its other assignments as before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from courses import Course, code_cell, made
from nbgrader.api import Gradebook

pytestmark = pytest.mark.slow


def cell(source: str, name: str, **described: Any) -> dict[str, Any]:
    flags = {"schema_version": 3, "grade": False, "locked": False, "solution": False, "task": False}
    return code_cell(source, nbgrader={**flags, "grade_id": name, **described})


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    course = made(tmp_path_factory.mktemp("courses") / "course")
    source = course.folder / "source/other"
    source.mkdir()
    cells = [
        cell("### BEGIN SOLUTION\nx = 1\n### END SOLUTION", "x", solution=True),
        cell("assert x == 1", "test-x", grade=True, locked=True, points=2),
    ]
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    notebook = {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    (source / "other.ipynb").write_text(json.dumps(notebook))
    course.run("nbgrader", "generate_assignment", "other")
    for student, answer in (("right", "x = 1"), ("wrong", "x = 2")):
        folder = course.folder / "submitted" / student / "other"
        folder.mkdir(parents=True)
        text = (course.folder / "release/other/other.ipynb").read_text()
        done = json.loads(text)
        done["cells"][0]["source"] = answer
        Path(folder, "other.ipynb").write_text(json.dumps(done))
    return course


def points(course: Course, student: str) -> float | None:
    with Gradebook(course.database) as gradebook:
        score: float | None = gradebook.find_grade("test-x", "other", "other", student).auto_score
        return score


def test_their_notebooks_are_run(course: Course) -> None:
    course.run("nbgrader", "autograde", "other")
    assert (points(course, "right"), points(course, "wrong")) == (2.0, 0.0)


def test_settings_of_execute_hold_for_them(course: Course) -> None:
    course.run("nbgrader", "autograde", "other", "--student=wrong", "--force", "--no-execute")
    assert points(course, "wrong") == 2.0, "nbgrader gives full marks to a cell without output"
