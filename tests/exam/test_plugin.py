"""A criterion is reported the same way while the exam runs as in the result."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.candidate.launcher import ForkingParent
from grader.examiner import Settings, examine_entries, read_entries
from grader.model import CriterionResult, Feedback, Submission, SubmissionStatus
from grader.resources import solution_path
from grader.rubric import Rubric, default_rubric

SUBMISSIONS = Path(__file__).parents[1] / "submissions"
PATHS = [
    solution_path() / "perceptron.py",
    SUBMISSIONS / "wrong/updated-before-da_prev/in_place.py",
    SUBMISSIONS / "partial/backward_is_empty.py",
]


@pytest.mark.parametrize("feedback", Feedback)
def test_each_criterion_is_reported_early_as_in_the_result(feedback: Feedback) -> None:
    reported: dict[str, dict[str, CriterionResult]] = {}

    def note(submission: Submission, criterion: CriterionResult) -> None:
        assert criterion.id not in reported.setdefault(submission.path, {})
        reported[submission.path][criterion.id] = criterion

    settings = Settings(feedback=feedback)
    with ForkingParent() as parent:
        entries = read_entries(PATHS)
        results = list(examine_entries(entries, parent, settings, note))
    assert reported == {result.path: {c.id: c for c in result.criteria} for result in results}
    assert len(reported) == len(PATHS)


def test_no_criterion_of_an_unreadable_submission_is_reported(tmp_path: Path) -> None:
    (tmp_path / "empty.py").write_text("import numpy as np\n")
    reported: list[str] = []
    settings = Settings()
    with ForkingParent() as parent:
        entries = read_entries([tmp_path / "empty.py"])
        (result,) = examine_entries(
            entries, parent, settings, lambda _s, criterion: reported.append(criterion.id)
        )
    assert result.status is SubmissionStatus.UNREADABLE
    assert reported == []


def test_a_law_whose_criterion_is_not_in_the_rubric_counts_for_nothing() -> None:
    points = {id_: value for id_, value in default_rubric().points.items() if id_ != "fit.loss"}
    settings, reported = Settings(rubric=Rubric(points)), set[str]()
    with ForkingParent() as parent:
        entries = read_entries(PATHS[:1])
        (result,) = examine_entries(
            entries, parent, settings, lambda _s, criterion: reported.add(criterion.id)
        )
    assert result.score == result.max_score == 95.0
    assert reported == set(points)
