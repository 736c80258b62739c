"""Gradients that are divided by a root of squared ones: AdaGrad, RMSProp, Adam."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from grader.diagnosis.backward.call import Call
from grader.diagnosis.backward.changes import DECIMALS, Change, Context, nice
from grader.diagnosis.backward.scales import CONSTANT, Fit, Rule, rules

__all__ = ["adaptive"]

Floats = NDArray[np.float64]

_EPSILONS = (1e-8, 1e-7, 1e-6, 1e-5, 1e-10, 1e-4, 1e-3)
_BETAS = (0.9, 0.99, 0.999, 0.95, 0.8, 0.5)
_POWERS = (1.0, 0.0)
"""The powers of the learning rate that a step may have."""
_PLAIN = Rule(1.0, 0.0, CONSTANT)
_NEAR = 0.05
"""A gradient is so much larger than ε that a first step is this near to 1 over the root of the coefficients."""
_FEW = 6
"""So many first steps are looked at before all are."""
_SHARP = 0.05
"""A factor of the gradient is known if its leeway is at most this fraction of it."""


class _Method(NamedTuple):
    """A step over the root of an average of squared gradients, by the coefficients of the two averages."""

    name: str
    of_gradients: float
    of_squares: float
    is_corrected: bool = False
    is_sum: bool = False

    def step(self, gradients: Sequence[Floats], epsilon: float, *, inside: bool) -> Floats:
        """Return the last step of those along ``gradients``, without the learning rate."""
        v, squares = np.zeros_like(gradients[0]), np.zeros_like(gradients[0])
        for g in gradients:
            v = self.of_gradients * v + (1 - self.of_gradients) * g
            squares = (
                squares + g * g if self.is_sum else self.of_squares * squares + (1 - self.of_squares) * g * g
            )
        if self.is_corrected:
            v = v / (1 - self.of_gradients ** len(gradients))
            squares = squares / (1 - self.of_squares ** len(gradients))
        root: Floats = np.sqrt(squares + epsilon) if inside else np.sqrt(squares) + epsilon
        return v / root

    @property
    def of_first(self) -> tuple[float, float]:
        """What a first step has of its gradient, and what the root has of it."""
        if self.is_corrected or self.is_sum:
            return 1.0, 1.0
        return 1 - self.of_gradients, float(np.sqrt(1 - self.of_squares))


_METHODS = (
    _Method("AdaGrad", 0.0, 0.0, is_sum=True),
    *(_Method("RMSProp", 0.0, beta) for beta in _BETAS),
    *(
        _Method("Adam", first, second, is_corrected)
        for first, second, is_corrected in product((0.9, 0.8, 0.95), (0.999, 0.99, 0.9), (True, False))
    ),
)


class _Root(NamedTuple):
    """A method with its ε, and where that is."""

    method: _Method
    epsilon: float
    inside: bool

    def step(self, gradients: Sequence[Floats]) -> Floats:
        """Return the last step of those along ``gradients``, without the learning rate."""
        return self.method.step(gradients, self.epsilon, inside=self.inside)

    def gradient(self, step: Floats, leeway: float) -> tuple[Floats, Floats]:
        """Return the size of the gradient of a first ``step``, which is known to ``leeway``, and its own leeway."""
        of_gradient, of_root = self.method.of_first
        if self.inside:
            rest = of_gradient**2 - (of_root * step) ** 2
            size = step * np.sqrt(self.epsilon / rest)
            return size, leeway * of_gradient**2 * np.sqrt(self.epsilon) / rest**1.5
        rest = of_gradient - of_root * step
        return step * self.epsilon / rest, leeway * of_gradient * self.epsilon / rest**2


def _alike() -> tuple[tuple[_Method, ...], ...]:
    """Return the methods, together those with the same first step."""
    groups: dict[tuple[float, ...], list[_Method]] = {}
    for method in _METHODS:
        groups.setdefault(tuple(round(each, DECIMALS) for each in method.of_first), []).append(method)
    return tuple(map(tuple, groups.values()))


_ALIKE = _alike()


def adaptive(context: Context) -> Iterator[Change]:
    """Yield steps over a root of squared gradients, by those methods that explain a first step."""
    seen = context.seen
    if not seen.first:
        return
    at = max(seen.first, key=lambda i: np.count_nonzero(seen.values[i]))
    gradient = context.gradient(at)
    for power, sign in product(_POWERS, (1.0, -1.0)):
        step = sign * np.sign(gradient) * seen.values[at] / seen.calls[at].rate ** power
        if step.min(initial=0.0) < -seen.tolerance:
            continue
        largest = float(step.max(initial=0.0))
        for methods in _ALIKE:
            of_gradient, of_root = methods[0].of_first
            if not 1 - _NEAR < largest * of_root / of_gradient < 1 + seen.tolerance:
                continue
            for epsilon, inside in product(_EPSILONS, (False, True)):
                for inner in _inner_rules(context, _Root(methods[0], epsilon, inside), at, power, sign):
                    for method in methods:
                        yield from _change(context, _Root(method, epsilon, inside), inner, power, sign)


def _inner_rules(context: Context, root: _Root, at: int, power: float, sign: float) -> list[Rule]:
    """Return the rules for what the gradient is multiplied by before it is squared.

    That shows only beside ε; if the gradient itself gives the first steps, it is multiplied by nothing.
    """
    first = context.seen.first
    if all(_is_step(context, root, i, _PLAIN, power, sign) for i in first):
        return [_PLAIN]
    if _factor(context, root, at, power) is None:
        return []
    # Most roots fail on a few calls.
    if not _rules_in(context, root, first[:_FEW], power):
        return []
    found = _rules_in(context, root, first, power)
    return [rule for rule in found if all(_is_step(context, root, i, rule, power, sign) for i in first)]


def _rules_in(context: Context, root: _Root, which: Sequence[int], power: float) -> list[Rule]:
    """Return the rules for what the gradient is multiplied by in the first steps ``which`` that show it."""
    known = {i: fit for i in which if (fit := _factor(context, root, i, power)) is not None}
    calls, fits = [context.seen.calls[i] for i in known], list(known.values())
    # Without a call that shows it, anything may be so.
    return [_rounded(rule, calls, fits) for rule in rules(calls, fits)] if calls else [_PLAIN]


def _factor(context: Context, root: _Root, i: int, power: float) -> Fit | None:
    """Return what the gradient of a first step is multiplied by; ``None`` if it does not show, or differs."""
    seen, call = context.seen, context.seen.calls[i]
    unit = call.rate**power
    sizes, leeways = root.gradient(np.abs(seen.values[i]) / unit, seen.leeway(i) / unit)
    gradient = np.abs(context.gradient(i))
    is_known = (leeways < _SHARP * sizes) & (gradient > 0)
    if not is_known.any():
        return None
    factors, leave = sizes[is_known] / gradient[is_known], leeways[is_known] / gradient[is_known]
    if (factors - leave).max() > (factors + leave).min():
        return None
    best = int(leave.argmin())
    return Fit(float(factors[best]), float(leave[best]))


def _rounded(rule: Rule, calls: Sequence[Call], fits: Sequence[Fit]) -> Rule:
    """Return the rule with a constant of as few decimals as the factors leave open."""
    plain = rule._replace(constant=1.0)
    leeway = min(fit.leeway / plain.of(call) for call, fit in zip(calls, fits, strict=True))
    return rule._replace(constant=nice(rule.constant, leeway))


def _is_step(context: Context, root: _Root, i: int, inner: Rule, power: float, sign: float) -> bool:
    """Tell whether the first step on a layer is as it should be."""
    call = context.seen.calls[i]
    step = sign * call.rate**power * root.step([inner.of(call) * context.gradient(i)])
    return context.seen.is_close(i, step)


def _change(context: Context, root: _Root, inner: Rule, power: float, sign: float) -> Iterator[Change]:
    """Yield the change by a method, if we know the rule for its step."""
    rule = inner.times(Rule(sign, power, CONSTANT))
    if rule is None:
        return
    calls, chains = context.seen.calls, context.seen.chains

    def value(i: int) -> Floats:
        step = root.step([inner.of(calls[j]) * context.gradient(j) for j in chains[i]])
        return sign * float(calls[i].rate ** power) * step

    outer = Rule(1.0, power, CONSTANT).text
    yield Change("adaptive-rate", rule, f"{outer}{inner.text}{{name}} / √s ({root.method.name})", value)
