"""A criterion is reported in the same way during the exam and in the result."""

from __future__ import annotations

from pathlib import Path

import pytest
from in_process import grade_entries, read_submissions

from grader.candidate.launcher import ForkingParent
from grader.grading.progress import Progress
from grader.model import CriterionResult, Feedback, Submission, SubmissionStatus
from grader.resources import solution_path
from grader.rubric import Rubric, default_rubric
from grader.settings import Settings

SUBMISSIONS = Path(__file__).parents[1] / "submissions"
PATHS = [
    solution_path() / "perceptron.py",
    SUBMISSIONS / "wrong/updated-before-da_prev/in_place.py",
    SUBMISSIONS / "partial/backward_is_empty.py",
]


class Criteria(Progress):
    """Remembers which criteria were reported."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def judged(self, submission: Submission, criterion: CriterionResult) -> None:  # noqa: ARG002
        self.told.append(criterion.id)


@pytest.mark.parametrize("feedback", Feedback)
def test_each_criterion_is_reported_early_as_in_the_result(feedback: Feedback) -> None:
    told: dict[str, dict[str, CriterionResult]] = {}

    class Told(Progress):
        def judged(self, submission: Submission, criterion: CriterionResult) -> None:
            assert criterion.id not in told.setdefault(submission.path, {})
            told[submission.path][criterion.id] = criterion

    settings = Settings(feedback=feedback)
    with ForkingParent() as parent:
        entries = read_submissions(PATHS)
        results = grade_entries(entries, parent, settings, Told())
    assert told == {result.path: {c.id: c for c in result.criteria} for result in results}
    assert len(told) == len(PATHS)


def test_no_criterion_of_an_unreadable_submission_is_reported(tmp_path: Path) -> None:
    (tmp_path / "empty.py").write_text("import numpy as np\n")
    progress = Criteria()
    settings = Settings()
    with ForkingParent() as parent:
        entries = read_submissions([tmp_path / "empty.py"])
        (result,) = grade_entries(entries, parent, settings, progress)
    assert result.status is SubmissionStatus.UNREADABLE
    assert progress.told == []


def test_a_law_whose_criterion_is_not_in_the_rubric_counts_for_nothing() -> None:
    points = {id_: mark for id_, mark in default_rubric().points.items() if id_ != "fit.loss"}
    settings, progress = Settings(rubric=Rubric(points)), Criteria()
    with ForkingParent() as parent:
        entries = read_submissions(PATHS[:1])
        (result,) = grade_entries(entries, parent, settings, progress)
    assert result.score == result.max_score == 95.0
    assert set(progress.told) == set(points)
