"""What is told of a criterion while the others are still judged is what the report will say of it."""

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
def test_each_criterion_is_told_as_it_is_reported(feedback: Feedback) -> None:
    told: dict[str, dict[str, CriterionResult]] = {}

    def note(submission: Submission, criterion: CriterionResult) -> None:
        assert criterion.id not in told.setdefault(submission.path, {})
        told[submission.path][criterion.id] = criterion

    settings = Settings(feedback=feedback)
    with ForkingParent() as parent:
        entries = read_entries(PATHS)
        results = list(examine_entries(entries, parent, settings, note))
    assert told == {result.path: {c.id: c for c in result.criteria} for result in results}
    assert len(told) == len(PATHS)


def test_nothing_is_told_of_what_cannot_be_examined(tmp_path: Path) -> None:
    (tmp_path / "empty.py").write_text("import numpy as np\n")
    told: list[str] = []
    settings = Settings()
    with ForkingParent() as parent:
        entries = read_entries([tmp_path / "empty.py"])
        (result,) = examine_entries(
            entries, parent, settings, lambda _s, criterion: told.append(criterion.id)
        )
    assert result.status is SubmissionStatus.UNREADABLE
    assert told == []


def test_a_law_of_a_criterion_that_is_in_no_rubric_counts_for_nothing() -> None:
    points = {id_: mark for id_, mark in default_rubric().points.items() if id_ != "fit.loss"}
    settings, told = Settings(rubric=Rubric(points)), set[str]()
    with ForkingParent() as parent:
        entries = read_entries(PATHS[:1])
        (result,) = examine_entries(entries, parent, settings, lambda _s, criterion: told.add(criterion.id))
    assert result.score == result.max_score == 95.0
    assert told == set(points)
