"""Let the exam judge one solution after another, without pytest and without searching for simple cases."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from functools import cache

import pytest

from grader.audit.exam import Exam
from grader.candidate.client import Candidate, Ended
from grader.candidate.launcher import ForkingParent, Limits, Timeouts
from grader.errors import DisturbedError, UnreadableError
from grader.exam.answers import BackwardAnswers, FitAnswers
from grader.exam.examination import Examination
from grader.exam.laws.findings import Failure
from grader.exam.questions.questions import Questions
from grader.model import Feedback, Submission

__all__ = ["LIMITS", "TIMEOUTS", "Known", "Verdict", "forking_parent", "judge", "known_answers"]

TIMEOUTS, LIMITS = Timeouts(request=2.0, total=20.0), Limits()
"""Ours answer in a fraction of a second, so a mutant that never ends need not be waited for as long as a student's."""


@dataclass(frozen=True)
class Verdict:
    """Which laws of the exam a subject breaks."""

    broken: tuple[str, ...]
    """The names of the laws."""
    lost: tuple[str, ...]
    """The criteria that earn nothing, in the order of the rubric."""
    earned: tuple[str, ...]
    """The criteria that hold."""
    score: float
    is_complete: bool = True
    """Whether all laws have judged; otherwise those of whole networks were left out."""


@dataclass(frozen=True)
class Known:
    """What a right solution did, for mutants that differ from it in the other method alone."""

    backward: BackwardAnswers | Failure | None = None
    fit: FitAnswers | Failure | None = None


@cache
def forking_parent() -> ForkingParent:
    """Return the forking parent of this process."""
    return ForkingParent()


def judge(
    submission: Submission,
    exam: Exam,
    questions: Questions,
    known: Known | None = None,
    *,
    is_brief: bool = False,
) -> Verdict:
    """Return the exam's verdict on ``submission``.

    ``known`` has the answers of a method that is known to be that of another solution. If it ``is_brief``, laws of
    whole networks are judged only if all others hold.
    """
    try:
        return _judged(submission, exam, questions, known or Known(), is_brief=is_brief)
    except DisturbedError:
        return _judged(submission, exam, questions, known or Known(), is_brief=is_brief)


def known_answers(submission: Submission, questions: Questions) -> tuple[Known, Known]:
    """Return what ``submission`` did in ``backward`` alone, and in ``fit`` alone."""
    with closing(Candidate(submission, forking_parent(), TIMEOUTS, LIMITS)) as candidate:
        examination = Examination(candidate, questions, Feedback.SCORE)
        return Known(backward=examination.backward), Known(fit=examination.fit)


def _judged(
    submission: Submission, exam: Exam, questions: Questions, known: Known, *, is_brief: bool
) -> Verdict:
    broken: list[str] = []
    judged: set[str] = set()
    failed: set[str] = set()
    is_complete = True
    with closing(Candidate(submission, forking_parent(), TIMEOUTS, LIMITS)) as candidate:
        examination = Examination(candidate, questions, Feedback.SCORE)
        examination.searches = False
        if known.backward is not None:
            examination.backward = known.backward
        if known.fit is not None:
            examination.fit = known.fit
        try:
            is_empty = not examination.loaded.classes
        except (Ended, UnreadableError):
            is_empty = True
        for law in exam.laws:
            if is_empty:
                failed.add(law.criterion)
                continue
            if is_brief and broken and law.trains_networks:
                is_complete = False
                continue
            try:
                law.test(examination)
            except pytest.fail.Exception:
                broken.append(law.name)
                failed.add(law.criterion)
            except pytest.skip.Exception:
                continue
            judged.add(law.criterion)
    lost = tuple(id_ for id_ in exam.rubric.points if id_ in failed or (id_ not in judged and is_complete))
    earned = tuple(id_ for id_ in exam.rubric.points if id_ in judged and id_ not in failed)
    return Verdict(tuple(broken), lost, earned, exam.rubric.score(earned), is_complete)
