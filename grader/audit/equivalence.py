"""Argue by machine that a mutant is equivalent: it does what its right solution does, on thousands of drawn cases.

The cases are other ones than the exam's, and mostly smaller: what differs at all differs on many of them. A mutant
that visits the examples in another order, which the contract allows, is compared with the right solution on examples in
that order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from grader.audit.judging import LIMITS, forking_parent
from grader.candidate.client import Candidate, Ended
from grader.candidate.launcher import Timeouts
from grader.candidate.request import Request
from grader.exam.answers import fit_request
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
    """Whether the examples were given to the right solution in the order that the mutant takes them in."""


def equivalence(
    base: Submission, mutants: Sequence[Submission], method: str, count: int = CASES
) -> list[Argument]:
    """Compare ``mutants`` of ``base`` with it, on ``count`` drawn cases of ``method``."""
    parts = _parts(method, count)
    with closing(_Answerer(base)) as right:
        expected = [right.answer(_request(method, part)) for part in parts]
        return [_argument(mutant, method, parts, expected, right) for mutant in mutants]


def _argument(
    mutant: Submission,
    method: str,
    parts: Sequence[Sequence[Any]],
    expected: Sequence[Answer | None],
    right: _Answerer,
) -> Argument:
    same, in_its_order = 0, False
    with closing(_Answerer(mutant)) as other:
        for part, due in zip(parts, expected, strict=True):
            if not _is_same(other.answer(_request(method, part)), due):
                if method != "fit" or (reordered := _as_visited(other, part)) is None:
                    return Argument(False, same)
                if not _is_same(
                    other.answer(_request(method, part)), right.answer(_request(method, reordered))
                ):
                    return Argument(False, same)
                in_its_order = True
            same += len(part)
    return Argument(True, same, in_its_order)


class _Answerer:
    """Asks one solution, once more if it gives no answer, and says ``None`` if it gives none again."""

    def __init__(self, submission: Submission) -> None:
        self._candidate = Candidate(submission, forking_parent(), _TIMEOUTS, LIMITS)

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
    leave = _SAME * float(np.nanmax(np.abs(due[1]), initial=0.0))
    return bool(np.isclose(seen[1], due[1], rtol=0.0, atol=leave, equal_nan=True).all())


def _as_visited(other: _Answerer, cases: Sequence[FitCase]) -> list[FitCase] | None:
    """Return ``cases`` with their examples in the order of the first epoch; ``None`` if one of them has none."""
    answers = other.answer(fit_request(cases))
    if answers is None:
        return None
    found = []
    for case, training in zip(cases, answers.trainings, strict=True):
        order = [step.example for step in training.steps[: case.examples]]
        if sorted(-1 if i is None else i for i in order) != list(range(case.examples)):
            return None
        rows, labels = ([values[i] for i in order if i is not None] for values in (case.rows, case.labels))
        found.append(replace(case, rows=tuple(rows), labels=tuple(labels)))
    return found


@cache
def _parts(method: str, count: int) -> list[list[Any]]:
    random = Random(_SEED)  # noqa: S311 - the same cases for everybody, not secrets
    draw: Callable[[Random], Any] = {"backward": _backward_case, "fit": _fit_case}[method]
    return [[draw(random) for _ in range(min(_PART, count - start))] for start in range(0, count, _PART)]


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
