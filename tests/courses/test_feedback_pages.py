"""Everybody gets feedback, and its page loads nothing and runs nothing that a student put into a notebook."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

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

from grader.nbgrader.cells import cell_name
from grader.rubric import default_rubric

if TYPE_CHECKING:
    from chromium import Chromium

PHONE, DESKTOP = (360, 740), (1280, 900)

pytestmark = pytest.mark.slow

FULL = 100.0
DERIVATIVE = ("dz = da * self.activation.derivative(self.outputs)", "dz = da")
"""A line of the solution, and a mistake in its place."""
MOST_PIXELS = 2400
"""The height of a page about one mistake, in CSS pixels; with nbgrader's template it has more than 7000."""
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
    course.hand_in("wrong", filled(released, [DERIVATIVE]))
    # The tests find out who has no score or no page.
    course.run("nbgrader", "autograde", "perceptron", code=None)
    course.run("nbgrader", "generate_feedback", "perceptron", code=None)
    return course


def page_of(course: Course, student: str) -> Path:
    return course.folder / "feedback" / student / "perceptron" / "perceptron.html"


@pytest.mark.parametrize("student", ["pasted", "odd", "metadata", "long", "right"])
def test_the_score_is_that_of_the_code_whatever_else_is_in_the_notebook(course: Course, student: str) -> None:
    assert sum(points or 0 for points in course.points(student).values()) == FULL


def test_a_page_names_the_criteria_and_folds_away_what_was_given(course: Course, chromium: Chromium) -> None:
    with chromium.visit(page_of(course, "wrong").as_uri()) as visit:
        names = visit.page.locator("nav a").all_inner_texts()
        assert [name for name in names if "." in name] == list(default_rubric().points)
        text = visit.page.locator("body").inner_text()
        assert "perceptron: 70 of 100 points" in text
        assert not any(noise in text for noise in ("from criteria import grade", "Out[", "Test cell"))
        assert "dz should be da ⊙ f′(z)" in text
        assert visit.page.evaluate("document.documentElement.scrollHeight") <= MOST_PIXELS
        given = visit.page.get_by_role("heading", name="Train a multilayer perceptron from scratch")
        assert not given.is_visible()
        visit.page.locator("details.given summary").first.click()
        assert given.is_visible()


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_read_a_page_of_feedback(
    course: Course, chromium: Chromium, scheme: Literal["light", "dark"], size: tuple[int, int]
) -> None:
    with chromium.visit(page_of(course, "wrong").as_uri(), scheme=scheme, size=size) as visit:
        visit.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        assert visit.violations() == []
        assert visit.page.evaluate("document.documentElement.scrollWidth") == size[0]
        assert (visit.requests, visit.complaints) == ([visit.page.url], [])


def test_points_alone_leave_a_page_with_the_total(tmp_path: Path) -> None:
    course = made(tmp_path / "course")
    with (course.folder / "nbgrader_config.py").open("a") as config:
        config.write('get_config().SandboxGrade.feedback = "score"\n')
    course.hand_in("wrong", filled(course.released, [DERIVATIVE]))
    course.run("nbgrader", "autograde", "perceptron")
    course.run("nbgrader", "generate_feedback", "perceptron")
    page = page_of(course, "wrong").read_text(encoding="utf-8")
    assert "perceptron: 70 of 100 points" in page
    assert not any(cell_name(name) in page for name in default_rubric().points)
    assert "dz should be da" not in page
    assert course.points("wrong")["backward.dz"] == 0.0
    assert course.comment("wrong", "layer") is None


def test_pictures_that_were_pasted_are_shown(course: Course, chromium: Chromium) -> None:
    with chromium.visit(page_of(course, "pasted").as_uri()) as visit:
        pictures = visit.page.locator("main img").evaluate_all(
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
        links = visit.page.locator("main a[href]").evaluate_all("all => all.map(each => each.href)")
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
