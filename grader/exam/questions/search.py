"""Finds the smallest numbers that show what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import TypeVar

from grader.exam.questions.searches import Search
from grader.exam.verdict import Unmet

__all__ = ["simplest"]

Case = TypeVar("Case", bound=Hashable)
Finding = TypeVar("Finding")

_NEW_CASES = 120
"""How many cases that were not asked before are asked in one search."""
_EXAMPLES = 80


def simplest(
    search: Search[Case],
    known: Mapping[Case, Finding | None],
    find: Callable[[Case], Finding | None],
    seed: int,
) -> Finding | None:
    """Return the finding in the simplest case that has one, or ``None`` if no case does.

    ``known`` has the findings in the cases that were asked already; ``find`` asks another one. The search is
    bounded by counts, never by a clock, and a case that the candidate does not survive counts as in order.
    """
    memory = dict(known)
    first = next((finding for finding in memory.values() if finding is not None), None)
    left = _NEW_CASES

    def fails(case: Case) -> bool:
        nonlocal left
        if case not in memory:
            if left == 0:
                return False
            left -= 1
            try:
                memory[case] = find(case)
            except Unmet:
                memory[case], left = None, 0
        return memory[case] is not None

    if first is None:
        return None
    from grader.exam.questions.sampling import shrink  # noqa: PLC0415 - imports Hypothesis

    found = shrink(search(), fails, _EXAMPLES, seed)
    return first if found is None else memory[found]
