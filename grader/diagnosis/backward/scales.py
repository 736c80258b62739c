"""Name the factor between what a submission did and the direction of a formula.

A step of the weights is ``−learning_rate`` times the gradient, what is returned is 1 times the formula. A rule explains
the factors of all calls, or it is none: a constant, times a power of the learning rate, times a size of the layer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from math import isfinite
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from grader.diagnosis.backward.call import Call
from grader.diagnosis.backward.formulas import UNNAMED
from grader.messages import number_text

__all__ = [
    "CONSTANT",
    "SIZES",
    "Fit",
    "Rule",
    "Scale",
    "fitted",
    "mistakes_of_overwritten",
    "mistakes_of_returned",
    "mistakes_of_step",
    "of_overwritten",
    "of_returned",
    "of_step",
    "rules",
]

Floats = NDArray[np.float64]

_LEAST_SQUARE = 1e-24
"""A direction whose square is smaller than this is zero but for rounding."""
SIZES: dict[str, tuple[float, float]] = {
    "{k}": (0.0, 0.0),
    "{k} / n_inputs": (-1.0, 0.0),
    "{k} / n_neurons": (0.0, -1.0),
    "{k} / (n_inputs · n_neurons)": (-1.0, -1.0),
    "{k} · n_inputs": (1.0, 0.0),
    "{k} · n_neurons": (0.0, 1.0),
    "{k} · n_inputs · n_neurons": (1.0, 1.0),
    "{k} / √n_inputs": (-0.5, 0.0),
    "{k} / √n_neurons": (0.0, -0.5),
}
"""The sizes that a gradient may be multiplied by, with the powers of n_inputs and n_neurons."""
_RATES = {0.0: "", 1.0: "learning_rate · ", 2.0: "learning_rate² · "}
"""The powers of the learning rate that a gradient may be multiplied by."""
CONSTANT, _DECIMALS = "{k}", 6
_FEW = 20
"""So many falling rates in a row are no accident."""
_LEAST_FALL = 1e-6
"""The smallest fall of a rate that counts, as a fraction of it."""
_LARGEST_RATE = 0.3
"""A constant that stands beside a size is a learning rate if it is at most this."""
_LEASTCONSTANT, _LARGESTCONSTANT = 1e-6, 1e4
"""A constant outside of these is not one that somebody wrote by mistake."""


class Scale(NamedTuple):
    """A rule for the factor: ``text`` is put before the name of the gradient; empty for the right one."""

    text: str
    mistakes: tuple[str, ...] = ()
    factor: str = ""
    """What is multiplied besides the sign and the learning rate that are right: ``2 · ``."""
    rule: Rule | None = None
    """The rule, if it is the same in all calls."""


class Fit(NamedTuple):
    """The factor of one call, and how exact it is; NaN if the direction is zero."""

    factor: float
    leeway: float


def fitted(seen: Floats, direction: Floats, scale: float, tolerance: float) -> Fit | None:
    """Return the factor by which ``seen`` is a multiple of ``direction``; ``None`` if it is not one.

    ``scale`` is the size of the numbers that ``seen`` was computed from.
    """
    if seen.shape != direction.shape or not seen.size:
        return None
    square = float(np.vdot(direction, direction))
    if square <= _LEAST_SQUARE:
        return Fit(np.nan, np.inf) if _is_within(seen, tolerance * max(scale, 1.0)) else None
    factor = float(np.vdot(direction, seen)) / square
    rest, leave = seen - factor * direction, tolerance * max(scale, abs(factor) * square**0.5)
    return Fit(factor, leave / square**0.5) if _is_within(rest, leave) else None


def _is_within(rest: Floats, leave: float) -> bool:
    """Tell whether ``rest`` is no longer than ``leave``; numbers whose squares overflow show nothing."""
    most = leave * leave
    return isfinite(most) and float(np.vdot(rest, rest)) <= most


class Rule(NamedTuple):
    """A constant, times a power of the learning rate, times a size."""

    constant: float
    power: float
    size: str

    def of(self, call: Call) -> float:
        """Return the factor in a call."""
        of_inputs, of_neurons = SIZES[self.size]
        return float(
            self.constant * call.rate**self.power * call.n_inputs**of_inputs * call.n_neurons**of_neurons
        )

    def times(self, other: Rule) -> Rule | None:
        """Return the rule for the product; ``None`` if it has two sizes, or a power of the rate that we do not know."""
        power, size = self.power + other.power, other.size if self.size == CONSTANT else self.size
        if power not in _RATES or CONSTANT not in (self.size, other.size):
            return None
        return Rule(self.constant * other.constant, power, size)

    @property
    def of_gradient(self) -> Rule:
        """What the gradient is multiplied by if this is the rule for a step: without sign, and with one rate less."""
        return Rule(abs(self.constant), max(self.power - 1.0, 0.0), self.size)

    @property
    def is_plain(self) -> bool:
        """Whether it is a power of the learning rate, but for the sign."""
        return self.size == CONSTANT and abs(self.constant) == 1.0

    @property
    def size_text(self) -> str:
        """The constant without its sign, and the size; empty if the two are 1."""
        return "" if self.is_plain else f"{self.size.format(k=number_text(abs(self.constant)))} · "

    @property
    def text(self) -> str:
        """The rule without its sign, to be put before the name of a gradient."""
        return f"{self.size_text}{_RATES[self.power]}"


def of_step(calls: Sequence[Call], fits: Sequence[Fit]) -> Scale | None:
    """Return the rule for how far parameters moved along a gradient; ``None`` if there is none that we know."""
    return _fewest(_steps(calls, fits))


def of_overwritten(calls: Sequence[Call], fits: Sequence[Fit]) -> Scale | None:
    """Return the rule for parameters that are a multiple of a gradient; ``None`` if there is none that we know."""
    scales = []
    for rule in rules(calls, fits):
        sign = "−" if rule.constant < 0 else ""
        wrong = mistakes_of_overwritten(rule)
        scales.append(Scale(f"{sign}{rule.text}", ("weights-overwritten", *wrong), rule.size_text, rule))
    if not scales:
        for sign, factor in (("", 1.0), ("−", -1.0)):
            scales += _falling(calls, fits, factor, sign, ("weights-overwritten",))
    return _fewest(scales)


def of_returned(calls: Sequence[Call], fits: Sequence[Fit]) -> Scale | None:
    """Return the rule for a returned multiple of a formula; ``None`` if there is none that we know."""
    return _fewest(
        Scale(rule.text, mistakes_of_returned(rule), rule.text, rule)
        for rule in rules(calls, fits)
        if rule.constant > 0 and rule.power in {0.0, 1.0}
    )


def _fewest(scales: Iterable[Scale]) -> Scale | None:
    return min(scales, key=lambda scale: len(scale.mistakes), default=None)


def _steps(calls: Sequence[Call], fits: Sequence[Fit]) -> Iterator[Scale]:
    found = rules(calls, fits)
    for rule in found:
        sign, wrong = ("−", ()) if rule.constant < 0 else ("+", ("gradient-ascent",))
        yield Scale(f"{sign} {rule.text}", (*wrong, *mistakes_of_step(rule)), rule.size_text, rule)
    if not found:
        yield from _falling(calls, fits, -1.0, "− ", ())
        yield from _falling(calls, fits, 1.0, "+ ", ("gradient-ascent",))


def _falling(
    calls: Sequence[Call], fits: Sequence[Fit], factor: float, sign: str, wrong: tuple[str, ...]
) -> Iterator[Scale]:
    """Yield the rules for a learning rate that falls, beside a size of the layer."""
    known = [fit for call, fit in zip(calls, fits, strict=True) if call.rate > 0 and fit.leeway < np.inf]
    if any(factor * fit.factor <= 0 for fit in known):
        return
    for size, (of_inputs, of_neurons) in SIZES.items():
        sizes = [call.n_inputs**of_inputs * call.n_neurons**of_neurons for call in calls]
        own = [Fit(fit.factor / by, fit.leeway / by) for fit, by in zip(fits, sizes, strict=True)]
        if _falls(calls, own, factor):
            rule = Rule(1.0, 1.0, size)
            scaled = () if size == CONSTANT else ("gradient-rescaled",)
            yield Scale(
                f"{sign}{rule.size_text}learning_rateₜ · ",
                (*wrong, "adaptive-rate", *scaled),
                rule.size_text,
                rule,
            )


def mistakes_of_returned(rule: Rule) -> tuple[str, ...]:
    """Return what is wrong with a returned multiple of a formula."""
    wrong = ("learning-rate-in-gradient",) if rule.power else ()
    return wrong if rule.is_plain else (*wrong, "gradient-rescaled")


def mistakes_of_step(rule: Rule) -> tuple[str, ...]:
    """Return what is wrong with the size of a step; its sign aside."""
    if rule.power == 0.0 and rule.size == CONSTANT:
        return ("learning-rate-ignored",) if rule.is_plain else ("learning-rate-hard-coded",)
    if rule.power == 0.0 and abs(rule.constant) != 1.0:
        is_rate = abs(rule.constant) <= _LARGEST_RATE
        return ("learning-rate-hard-coded" if is_rate else UNNAMED, "gradient-rescaled")
    rate = {0.0: ("learning-rate-ignored",), 1.0: (), 2.0: ("learning-rate-in-gradient",)}[rule.power]
    return rate if rule.is_plain else (*rate, "gradient-rescaled")


def mistakes_of_overwritten(rule: Rule) -> tuple[str, ...]:
    """Return what else is wrong with a gradient that takes the place of the parameters; with or without the rate."""
    return () if rule.is_plain and rule.power in {0.0, 1.0} else mistakes_of_step(rule)


def rules(calls: Sequence[Call], fits: Sequence[Fit]) -> list[Rule]:
    """Return the rules that give the factors of all calls."""
    rows = [
        (fit.factor, fit.leeway, call.rate, *call.case.size)
        for call, fit in zip(calls, fits, strict=True)
        if fit.leeway < np.inf
    ]
    if not rows:
        return []
    factor, leeway, rate, n_inputs, n_neurons = np.array(rows, dtype=np.float64).T
    kinds = [(power, size) for power in _RATES for size in SIZES]
    powers = np.array([(power, *SIZES[size]) for power, size in kinds])
    due = rate ** powers[:, :1] * n_inputs ** powers[:, 1:2] * n_neurons ** powers[:, 2:]
    known = np.where(due > 0, due, 1.0)
    ratio, exact = factor / known, np.where(due > 0, leeway / known, np.inf)
    best = exact.argmin(axis=1)
    every = np.arange(len(kinds))
    nice = np.round(ratio[every, best], _DECIMALS)
    constant = np.where(np.abs(nice - ratio[every, best]) <= 8 * exact[every, best], nice, ratio[every, best])
    leave = 4 * leeway + (4 * exact[every, best])[:, None] * due
    holds = (np.abs(factor - constant[:, None] * due) <= leave).all(axis=1)
    holds &= (np.abs(constant) >= _LEASTCONSTANT) & (np.abs(constant) <= _LARGESTCONSTANT)
    return [Rule(float(constant[i]), *kinds[i]) for i in np.flatnonzero(holds).tolist()]


def _falls(calls: Sequence[Call], fits: Sequence[Fit], sign: float) -> bool:
    """Tell whether the learning rate falls: by the same factors on every layer, or from each call to the next."""
    rates: list[Fit] = []
    levels: dict[int, list[Fit]] = {}
    for call, fit in zip(calls, fits, strict=True):
        if fit.leeway == np.inf:
            continue
        if call.rate == 0:
            if abs(fit.factor) > fit.leeway:
                return False
            continue
        own = Fit(sign * fit.factor / call.rate, 4 * fit.leeway / call.rate)
        levels.setdefault(len(call.earlier), []).append(own)
        rates.append(own)
    if not rates or min(rate.factor for rate in rates) <= 0:
        return False
    first = [levels[number][0] for number in sorted(levels)]
    is_by_layer = all(_is_one(own) for own in levels.values()) and _is_falling(first)
    return is_by_layer or (len(rates) > _FEW and _is_falling(rates))


def _is_one(rates: Sequence[Fit]) -> bool:
    """Tell whether the rates are one and the same."""
    first = rates[0]
    return all(abs(rate.factor - first.factor) <= rate.leeway + first.leeway for rate in rates)


def _is_falling(rates: Sequence[Fit]) -> bool:
    """Tell whether each rate is less than the one before, by more than rounding."""
    exact = [rate for rate in rates if rate.leeway < _LEAST_FALL * rate.factor]
    return len(exact) > 1 and all(
        later.factor + later.leeway < earlier.factor - earlier.leeway for earlier, later in pairwise(exact)
    )
