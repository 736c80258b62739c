"""Decide how much of a result is told at each level of feedback.

This is the one place that does. Grading and every report go through it, and none can tell more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from msgspec import structs

from grader.model import CriterionResult, Diagnosis, Feedback, Finding, Message, SubmissionResult

__all__ = ["disclosed", "disclosed_criterion", "for_instructors", "without_repairs"]

_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?:e[-+]?\d+)?")
_Sentence = TypeVar("_Sentence", bound=Message | None)


def disclosed(result: SubmissionResult, level: Feedback, *, repairs: bool = False) -> SubmissionResult:
    """Return what a student may be told of ``result`` at a ``level``.

    The score stays at every level, and with it the reason why there is none or a 0. Repaired lines are left out unless
    ``repairs`` are wanted, which are for instructors alone.
    """
    if level is Feedback.SCORE:
        return replace(result, criteria=(), diagnoses=(), output="", picture=None)
    shown = for_instructors(result, level)
    if repairs:
        return shown
    return replace(shown, diagnoses=without_repairs(shown.diagnoses))


def without_repairs(diagnoses: Iterable[Diagnosis]) -> tuple[Diagnosis, ...]:
    """Return the diagnoses without the repaired lines."""
    return tuple(structs.replace(one, repair="") for one in diagnoses)


def for_instructors(result: SubmissionResult, level: Feedback) -> SubmissionResult:
    """Return what tables for instructors show of ``result``: the points of the criteria at every level, and repairs."""
    return replace(
        result,
        criteria=tuple(disclosed_criterion(criterion, level) for criterion in result.criteria),
        diagnoses=tuple(_diagnosis(one, level) for one in result.diagnoses) if level.names_mistakes else (),
    )


def disclosed_criterion(criterion: CriterionResult, level: Feedback) -> CriterionResult:
    """Return a verdict with as much of its finding as is told at a ``level``: for a hint, the sentence alone."""
    if criterion.finding is None or level is Feedback.FULL:
        return criterion
    says = _without_numbers(criterion.finding.says) if level is Feedback.HINT else None
    return replace(criterion, finding=None if says is None else Finding(criterion.finding.law, says))


def _diagnosis(diagnosis: Diagnosis, level: Feedback) -> Diagnosis:
    if level is Feedback.FULL:
        return diagnosis
    return structs.replace(
        diagnosis,
        seen=_without_constants(diagnosis.seen, diagnosis.due),
        says=_without_numbers(diagnosis.says),
        place=None,
        excerpt=None,
        repair="",
    )


def _without_constants(seen: str, due: str) -> str:
    """Return a formula with ``…`` in place of the numbers that were measured, which the right one does not have."""
    usual = {"0", "1", *_NUMBER.findall(due)}
    return _NUMBER.sub(lambda number: number[0] if number[0] in usual else "…", seen)


def _without_numbers(says: _Sentence) -> _Sentence | None:
    """Return a sentence if its values are words alone, such as the type of an exception."""
    return None if says is None or any(map(_is_telling, says.values.values())) else says


def _is_telling(value: str | float | Message) -> bool:
    match value:
        case Message():
            return _has_digits(value.id) or any(map(_is_telling, value.values.values()))
        case str():
            return _has_digits(value)
        case _:
            return True


def _has_digits(text: str) -> bool:
    return any(character.isnumeric() for character in text)
