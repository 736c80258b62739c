"""Everybody gets feedback, and its page loads nothing and runs nothing that a student put into a notebook."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import elsewhere
import pytest
from courses import Course, code_cell, filled, made
from hostile_notebooks import (
    ODD,
    PASTED,
    PICTURE,
    PLANTED_PAGE,
    everything_planted,
    in_cells_of_each_kind,
    metadata_of_any_type,
    with_cells,
    with_pictures,
)

if TYPE_CHECKING:
    from chromium import Chromium

pytestmark = pytest.mark.slow

FULL = 100.0
LANDLOCK = "landlock_create_ruleset,landlock_add_rule,landlock_restrict_self"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course in which everybody has handed in, autograded, with feedback."""
    course = made(tmp_path_factory.mktemp("courses") / "course")
    released = course.released
    course.hand_in("pasted", with_pictures(released))
    course.hand_in("odd", in_cells_of_each_kind(released, ODD))
    course.hand_in("planted", everything_planted(released), {"planted.html": PLANTED_PAGE})
    course.hand_in("metadata", metadata_of_any_type(released))
    course.hand_in("many", b'{"cells": [' + b"{}," * (19 * 10**6 // 3) + b"{}]}")
    course.hand_in("deep", b"[" * 10**7)
    right = with_cells(released, *(code_cell("x = 1") for _ in range(20_000)))
    course.hand_in("long", json.dumps(right, separators=(",", ":")).encode())
    course.hand_in("right", filled(released))
    # The tests find out who has no score or no page.
    course.run("nbgrader", "autograde", "perceptron", code=None)
    course.run("nbgrader", "generate_feedback", "perceptron", code=None)
    return course


def page_of(course: Course, student: str) -> Path:
    return course.folder / "feedback" / student / "perceptron" / "perceptron.html"


@pytest.mark.parametrize("student", ["pasted", "odd", "metadata", "long", "right"])
def test_the_score_is_that_of_the_code_whatever_else_is_in_the_notebook(course: Course, student: str) -> None:
    assert sum(points or 0 for points in course.points(student).values()) == FULL


def test_pictures_that_were_pasted_are_shown(course: Course, chromium: Chromium) -> None:
    with chromium.visit(page_of(course, "pasted").as_uri()) as visit:
        pictures = visit.page.locator(".text_cell_render img").evaluate_all(
            "all => all.map(each => [each.src, each.naturalWidth])"
        )
    assert pictures == [[f"data:image/png;base64,{PICTURE}", 1]] * len(PASTED)


@pytest.mark.parametrize("student", ["pasted", "odd", "planted", "metadata", "many", "deep", "long"])
def test_a_page_of_feedback_loads_nothing_and_runs_nothing_that_a_student_wrote(
    course: Course, chromium: Chromium, student: str
) -> None:
    with chromium.visit(page_of(course, student).as_uri()) as visit:
        visit.page.wait_for_load_state("networkidle")
        assert [request for request in visit.requests if "planted" in request.rpartition("/")[2]] == []
        assert [complaint for complaint in visit.complaints if "planted" in complaint] == []


def test_links_that_a_student_wrote_lead_to_the_web_or_nowhere(course: Course, chromium: Chromium) -> None:
    with chromium.visit(page_of(course, "planted").as_uri()) as visit:
        links = visit.page.locator("#notebook-container a[href]").evaluate_all(
            "all => all.map(each => each.href)"
        )
        page = visit.page.url
    assert "https://example.org/a_(b)?c=d#e" in links
    elsewhere = [link for link in links if not link.startswith(f"{page}#")]
    assert [link for link in elsewhere if not link.startswith(("https://", "http://"))] == []


def test_without_isolation_nothing_is_recorded_and_nbgrader_says_why(tmp_path: Path) -> None:
    course = made(tmp_path / "course")
    course.hand_in("right", filled(course.released))
    autograde = [str(Path(sys.executable).with_name("nbgrader")), "autograde", "perceptron"]
    said = course.run("python", elsewhere.__file__, LANDLOCK, "--", *autograde, code=1).stderr
    assert "grader.errors.UngradedError: the isolation needs landlock" in said
    assert set(course.points("right").values()) == {None}
    assert not (course.folder / "autograded/right/perceptron").exists()
