"""A picture shows what a submission's own training does, beside the reference's, and costs no points."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from in_process import grade_entries

from grader.candidate.launcher import ForkingParent
from grader.model import Feedback, Submission, SubmissionResult, TrainingPicture
from grader.resources import solution_path
from grader.settings import Settings

SOLUTION = (solution_path() / "perceptron.py").read_text(encoding="utf-8")
DERIVATIVE = "dz = da * self.activation.derivative(self.outputs)"


@pytest.fixture(scope="module")
def parent() -> Iterator[ForkingParent]:
    with ForkingParent() as running:
        yield running


def graded(parent: ForkingParent, text: str, settings: Settings) -> SubmissionResult:
    entry = Submission("ada", "ada.py", {"perceptron.py": text.encode()})
    (result,) = grade_entries([entry], parent, settings)
    return result


def picture_of(parent: ForkingParent, text: str) -> TrainingPicture | None:
    return graded(parent, text, Settings(pictures=True)).picture


def test_a_right_submission_learns_what_the_reference_learns(parent: ForkingParent) -> None:
    picture = picture_of(parent, SOLUTION)
    assert picture is not None
    assert picture.losses == pytest.approx(picture.due_losses)
    assert list(picture.due_losses) == sorted(picture.due_losses, reverse=True)
    assert picture.outputs == picture.due_outputs
    assert picture.correct == picture.due_correct == len(picture.examples)


def test_a_mistake_shows_in_the_picture(parent: ForkingParent) -> None:
    assert DERIVATIVE in SOLUTION
    picture = picture_of(
        parent, SOLUTION.replace(DERIVATIVE, "dz = -da * self.activation.derivative(self.outputs)")
    )
    assert picture is not None
    last = picture.losses[-1]
    assert last is None or last > picture.due_losses[0]
    assert picture.outputs != picture.due_outputs


@pytest.mark.parametrize("line", ["dz = 1 / 0", "dz = da @ da.T @ da.T", "while True: pass"])
def test_what_cannot_be_trained_has_no_picture(parent: ForkingParent, line: str) -> None:
    assert picture_of(parent, SOLUTION.replace(DERIVATIVE, line)) is None


@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        *(Settings(pictures=True, feedback=level) for level in Feedback if level is not Feedback.FULL),
    ],
)
def test_no_picture_is_made_unless_it_is_shown(parent: ForkingParent, settings: Settings) -> None:
    assert graded(parent, SOLUTION, settings).picture is None


@pytest.mark.parametrize("text", [SOLUTION, SOLUTION.replace(DERIVATIVE, "dz = da")])
def test_a_picture_changes_nothing_else(parent: ForkingParent, text: str) -> None:
    with_picture = graded(parent, text, Settings(pictures=True))
    assert replace(with_picture, picture=None) == graded(parent, text, Settings())


def test_only_what_a_page_shows_is_trained() -> None:
    of_one, of_all = Settings(pictures=True, pictures_of_classes=False), Settings(pictures=True)
    assert [of_one.for_submissions(count).pictures for count in (1, 2)] == [True, False]
    assert [of_all.for_submissions(count).pictures for count in (1, 2)] == [True, True]
    # A class without pictures has the results of any other class.
    assert of_one.for_submissions(2) == Settings().for_submissions(2)
