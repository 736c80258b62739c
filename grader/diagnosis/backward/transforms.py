"""What may be made of a gradient that is not a multiple of it: it is clipped, remembered, or divided by a root.

Two of these may come in turn. Each change has its numbers fitted to a few of the calls, and a rule for the factor
beside it. Whoever asks for changes compares them with what the submission did in all calls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from grader.diagnosis.backward.adaptive import adaptive
from grader.diagnosis.backward.changes import Change, Context, Seen
from grader.diagnosis.backward.clipping import Limit, clipped, limits_of_first
from grader.diagnosis.backward.limits import COMMON_BOUNDS
from grader.diagnosis.backward.memory import falling, remembered

__all__ = ["alike", "transformed", "transformed_result"]

Floats = NDArray[np.float64]


_TWO = 2


def transformed(seen: Seen, gradient: Callable[[int], Floats], most: int) -> Iterator[Change]:
    """Yield the changes to a gradient that give the steps in all calls; two in turn if one does not.

    There are at most ``most`` of them in turn.
    """
    context = Context(seen, gradient)
    candidates = list(_candidates(context))
    found = [change for change in candidates if seen.is_same(change.value, seen.order)]
    if not found and most >= _TWO:
        is_first = any(seen.is_same(change.value, seen.first) for change in candidates)
        twice = _changed_twice(context, is_like_sum=is_first)
        found = [change for change in twice if seen.is_same(change.value, seen.order)]
    yield from _plainest(found)


def _plainest(found: Sequence[Change]) -> list[Change]:
    """Return the changes without those that need a factor to do what another one of the same name does without."""
    plain = {change.mistake for change in found if change.rule.is_plain}
    return [change for change in found if change.rule.is_plain or change.mistake not in plain]


def _changed_twice(context: Context, *, is_like_sum: bool) -> Iterator[Change]:
    """Yield the changes to a gradient that is clipped or added up first, or with a learning rate that falls."""
    seen, gradient = context.seen, context.gradient
    yield from falling(context)
    if is_like_sum:
        for change in _candidates(Context(seen, _summed(seen, gradient))):
            yield change._replace(of="Σ {name}", earlier=("gradient-accumulated",))
    for limit in dict.fromkeys(limits_of_first(context)):
        limited = Context(seen, _limited(limit, gradient))
        for change in (*remembered(limited), *falling(limited)):
            yield change._replace(of=limit.text, earlier=("gradient-clipped", *change.earlier))
    if is_like_sum:
        return
    for limit in (Limit(bound, is_norm) for bound in COMMON_BOUNDS for is_norm in (False, True)):
        for change in adaptive(Context(seen, _limited(limit, gradient))):
            yield change._replace(of=limit.text, earlier=("gradient-clipped",))


def _limited(limit: Limit, gradient: Callable[[int], Floats]) -> Callable[[int], Floats]:
    return lambda i: limit.of(gradient(i))


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
