"""Measure what each law is good for: what it kills, what it alone kills, and with how many examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from random import Random
from typing import TypeVar

import pytest

from grader.audit.exam import Exam, Law
from grader.audit.judging import LIMITS, TIMEOUTS, forking_parent
from grader.audit.records import LawStrength, MutantResult, Trial
from grader.candidate.client import Candidate
from grader.exam.answers import BackwardAnswers, FitAnswers
from grader.exam.examination import Examination
from grader.exam.questions.questions import Questions
from grader.model import Feedback, Submission

__all__ = ["NUMBERS", "Curves", "kills_with", "strengths"]

Item = TypeVar("Item")

NUMBERS = (1, 2, 3, 5, 8, 12, 20, 40)
"""The numbers of examples that are tried, of each family."""
Curves = Mapping[str, Mapping[int, int]]
"""For each law, how many of the sample it kills with so many examples."""


def strengths(
    laws: Sequence[Law], trials: Sequence[Trial], mutants: Sequence[MutantResult], curves: Curves
) -> tuple[LawStrength, ...]:
    """Return how much work each of ``laws`` does, of all that were broken by mistakes and mutants."""
    criterion_of = {law.name: law.criterion for law in laws}
    everything = [*(one.broken for one in trials), *(one.broken for one in mutants)]
    wrong = [set(broken) for broken in everything if broken]
    found = []
    for law in laws:
        kills = [broken for broken in wrong if law.name in broken]
        found.append(
            LawStrength(
                law.name,
                law.criterion,
                len(kills),
                sum(len(broken) == 1 for broken in kills),
                sum({criterion_of[name] for name in broken} == {law.criterion} for broken in kills),
                {str(count): killed for count, killed in curves.get(law.name, {}).items()},
            )
        )
    return tuple(found)


_Answers = Mapping[str, object]
"""What one submission did, by the attributes of an `Examination`."""
_METHODS = ("backward", "fit")
_EVERYTHING = (*_METHODS, "gradient_checks", "descents")


def kills_with(exam: Exam, right: Submission, wrong: Sequence[Submission], law: Law) -> dict[int, int]:
    """Return how many of ``wrong``, which all break ``law``, it kills with few of its examples.

    If so few examples make the law fail for ``right`` too, it has killed nothing with them.
    """
    questions = exam.questions(exam.seed)
    own, *others = (_answers(one, law, questions) for one in (right, *wrong))
    found = {}
    for count in NUMBERS:
        is_sound = _holds(law, own, count, questions)
        found[count] = sum(is_sound and not _holds(law, one, count, questions) for one in others)
    return found


def _answers(submission: Submission, law: Law, questions: Questions) -> tuple[Candidate, _Answers]:
    method = law.criterion.partition(".")[0]
    with closing(Candidate(submission, forking_parent(), TIMEOUTS, LIMITS)) as candidate:
        asked = Examination(candidate, questions, Feedback.SCORE)
        names = (method,) if method in _METHODS else _EVERYTHING
        return candidate, {name: getattr(asked, name) for name in names}


def _first(answer: object, count: int) -> object:
    """Return ``count`` of the examples of an answer, of each family."""
    if isinstance(answer, BackwardAnswers):
        return BackwardAnswers({name: _some(family, count) for name, family in answer.families.items()})
    if isinstance(answer, FitAnswers):
        return FitAnswers(_some(answer.trainings, count))
    return answer[:count] if isinstance(answer, tuple) else answer


def _some(items: Sequence[Item], count: int) -> list[Item]:
    """Return ``count`` of ``items``, spread over all sizes, always the same ones."""
    return Random(1).sample(list(items), min(count, len(items)))  # noqa: S311


def _holds(law: Law, asked: tuple[Candidate, _Answers], count: int, questions: Questions) -> bool:
    candidate, answers = asked
    # The candidate is closed, and can only say what it has read.
    examination = Examination(candidate, questions, Feedback.SCORE)
    examination.searches = False
    for name, answer in answers.items():
        # A whole network is judged only if something in each method is right, and that takes all their examples.
        is_whole = law.trains_networks and name in _METHODS
        setattr(examination, name, answer if is_whole else _first(answer, count))
    try:
        law.test(examination)
    except pytest.fail.Exception:
        return False
    except pytest.skip.Exception:
        return True
    return True
