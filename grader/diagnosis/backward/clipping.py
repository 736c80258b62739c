"""Gradients that are clipped, by entry or by norm."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from grader.diagnosis.backward.changes import Bound, Change, Context, nice
from grader.diagnosis.backward.limits import between, shortened
from grader.diagnosis.backward.scales import CONSTANT, Rule, fitted, rules
from grader.messages import number_text

__all__ = ["Limit", "clipped", "limits_of_first"]

Floats = NDArray[np.float64]

_ENOUGH = 3
"""In so many cases a gradient must be beyond a bound."""
_CLOSE, _BEYOND = 1e-9, 1e-6
"""What is equal but for rounding, and what is beyond a bound by more, as fractions of it."""


class Limit(NamedTuple):
    """A bound, and whether it is one of the norm."""

    bound: float
    is_norm: bool

    @property
    def text(self) -> str:
        """The clipped gradient, with ``{name}`` for the gradient."""
        limit = number_text(self.bound)
        if self.is_norm:
            return f"{{name}} · min(1, {limit} / ‖{{name}}‖)"
        return f"clip({{name}}, −{limit}, {limit})"

    def of(self, gradient: Floats) -> Floats:
        """Return ``gradient`` clipped."""
        return (shortened if self.is_norm else between)(gradient, self.bound)


def limits_of_first(context: Context) -> Iterator[Limit]:
    """Yield the limits to which the gradient is clipped in the first calls on their layers, whatever is done later."""
    at = context.seen.first
    first = Context(context.seen.of_first, lambda i: context.gradient(at[i]))
    for bound in first.seen.bounds if at else ():
        for inner in _inner_rules(first, bound):
            if (inner.power, inner.size) == (0.0, CONSTANT) and _is_passed(first, bound, inner):
                size = bound.size / abs(inner.constant)
                yield Limit(nice(size, _BEYOND * size), bound.is_norm)


def clipped(context: Context) -> Iterator[Change]:
    """Yield the gradient clipped to each of the bounds, with what it is multiplied by before and after that."""
    for bound in context.seen.bounds:
        for inner in _inner_rules(context, bound):
            rule = inner.times(bound.rule)
            value = _limited(context, bound, inner)
            if rule is not None and _is_passed(context, bound, inner):
                yield Change("gradient-clipped", rule, _text(bound, inner), value)


def _inner_rules(context: Context, bound: Bound) -> list[Rule]:
    """Return the rules for what the gradient is multiplied by where it is not clipped."""
    seen, calls, fits = context.seen, [], []
    for i in seen.first:
        call = seen.calls[i]
        unit = bound.rule.of(call)
        if unit == 0:
            continue
        own, gradient = seen.values[i] / unit, context.gradient(i)
        below = bound.size * (1 - _CLOSE) - seen.leeway(i) / unit
        is_free = np.full(own.shape, seen.lengths[i] / unit < below) if bound.is_norm else np.abs(own) < below
        if not is_free.any():
            continue
        fit = fitted(own[is_free], gradient[is_free], seen.scales[i] / unit, seen.tolerance)
        if fit is None:
            return []
        calls.append(call)
        fits.append(fit)
    return rules(calls, fits)


def _limited(context: Context, bound: Bound, inner: Rule) -> Callable[[int], Floats]:
    limit, calls = Limit(bound.size, bound.is_norm), context.seen.calls
    return lambda i: bound.rule.of(calls[i]) * limit.of(inner.of(calls[i]) * context.gradient(i))


def _is_passed(context: Context, bound: Bound, inner: Rule) -> bool:
    """Tell whether the gradient is beyond the bound in several cases."""
    beyond = set()
    for i, call in enumerate(context.seen.calls):
        gradient = inner.of(call) * context.gradient(i)
        size = np.linalg.norm(gradient) if bound.is_norm else np.abs(gradient).max(initial=0.0)
        if size > bound.size * (1 + _BEYOND):
            beyond.add(id(call.case))
    return len(beyond) >= _ENOUGH


def _text(bound: Bound, inner: Rule) -> str:
    return bound.rule.text + Limit(bound.size, bound.is_norm).text.replace("{name}", f"{inner.text}{{name}}")
