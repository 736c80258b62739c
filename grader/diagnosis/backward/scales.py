"""Name the factor between what a submission did and the direction of a formula.

A step of the weights is ``−learning_rate`` times the gradient, what is returned is 1 times the formula. ``Measured``
has the factor of each call. A factor is explained by one rule in all calls, or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from grader.diagnosis.backward.call import Call
from grader.messages import number_text

__all__ = ["Fit", "Measured", "Scale", "fitted", "of_overwritten", "of_returned", "of_step"]

Floats = NDArray[np.float64]

_LEAST_DIRECTION = 1e-12
"""A direction that is smaller than this is zero but for rounding."""
_SIZES: tuple[tuple[str, Callable[[Floats, Floats], Floats]], ...] = (
    ("{k}", lambda n_inputs, _n: np.ones_like(n_inputs)),
    ("{k} / n_inputs", lambda n_inputs, _n: 1 / n_inputs),
    ("{k} / n_neurons", lambda _m, n_neurons: 1 / n_neurons),
    ("{k} / (n_inputs · n_neurons)", lambda n_inputs, n_neurons: 1 / (n_inputs * n_neurons)),
    ("{k} · n_inputs", lambda n_inputs, _n: n_inputs),
    ("{k} · n_neurons", lambda _m, n_neurons: n_neurons),
    ("{k} · n_inputs · n_neurons", lambda n_inputs, n_neurons: n_inputs * n_neurons),
    ("{k} / √n_inputs", lambda n_inputs, _n: n_inputs**-0.5),
    ("{k} / √n_neurons", lambda _m, n_neurons: n_neurons**-0.5),
)
"""The sizes that a gradient may be multiplied by."""


class Scale(NamedTuple):
    """A rule for the factor: ``text`` is put before the name of the gradient; empty for the right one."""

    text: str
    mistakes: tuple[str, ...] = ()


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
    size = float(np.abs(direction).max())
    if size <= _LEAST_DIRECTION:
        return Fit(np.nan, np.inf) if float(np.abs(seen).max()) <= tolerance * max(scale, 1.0) else None
    factor = float((seen * direction).sum() / (direction * direction).sum())
    leave = tolerance * max(scale, abs(factor) * size)
    if not float(np.abs(seen - factor * direction).max()) <= leave:
        return None
    return Fit(factor, leave / size)


@dataclass(frozen=True, eq=False)
class Measured:
    """The factors of all calls that have one, with what they may depend on."""

    factor: Floats
    leeway: Floats
    rate: Floats
    n_inputs: Floats
    n_neurons: Floats
    number: Floats
    """The number of each call on its layer, from 1."""
    tolerance: float

    @classmethod
    def of(cls, calls: Sequence[Call], fits: Sequence[Fit], tolerance: float) -> Measured:
        """Return the factors of those calls whose direction is not zero."""
        rows = [
            (fit.factor, fit.leeway, call.rate, call.n_inputs, call.n_neurons, len(call.earlier) + 1)
            for call, fit in zip(calls, fits, strict=True)
            if fit.leeway < np.inf
        ]
        return cls(*np.array(rows, dtype=np.float64).reshape(-1, 6).T, tolerance=tolerance)

    def is_zero(self) -> bool:
        """Tell whether nothing moved in any call."""
        return self.equals(np.zeros_like(self.factor))

    def equals(self, due: Floats) -> bool:
        """Tell whether the factors are those of ``due``."""
        leave = 4 * self.leeway + self.tolerance * np.abs(due)
        return bool((np.abs(self.factor - due) <= leave).all())

    def constant(self, due: Floats) -> float | None:
        """Return the positive constant by which the factors are multiples of ``due``; ``None`` if they are not."""
        exact = np.where(np.abs(due) > 0, self.leeway / np.maximum(np.abs(due), _LEAST_DIRECTION), np.inf)
        if not exact.size or not np.isfinite(exact.min()):
            return None
        best = int(exact.argmin())
        constant = float(self.factor[best] / due[best])
        nice = round(constant, 6)
        if abs(constant - nice) <= 8 * exact[best]:
            constant = nice
        return constant if constant > 0 and self.equals(constant * due) else None


def of_step(measured: Measured) -> Scale | None:
    """Return the rule for how far parameters moved along a gradient; ``None`` if there is none that we know."""
    if not measured.factor.size or measured.is_zero():
        return None
    rate = measured.rate
    signs = (("−", -1.0, ()), ("+", 1.0, ("gradient-ascent",)))
    for text, sign, wrong in signs:
        if measured.equals(sign * rate):
            return Scale(f"{text} learning_rate · ", wrong)
    for text, sign, wrong in signs:
        if measured.equals(sign * np.ones_like(rate)):
            return Scale(f"{text} ", (*wrong, "learning-rate-ignored"))
        if measured.equals(sign * rate**2):
            return Scale(f"{text} learning_rate² · ", (*wrong, "learning-rate-in-gradient"))
    for text, sign, wrong in signs:
        for factor, mistakes in _constants(measured, sign):
            return Scale(f"{text} {factor} · ", (*wrong, *mistakes))
    for text, sign, wrong in signs:
        if _changes_by_call(measured, sign):
            return Scale(f"{text} (a learning rate that changes) · ", (*wrong, "adaptive-rate"))
    return None


def of_overwritten(measured: Measured) -> Scale | None:
    """Return the rule for parameters that are a multiple of a gradient; ``None`` if there is none that we know."""
    if not measured.factor.size or measured.is_zero():
        return None
    for text, due in (("learning_rate · ", measured.rate), ("", np.ones_like(measured.rate))):
        for sign_text, sign in (("", 1.0), ("−", -1.0)):
            if measured.equals(sign * due):
                return Scale(f"{sign_text}{text}", ("weights-overwritten",))
    for sign_text, sign in (("", 1.0), ("−", -1.0)):
        for factor, mistakes in _constants(measured, sign):
            return Scale(f"{sign_text}{factor} · ", ("weights-overwritten", *mistakes))
    return None


def of_returned(measured: Measured) -> Scale | None:
    """Return the rule for a returned multiple of a formula; ``None`` if there is none that we know."""
    if not measured.factor.size or measured.is_zero():
        return None
    if measured.equals(np.ones_like(measured.rate)):
        return Scale("")
    if measured.equals(measured.rate):
        return Scale("learning_rate · ", ("learning-rate-in-gradient",))
    for text, due, mistakes in (
        ("", np.ones_like(measured.rate), ("gradient-rescaled",)),
        ("learning_rate · ", measured.rate, ("learning-rate-in-gradient", "gradient-rescaled")),
    ):
        for size, constant in _sized(measured, due):
            return Scale(f"{size.format(k=number_text(constant))} · {text}", mistakes)
    return None


def _constants(measured: Measured, sign: float) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the ways in which the factors are constants, sizes, or such multiples of the learning rate."""
    rate = measured.rate
    for size, constant in _sized(measured, sign * rate):
        yield f"{size.format(k=number_text(constant))} · learning_rate", ("gradient-rescaled",)
    for size, constant in _sized(measured, sign * np.ones_like(rate)):
        fixed = size == "{k}"
        mistakes = ("learning-rate-hard-coded",) if fixed else ("learning-rate-ignored", "gradient-rescaled")
        yield size.format(k=number_text(constant)), mistakes
    for size, constant in _sized(measured, sign * rate**2):
        text = f"{size.format(k=number_text(constant))} · learning_rate²"
        yield text, ("learning-rate-in-gradient", "gradient-rescaled")


def _sized(measured: Measured, due: Floats) -> Iterator[tuple[str, float]]:
    for text, size in _SIZES:
        constant = measured.constant(due * size(measured.n_inputs, measured.n_neurons))
        if constant is not None:
            yield text, constant


def _changes_by_call(measured: Measured, sign: float) -> bool:
    """Tell whether the learning rate falls from call to call, by the same factors on every layer."""
    moving = measured.rate > 0
    factor = sign * measured.factor[moving] / measured.rate[moving]
    exact = 4 * measured.leeway[moving] / measured.rate[moving] + measured.tolerance
    numbers = measured.number[moving]
    if not (factor > 0).all() or len(set(numbers.tolist())) < 2 or (measured.factor[~moving] != 0).any():  # noqa: PLR2004
        return False
    levels = []
    for number in sorted(set(numbers.tolist())):
        own = numbers == number
        level = factor[own][exact[own].argmin()]
        if not (np.abs(factor[own] - level) <= exact[own] + exact[own].min()).all():
            return False
        levels.append(level)
    return all(later < before for before, later in zip(levels, levels[1:], strict=False))
