"""Measure what each law is good for: what it kills, what it alone kills, and with how many examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from random import Random
from typing import NamedTuple, TypeVar

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


class _Answers(NamedTuple):
    """All that one submission did."""

    candidate: Candidate
    """Closed, so that it can only say what it has read."""
    backward: object
    fit: object
    gradient_checks: object
    descents: object


def kills_with(
    exam: Exam, right: Submission, wrong: Sequence[Submission], laws: Sequence[str]
) -> dict[str, dict[int, int]]:
    """Return how many of ``wrong``, which all break ``laws``, each of these kills with few of its examples.

    A law that so few examples make fail for ``right`` too has killed nothing with them.
    """
    questions = exam.questions(exam.seed)
    own, others = _answers(right, questions), [_answers(one, questions) for one in wrong]
    chosen = [law for law in exam.laws if law.name in laws]
    found: dict[str, dict[int, int]] = {law.name: {} for law in chosen}
    for count in NUMBERS:
        for law in chosen:
            if _holds(law, _first(own, count), questions):
                killed = sum(not _holds(law, _first(one, count), questions) for one in others)
                found[law.name][count] = killed
            else:
                found[law.name][count] = 0
    return found


def _answers(submission: Submission, questions: Questions) -> _Answers:
    with closing(Candidate(submission, forking_parent(), TIMEOUTS, LIMITS)) as candidate:
        asked = Examination(candidate, questions, Feedback.SCORE)
        return _Answers(candidate, asked.backward, asked.fit, asked.gradient_checks, asked.descents)


def _first(answers: _Answers, count: int) -> _Answers:
    candidate, backward, fit, gradient, descents = answers
    if isinstance(backward, BackwardAnswers):
        families = {name: _some(family, count) for name, family in backward.families.items()}
        backward = BackwardAnswers(families)
    if isinstance(fit, FitAnswers):
        fit = FitAnswers(_some(fit.trainings, count))
    if isinstance(gradient, tuple):
        gradient = gradient[:count]
    if isinstance(descents, tuple):
        descents = descents[:count]
    return _Answers(candidate, backward, fit, gradient, descents)


def _some(items: Sequence[Item], count: int) -> list[Item]:
    """Return ``count`` of ``items``, spread over all sizes, always the same ones."""
    return Random(1).sample(list(items), min(count, len(items)))  # noqa: S311


def _holds(law: Law, answers: _Answers, questions: Questions) -> bool:
    candidate, *known = answers
    examination = Examination(candidate, questions, Feedback.SCORE)
    for name, answer in zip(answers._fields[1:], known, strict=True):
        setattr(examination, name, answer)
    try:
        law.test(examination)
    except pytest.fail.Exception:
        return False
    except pytest.skip.Exception:
        return True
    return True
