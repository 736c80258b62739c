"""What was seen in all calls, the gradient that it may come from, and what a mistake makes of that gradient."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from grader.diagnosis.backward.call import Call
from grader.diagnosis.backward.scales import SIZES, Rule

__all__ = ["DECIMALS", "LEAST_BOUND", "Bound", "Change", "Context", "Seen", "nice"]

Floats = NDArray[np.float64]

DECIMALS = 6
"""A number that somebody wrote by mistake has no more."""
LEAST_BOUND = 1e-2
"""A gradient that is clipped to less is as good as none."""
_ENOUGH = 3
"""In so many cases a bound must be reached."""
_POWERS = (1.0, 0.0)
"""The powers of the learning rate that a clipped gradient may be multiplied by."""
_CLOSE = 1e-9
"""What is equal but for rounding, as a fraction."""


class Bound(NamedTuple):
    """The largest number, or norm, of what was seen, divided by a rule."""

    size: float
    rule: Rule
    is_norm: bool


class Seen:
    """The steps that a submission took in all calls that returned, or the gradients that it returned.

    ``values`` has an array for each call; a step is what was subtracted from the parameters. ``scales`` are the sizes
    of the numbers that those were computed from. ``order`` has the indices of all calls, the most telling ones first.
    """

    def __init__(
        self,
        calls: Sequence[Call],
        values: Sequence[Floats],
        scales: Sequence[float],
        order: Sequence[int],
        tolerance: float,
    ) -> None:
        self.calls, self.values, self.scales, self.order = calls, values, scales, order
        self.tolerance = tolerance

    @cached_property
    def chains(self) -> list[list[int]]:
        """For each call, the indices of the calls on its layer up to it."""
        at = {id(call): i for i, call in enumerate(self.calls)}
        return [[at[id(each)] for each in (*call.earlier, call) if id(each) in at] for call in self.calls]

    @cached_property
    def first(self) -> list[int]:
        """The calls that are the first on their layer and have a learning rate, the most telling ones first."""
        return [i for i in self.order if len(self.chains[i]) == 1 and self.calls[i].rate > 0]

    @cached_property
    def of_first(self) -> Seen:
        """What was seen in the calls that ``first`` has, in their order."""
        calls = [self.calls[i] for i in self.first]
        values, scales = [self.values[i] for i in self.first], [self.scales[i] for i in self.first]
        return Seen(calls, values, scales, range(len(calls)), self.tolerance)

    def with_rates(self, rates: Sequence[float]) -> Seen:
        """Return the same with other learning rates, of which each is one for all calls of one number on a layer.

        A call has the product of its own rate and the one for its number.
        """
        calls = [
            call.with_rate(call.rate * rates[len(chain) - 1])
            for call, chain in zip(self.calls, self.chains, strict=True)
        ]
        other = Seen(calls, self.values, self.scales, self.order, self.tolerance)
        other.chains = self.chains
        return other

    @cached_property
    def largest(self) -> Floats:
        """The largest number in each call."""
        return np.array([np.abs(value).max(initial=0.0) for value in self.values])

    @cached_property
    def lengths(self) -> Floats:
        """The norm in each call."""
        return np.array([np.linalg.norm(value) for value in self.values])

    @cached_property
    def bounds(self) -> list[Bound]:
        """The bounds that are reached in several cases."""
        return list(self._bounds())

    def _bounds(self) -> Iterator[Bound]:
        for power, size, is_norm in product(_POWERS, SIZES, (False, True)):
            rule = Rule(1.0, power, size)
            units = self._rates**power * np.prod(self._sizes ** SIZES[size], axis=1)
            asked = np.flatnonzero(units > 0).tolist()
            sizes = (self.lengths if is_norm else self.largest)[asked] / units[asked]
            largest = float(sizes.max(initial=0.0))
            if not LEAST_BOUND <= largest < np.inf:
                continue
            leave = self._leeways[asked] / units[asked] + _CLOSE * largest
            reached = np.array(asked)[sizes >= largest - leave].tolist()
            if len({id(self.calls[i].case) for i in reached}) >= _ENOUGH:
                yield Bound(nice(largest, float(leave.min())), rule, is_norm)

    def leeway(self, i: int) -> float:
        """Return how far a number may be off in the i-th call."""
        return self.tolerance * max(1.0, self.scales[i])

    @cached_property
    def _leeways(self) -> Floats:
        return self.tolerance * np.maximum(1.0, self.scales)

    @cached_property
    def _rates(self) -> Floats:
        return np.array([call.rate for call in self.calls])

    @cached_property
    def _sizes(self) -> Floats:
        return np.array([call.case.size for call in self.calls], dtype=np.float64)

    def is_same(self, value: Callable[[int], Floats], which: Iterable[int]) -> bool:
        """Tell whether ``value`` gives what was seen in these calls."""
        return all(self.is_close(i, value(i)) for i in which)

    def is_close(self, i: int, due: Floats) -> bool:
        """Tell whether ``due`` was seen in the i-th call."""
        if self.values[i].shape != due.shape:
            return False
        leave = max(self.leeway(i), self.tolerance * float(np.abs(due).max(initial=0.0)))
        return bool(np.abs(self.values[i] - due).max(initial=0.0) <= leave)


class Context(NamedTuple):
    """What was seen, and the gradient that it may come from."""

    seen: Seen
    gradient: Callable[[int], Floats]
    """Takes the index of a call; NaN if the gradient cannot be computed."""


class Change(NamedTuple):
    """What one mistake makes of a gradient."""

    mistake: str
    rule: Rule
    """The factor beside it, with its sign."""
    text: str
    """The change and the factor without its sign, with ``{name}`` for the name of the gradient."""
    value: Callable[[int], Floats]
    """Takes the index of a call."""
    of: str = "{name}"
    """What it is made of, with ``{name}`` for the formula of the gradient."""
    earlier: tuple[str, ...] = ()
    """The mistakes that the gradient has before."""


def nice(number: float, leeway: float) -> float:
    """Return ``number`` rounded to the fewest decimals that are within ``leeway``, or itself."""
    for decimals in range(DECIMALS + 1):
        if abs(round(number, decimals) - number) <= leeway:
            return round(number, decimals)
    return number
