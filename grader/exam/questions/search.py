"""Finds the smallest numbers that show what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["simplest"]

Case = TypeVar("Case", bound=Hashable)
Found = TypeVar("Found")

_NEW_CASES = 120
"""How many cases that were not asked before are asked in one search."""
_EXAMPLES = 80


def simplest(
    strategy: Callable[[], SearchStrategy[Case]],
    known: Mapping[Case, Found | None],
    find: Callable[[Case], Found | None],
    seed: int,
) -> Found | None:
    """Return what is found in the simplest case that has something, or ``None`` if no case of ``known`` does.

    ``known`` has what was found in the cases that were asked already; ``find`` asks another one, and raises
    ``LookupError`` if no more can be asked. The search is bounded by counts, never by a clock.
    """
    memory = dict(known)
    first = next((found for found in memory.values() if found is not None), None)
    left = _NEW_CASES

    def fails(case: Case) -> bool:
        nonlocal left
        if case not in memory:
            if left == 0:
                return False
            left -= 1
            try:
                memory[case] = find(case)
            except LookupError:
                memory[case], left = None, 0
        return memory[case] is not None

    if first is None:
        return None
    from grader.exam.questions.sampling import shrink  # noqa: PLC0415 - imports Hypothesis

    case = shrink(strategy(), fails, _EXAMPLES, seed)
    return first if case is None else memory[case]
