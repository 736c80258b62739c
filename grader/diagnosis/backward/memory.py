"""Gradients that remember those of earlier calls: sums, momentum, moving averages; and a learning rate that falls."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from grader.diagnosis.backward.changes import DECIMALS, Change, Context, nice
from grader.diagnosis.backward.scales import CONSTANT, Rule, fitted, rules
from grader.messages import number_text

__all__ = ["falling", "remembered"]

Floats = NDArray[np.float64]
Average = Callable[[Floats, Floats | None, float, int], tuple[Floats, Floats]]
"""Takes a gradient, what is remembered, its coefficient and the call's number; returns the step and the new memory."""

_LEAST_COEFFICIENT, _ALL = 1e-3, 1.0 - 1e-6
_LEAST_RANK = 1e-3
"""A singular value that shows two unknowns apart, as a fraction of the largest."""
_MOST_CALLS = 12
"""So many calls are looked at for the unknowns."""
_LEAST_LEVELS = 3
"""So many calls on one layer show that a rate falls."""
_LEAST_FALL = 1e-6
"""The smallest fall of a rate that counts, as a fraction of it."""
_CLOSE = 1e-8
"""How far a constant may be from the number that somebody wrote, as a fraction of it."""


class _Kind(NamedTuple):
    """A way to remember."""

    text: str
    """With ``{g}`` for the name of the gradient."""
    average: Average
    beta: Callable[[float], float]
    """Takes how much a second step has of the first gradient, as a fraction of what it has of its own."""
    first: Callable[[float], float]
    """Takes β; returns how much the first step has of its gradient."""


def _momentum(g: Floats, v: Floats | None, beta: float, _number: int) -> tuple[Floats, Floats]:
    v = g if v is None else beta * v + g
    return v, v


def _nesterov(g: Floats, v: Floats | None, beta: float, _number: int) -> tuple[Floats, Floats]:
    v = g if v is None else beta * v + g
    return g + beta * v, v


def _moving_average(g: Floats, v: Floats | None, beta: float, _number: int) -> tuple[Floats, Floats]:
    v = (1 - beta) * g if v is None else beta * v + (1 - beta) * g
    return v, v


def _corrected_average(g: Floats, v: Floats | None, beta: float, number: int) -> tuple[Floats, Floats]:
    v = (1 - beta) * g if v is None else beta * v + (1 - beta) * g
    return v / (1 - beta**number), v


def _mean(g: Floats, v: Floats | None, _beta: float, number: int) -> tuple[Floats, Floats]:
    v = g if v is None else v + g
    return v / number, v


_KINDS = (
    _Kind("v, v = β · v + {g}", _momentum, lambda ratio: ratio, lambda _beta: 1.0),
    _Kind("v, v = β · v + (1 − β) · {g}", _moving_average, lambda ratio: ratio, lambda beta: 1 - beta),
    _Kind(
        "v / (1 − βᵗ), v = β · v + (1 − β) · {g}", _corrected_average, lambda ratio: ratio, lambda _beta: 1.0
    ),
    _Kind(
        "({g} + β · v), v = β · v + {g}",
        _nesterov,
        lambda ratio: (ratio + sqrt(ratio * ratio + 4 * ratio)) / 2 if ratio > 0 else 0.0,
        lambda beta: 1 + beta,
    ),
)
_SUM = _Kind("Σ {g}", _momentum, lambda ratio: ratio, lambda _beta: 1.0)
_MEAN = _Kind("mean of all {g}", _mean, lambda ratio: ratio, lambda _beta: 1.0)


def remembered(context: Context) -> Iterator[Change]:
    """Yield what remembers earlier calls, if the first call on each layer has a multiple of its own gradient."""
    for rule in _rules_of_first(context):
        for inner in (0.0, 1.0)[: 1 + int(rule.power >= 1)]:
            ratio = _ratio(context, rule, inner)
            if ratio is None:
                continue
            for kind in _KINDS:
                beta = round(kind.beta(ratio), DECIMALS)
                if _LEAST_COEFFICIENT <= beta < _ALL:
                    yield _change(context, "momentum", kind, beta, rule, inner)
            if round(ratio, DECIMALS) == 1.0:
                for kind in (_SUM, _MEAN):
                    yield _change(context, "gradient-accumulated", kind, 1.0, rule, inner)


def _rules_of_first(context: Context) -> list[Rule]:
    """Return the rules for what the first steps have of their gradients."""
    seen, fits = context.seen, []
    for i in seen.first:
        fit = fitted(seen.values[i], context.gradient(i), seen.scales[i], seen.tolerance)
        if fit is None:
            return []
        fits.append(fit)
    return rules([seen.calls[i] for i in seen.first], fits)


def _ratio(context: Context, rule: Rule, inner: float) -> float | None:
    """Return how much second steps have of the first gradient, as a fraction of what they have of their own.

    ``inner`` is the power of the learning rate in what is remembered. It is ``None`` if the calls do not tell.
    """
    shares = _shares(context, 2, rule._replace(power=rule.power - inner), inner)
    return None if shares is None else float(shares[0] / shares[1])


def _shares(context: Context, number: int, outer: Rule, inner: float) -> Floats | None:
    """Return how much the steps in the calls of one number on a layer have of each gradient up to it.

    They are fractions of ``outer``; see ``_ratio``.
    """
    seen, columns, taken = context.seen, [], []
    for i in seen.order:
        unit = outer.of(seen.calls[i])
        if len(seen.chains[i]) == number and unit != 0:
            columns.append(
                np.column_stack(
                    [seen.calls[j].rate ** inner * context.gradient(j).ravel() for j in seen.chains[i]]
                )
            )
            taken.append(seen.values[i].ravel() / unit)
        if len(columns) == _MOST_CALLS:
            break
    if not columns:
        return None
    known = np.concatenate(columns)
    if not known.size or not np.isfinite(known).all():
        return None
    shares, _, _, singular = np.linalg.lstsq(known, np.concatenate(taken), rcond=None)
    is_known = singular.min() > _LEAST_RANK * singular.max() and abs(shares[-1]) >= _LEAST_COEFFICIENT
    return shares if is_known else None


def falling(context: Context) -> Iterator[Change]:
    """Yield what a learning rate that falls from call to call makes of a gradient, or of one that is remembered."""
    seen, outer = context.seen, Rule(1.0, 1.0, CONSTANT)
    for inner in (0.0, 1.0):
        numbers = range(1, max(map(len, seen.chains)) + 1)
        shares = [_shares(context, n, outer._replace(power=1.0 - inner), inner) for n in numbers]
        rates = [abs(float(each[-1])) for each in shares if each is not None]
        if len(rates) < max(len(shares), _LEAST_LEVELS) or not _is_falling(rates):
            continue
        fallen = Context(seen.with_rates(rates), context.gradient)
        for change in (*_plain(fallen), *remembered(fallen)):
            text = change.text.replace("learning_rate", "learning_rateₜ")
            mistake = ("adaptive-rate",) if change.mistake != "adaptive-rate" else ()
            yield change._replace(text=text, earlier=mistake)


def _plain(context: Context) -> Iterator[Change]:
    """Yield the gradient itself, with the rates that fall."""
    for rule in _rules_of_first(context):
        if rule.is_plain and rule.power == 1.0:
            yield Change("adaptive-rate", rule, f"{rule.text}{{name}}", _times(context, rule))


def _times(context: Context, rule: Rule) -> Callable[[int], Floats]:
    return lambda i: rule.of(context.seen.calls[i]) * context.gradient(i)


def _is_falling(rates: Sequence[float]) -> bool:
    return all(later < earlier * (1 - _LEAST_FALL) for earlier, later in pairwise(rates))


def _change(context: Context, mistake: str, kind: _Kind, beta: float, rule: Rule, inner: float) -> Change:
    constant = rule.constant / kind.first(beta)
    rule = rule._replace(constant=nice(constant, _CLOSE * abs(constant)))
    outer = rule._replace(power=rule.power - inner)
    name = f"{Rule(1.0, inner, CONSTANT).text}{{name}}"
    text = f"{outer.text}{kind.text.format(g=name)}" + (f", β = {number_text(beta)}" if beta < 1 else "")
    calls, chains = context.seen.calls, context.seen.chains

    def value(i: int) -> Floats:
        step, memory = context.gradient(i), None
        for number, j in enumerate(chains[i], 1):
            step, memory = kind.average(calls[j].rate ** inner * context.gradient(j), memory, beta, number)
        return outer.of(calls[i]) * step

    return Change(mistake, rule, text, value)
