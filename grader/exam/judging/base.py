"""What the laws of all methods have in common: they are pytest tests, and show the simplest case."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar, cast

import pytest

from grader.exam.examination import Examination
from grader.exam.judging.failure import Failure
from grader.exam.questions.cases import BackwardCase, FitCase
from grader.exam.questions.families import Family
from grader.exam.questions.search import simplest
from grader.model import Feedback

__all__ = ["Judge", "Test", "as_test", "simplest_failure"]

Case = TypeVar("Case", BackwardCase, FitCase)
Answer = TypeVar("Answer")
Judge = Callable[[Examination], Failure | None]
Test = Callable[[Examination], None]

_SIGNATURE = inspect.Signature([inspect.Parameter("examination", inspect.Parameter.POSITIONAL_OR_KEYWORD)])


def as_test(criterion: str, formula: Callable[..., Any], judge: Judge) -> Test:
    """Return the pytest test, named and documented as ``formula``, that fails if ``judge`` returns a failure."""

    @pytest.mark.criterion(criterion)
    @wraps(formula)
    def test(examination: Examination) -> None:
        found = judge(examination)
        if found is not None:
            examination.fail(formula.__name__.removeprefix("test_"), found)

    # Else pytest would look for fixtures named as the parameters of the formula.
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
    of those have one status, so has the one returned; it is clear if one of them is. Any will do if nobody wants to
    see the numbers.
    """
    failures = [failure for failure in known.values() if failure is not None]
    statuses = {failure.status for failure in failures}
    if not failures or (len(statuses) == 1 and examination.feedback is Feedback.SCORE):
        return next(iter(failures), None)
    is_clear = any(failure.is_clear for failure in failures)

    def alike(failure: Failure | None) -> Failure | None:
        if failure is None or len(statuses) > 1:
            return failure
        return failure if failure.status in statuses and failure.is_clear >= is_clear else None

    def asked(case: Case) -> Failure | None:
        """Judge one more case; raises ``LookupError`` if the candidate does not survive it."""
        answer = ask(case)
        if isinstance(answer, Failure):
            raise LookupError
        return alike(find(answer))

    judged = {case: alike(failure) for case, failure in known.items()}
    return simplest(family.simpler, judged, asked, examination.questions.seed)
