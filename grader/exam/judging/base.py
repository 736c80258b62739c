"""Turn formulas into pytest tests, and search for the simplest case in which one fails."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar, cast

import pytest

from grader.exam.examination import Examination
from grader.exam.laws.findings import Failure
from grader.exam.questions.cases import BackwardCase, FitCase
from grader.exam.questions.families import Family
from grader.model import Feedback

__all__ = ["Test", "as_test", "simplest_failure"]

Case = TypeVar("Case", BackwardCase, FitCase)
Answer = TypeVar("Answer")
Test = Callable[[Examination], None]

_SIGNATURE = inspect.Signature([inspect.Parameter("examination", inspect.Parameter.POSITIONAL_OR_KEYWORD)])
_NEW_CASES = 120
"""New cases that are asked in one search; a search is bounded by counts, never by a clock."""
_EXAMPLES = 80


def as_test(
    criterion: str, formula: Callable[..., Any], judge: Callable[[Examination], Failure | None]
) -> Test:
    """Return the pytest test, named and documented as ``formula``, that fails if ``judge`` returns a failure."""

    @pytest.mark.criterion(criterion)
    @wraps(formula)
    def test(examination: Examination) -> None:
        found = judge(examination)
        if found is not None:
            examination.fail(formula.__name__.removeprefix("test_"), found)

    # Otherwise pytest would look for fixtures named as the parameters of the formula.
    test.__dict__["__signature__"] = _SIGNATURE
    return cast("Test", test)


def simplest_failure(
    examination: Examination,
    family: Family[Case],
    known: Mapping[Case, Failure | None],
    ask: Callable[[Case], Answer | Failure],
    find: Callable[[Answer], Failure | None],
) -> Failure | None:
    """Return the failure in the simplest case of ``family`` that has one, or ``None`` if no case does.

    ``known`` has the failures in the cases that were asked already; ``find`` judges the answer in another one. If all
    of them have one status, the result has it too; it is clear if one of them is. If the numbers will not be shown,
    any failure will do.
    """
    failures = [failure for failure in known.values() if failure is not None]
    statuses = {failure.status for failure in failures}
    is_enough = len(statuses) == 1 and examination.feedback is not Feedback.FULL
    if not failures or is_enough or not examination.searches:
        return next(iter(failures), None)
    is_clear = any(failure.is_clear for failure in failures)

    def alike(failure: Failure | None) -> Failure | None:
        if failure is None or len(statuses) > 1:
            return failure
        return failure if failure.status in statuses and failure.is_clear >= is_clear else None

    memory = {case: alike(failure) for case, failure in known.items()}
    first = next(failure for failure in memory.values() if failure is not None)
    left = _NEW_CASES

    def fails(case: Case) -> bool:
        nonlocal left
        if case not in memory and left > 0:
            left -= 1
            answer = ask(case)
            if isinstance(answer, Failure):  # The candidate did not survive this case.
                left = 0
            else:
                memory[case] = alike(find(answer))
        return memory.get(case) is not None

    from grader.exam.questions.sampling import shrink  # noqa: PLC0415 - imports Hypothesis

    case = shrink(family.simpler(), fails, _EXAMPLES, examination.questions.seed)
    return first if case is None else memory[case]
