"""Argue by machine that a mutant is equivalent: it does what its right solution does, on thousands of drawn cases.

The cases are other ones than the exam's, and mostly smaller: what differs at all differs on many of them. A mutant
that visits the examples in another order, which the contract allows, is compared with the right solution on examples in
that order: in each case it must do what the right solution does in one of the orders.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import cache, cached_property
from random import Random
from typing import Any

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from grader.audit.judging import LIMITS, forking_parent
from grader.candidate.client import Candidate, Ended
from grader.candidate.launcher import ForkingParent, Timeouts
from grader.candidate.request import Request
from grader.exam.questions.cases import BackwardCase, FitCase, Numbers, Step
from grader.model import Submission
from grader.protocol.activations import ACTIVATIONS

__all__ = ["CASES", "Argument", "equivalence"]

Floats = NDArray[np.float64]
Answer = tuple[Sequence[Mapping[str, Any]], Floats]
"""The descriptions of the cases in a reply, and its numbers."""

CASES = 10_000
_PART = 500
"""Cases in one request."""
_SEED = 1
_ATTEMPTS = 2
_TIMEOUTS = Timeouts(20.0, 300.0)
_SAME = 1e-9
"""How far two numbers may be apart, as a fraction of the largest one of the request: rounding, and nothing else."""
_EIGHTHS = tuple(n / 8 for n in range(-16, 17) if n)


@dataclass(frozen=True)
class Argument:
    """Whether a mutant is equivalent to its right solution, and why."""

    is_equivalent: bool
    cases: int
    """In so many drawn cases it did the same; after a difference none are tried."""
    in_its_order: bool = False
    """Whether the right solution was given the examples in the order that the mutant takes them in."""


def equivalence(
    base: Submission, mutants: Sequence[Submission], method: str, count: int = CASES
) -> list[Argument]:
    """Compare ``mutants`` of ``base`` with it, on ``count`` drawn cases of ``method``."""
    parts = _parts(method, count)
    # They take turns, and a forking parent has one candidate at a time.
    with ForkingParent() as another, closing(_Answerer(base, another)) as right:
        due = cache(right.answer)
        return [_argument(mutant, parts, due) for mutant in mutants]


def _argument(
    mutant: Submission, parts: Sequence[_Part], due: Callable[[Request[Answer]], Answer | None]
) -> Argument:
    same, in_its_order = 0, False
    with closing(_Answerer(mutant, forking_parent())) as other:
        for part in parts:
            first, *others = part.requests
            seen = other.answer(first)
            if not _is_same(seen, due(first)):
                if not (others and _is_same_in_some_order(seen, [due(each) for each in part.requests])):
                    return Argument(False, same)
                in_its_order = True
            same += len(part.cases)
    return Argument(True, same, in_its_order)


@dataclass(frozen=True, eq=False)
class _Part:
    """Cases that are asked together."""

    method: str
    cases: Sequence[Any]

    @cached_property
    def requests(self) -> Sequence[Request[Answer]]:
        """The request for the cases, and for ``fit`` one for each other order of their examples."""
        # There are at most two examples, so the only other order is the reverse.
        orders = [self.cases, *([list(map(_reversed, self.cases))] if self.method == "fit" else [])]
        return [_request(self.method, cases) for cases in orders]


def _reversed(case: FitCase) -> FitCase:
    return replace(case, rows=case.rows[::-1], labels=case.labels[::-1])


class _Answerer:
    """Asks one solution, once more if it gives no answer, and says ``None`` if it gives none again."""

    def __init__(self, submission: Submission, parent: ForkingParent) -> None:
        self._candidate = Candidate(submission, parent, _TIMEOUTS, LIMITS)

    def answer(self, request: Request[Any]) -> Any:
        for _ in range(_ATTEMPTS):
            with suppress(Ended):
                return self._candidate.ask(request)
        return None

    def close(self) -> None:
        self._candidate.close()


def _request(method: str, cases: Sequence[Any]) -> Request[Answer]:
    headers = [case.header() for case in cases]
    arrays = [numbers for case in cases for numbers in case.arrays()]
    return Request(method, headers, arrays, lambda header, flat: (header["cases"], flat))


def _is_same(seen: Answer | None, due: Answer | None) -> bool:
    if seen is None or due is None or seen[0] != due[0] or seen[1].size != due[1].size:
        return False
    return bool(_close(seen, due).all())


def _is_same_in_some_order(seen: Answer | None, orders: Sequence[Answer | None]) -> bool:
    """Tell whether each case of ``seen`` is as in one of the answers ``orders``."""
    answers = [answer for answer in (seen, *orders) if answer is not None]
    sizes = {tuple(case["size"] for case in answer[0]) for answer in answers}
    if seen is None or len(answers) <= len(orders) or len(sizes) > 1:
        return False
    starts = np.cumsum((0, *sizes.pop()[:-1]))
    same = [
        np.logical_and.reduceat(_close(seen, due), starts)
        & [case == other for case, other in zip(seen[0], due[0], strict=True)]
        for due in answers[1:]
    ]
    return bool(np.logical_or.reduce(same).all())


def _close(seen: Answer, due: Answer) -> NDArray[np.bool_]:
    leave = _SAME * float(np.nanmax(np.abs(due[1]), initial=0.0))
    return np.isclose(seen[1], due[1], rtol=0.0, atol=leave, equal_nan=True)


@cache
def _parts(method: str, count: int) -> list[_Part]:
    random = Random(_SEED)  # noqa: S311 - the same cases for everybody, not secrets
    draw: Callable[[Random], Any] = {"backward": _backward_case, "fit": _fit_case}[method]
    drawn = [draw(random) for _ in range(count)]
    return [_Part(method, drawn[start : start + _PART]) for start in range(0, count, _PART)]


def _numbers(random: Random, count: int) -> Numbers:
    return tuple(random.choice(_EIGHTHS) for _ in range(count))


def _rate(random: Random) -> float:
    return random.choice((0.01, 0.125, 0.5, 0.75, 1.5))


def _backward_case(random: Random) -> BackwardCase:
    m, n = random.randint(1, 6), random.randint(1, 6)
    steps = tuple(
        Step(_numbers(random, m), _numbers(random, n), _rate(random)) for _ in range(random.randint(1, 2))
    )
    name = random.choice(tuple(ACTIVATIONS))
    return BackwardCase(m, n, name, _numbers(random, m * n), _numbers(random, n), steps)


def _fit_case(random: Random) -> FitCase:
    widths = [random.randint(1, 2) for _ in range(random.randint(1, 2))]
    sizes = tuple(zip(widths, [*widths[1:], 1], strict=True))
    count = random.randint(1, 2)
    rows = tuple({_numbers(random, widths[0]): None for _ in range(count)})
    labels = tuple(random.choice((0.0, 1.0)) for _ in rows)
    return FitCase(rows, labels, random.randint(1, 2), _rate(random), sizes)
