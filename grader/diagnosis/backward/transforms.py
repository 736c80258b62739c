"""What may be made of a gradient that is not a multiple of it: it is clipped, remembered, or divided by a root.

Each change has its numbers fitted to a few of the calls, and a rule for the factor beside it. Whoever asks for changes
compares them with what the submission did in all calls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from grader.diagnosis.backward.adaptive import adaptive
from grader.diagnosis.backward.changes import Change, Context, Seen
from grader.diagnosis.backward.clipping import clipped
from grader.diagnosis.backward.memory import remembered

__all__ = ["alike", "transformed", "transformed_result"]

Floats = NDArray[np.float64]


def transformed(seen: Seen, gradient: Callable[[int], Floats]) -> Iterator[Change]:
    """Yield the changes to a gradient, or to its sum over the calls on a layer, that give the steps in all calls."""
    candidates = list(_candidates(Context(seen, gradient)))
    found = [change for change in candidates if seen.is_same(change.value, seen.order)]
    if not found and any(seen.is_same(change.value, seen.first) for change in candidates):
        of_sums = _candidates(Context(seen, _summed(seen, gradient)))
        found = [
            change._replace(is_of_sum=True) for change in of_sums if seen.is_same(change.value, seen.order)
        ]
    yield from found


def transformed_result(seen: Seen, gradient: Callable[[int], Floats]) -> Iterator[Change]:
    """Yield the changes to a gradient that give what was returned in all calls; none of them divides by a root."""
    context = Context(seen, gradient)
    for change in (*clipped(context), *remembered(context)):
        if seen.is_same(change.value, seen.order):
            yield change


def _candidates(context: Context) -> Iterator[Change]:
    yield from clipped(context)
    yield from remembered(context)
    yield from adaptive(context)


def _summed(seen: Seen, gradient: Callable[[int], Floats]) -> Callable[[int], Floats]:
    """Return what gives the sum of the gradients of all calls on a layer up to the i-th call."""
    return lambda i: np.add.reduce([gradient(j) for j in seen.chains[i]])


def alike(seen: Seen, gradient: Callable[[int], Floats], trials: Iterable[int]) -> bool:
    """Tell whether the first of the trials on a layer have the signs of the gradients, or all the opposite ones."""
    signs = {1.0, -1.0}
    for i in trials:
        if len(seen.chains[i]) > 1:
            continue
        value = gradient(i)
        if value.shape != seen.values[i].shape:
            return False
        own, due = np.sign(seen.values[i]), np.sign(value)
        signs = {sign for sign in signs if (own == sign * due).all()}
        if not signs:
            return False
    return True
