"""Gradients that are clipped, by entry or by norm."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from grader.diagnosis.backward.changes import Bound, Change, Context
from grader.diagnosis.backward.limits import between, shortened
from grader.diagnosis.backward.scales import Rule, fitted, rules
from grader.messages import number_text

__all__ = ["clipped"]

Floats = NDArray[np.float64]

_ENOUGH = 3
"""In so many cases a gradient must be beyond a bound."""
_CLOSE, _BEYOND = 1e-9, 1e-6
"""What is equal but for rounding, and what is beyond a bound by more, as fractions of it."""


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
    limit = shortened if bound.is_norm else between
    calls = context.seen.calls
    return lambda i: bound.rule.of(calls[i]) * limit(inner.of(calls[i]) * context.gradient(i), bound.size)


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
    limit, name = number_text(bound.size), f"{inner.text}{{name}}"
    form = f"{name} · min(1, {limit} / ‖{name}‖)" if bound.is_norm else f"clip({name}, −{limit}, {limit})"
    return f"{bound.rule.text}{form}"
