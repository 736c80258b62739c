"""The known forms of the first ``da``, and which of them a ``fit`` uses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from grader.exam.questions.cases import FitCase

__all__ = [
    "DUE",
    "FORMS",
    "SCALES",
    "TOLERANCES",
    "Form",
    "Found",
    "Sample",
    "Scale",
    "formulas",
    "ids_of",
    "is_scale",
]

Floats = NDArray[np.float64]

DUE = "da = (ŷ − y) / (ŷ·(1 − ŷ))"
_LEAST_FACTOR, _VISIBLE = 1e-6, 1e-3
TOLERANCES = (1e-9, 3e-5)
"""How far ``da`` may be off, as a fraction: in float64, or else in float32 or with an added constant of 1e-7."""


class Form(NamedTuple):
    """A formula of ŷ and y, and the mistakes that it stands for."""

    ids: tuple[str, ...]
    text: str
    value: Callable[[Floats, Floats], Floats]
    is_signed: bool = True
    """Whether its negative is another mistake."""


def _cross_entropy(y_hat: Floats, y: Floats) -> Floats:
    return -(y * np.log(y_hat) + (1.0 - y) * np.log(1.0 - y_hat))


FORMS = (
    Form((), "(ŷ − y) / (ŷ·(1 − ŷ))", lambda y_hat, y: (y_hat - y) / (y_hat * (1.0 - y_hat))),
    Form(("output-gradient-without-denominator",), "(ŷ − y)", lambda y_hat, y: y_hat - y),
    Form(("output-gradient-squared-error",), "2·(ŷ − y)", lambda y_hat, y: 2.0 * (y_hat - y)),
    Form(("output-gradient-one-sided",), "−y / ŷ", lambda y_hat, y: -y / y_hat),
    Form(("output-gradient-one-sided",), "(1 − y) / (1 − ŷ)", lambda y_hat, y: (1.0 - y) / (1.0 - y_hat)),
    Form(("output-gradient-one-sided",), "−1 / ŷ", lambda y_hat, y: -1.0 / y_hat + 0.0 * y),
    Form(("output-gradient-one-sided",), "1 / (1 − ŷ)", lambda y_hat, y: 1.0 / (1.0 - y_hat) + 0.0 * y),
    Form(("output-gradient-is-loss",), "L", _cross_entropy, is_signed=False),
    Form(("output-gradient-is-loss",), "(ŷ − y)²", lambda y_hat, y: (y_hat - y) ** 2, is_signed=False),
    Form(("output-gradient-is-loss",), "|ŷ − y|", lambda y_hat, y: np.abs(y_hat - y), is_signed=False),
)
"""The right form first."""


class Scale(NamedTuple):
    """A factor of the first ``da`` that depends on the case; the name is that of what it is multiplied by."""

    text: str
    value: Callable[[FitCase], float]


SCALES = (
    Scale("", lambda _case: 1.0),
    Scale(" / N", lambda case: 1.0 / case.examples),
    Scale(" / (N − 1)", lambda case: 1.0 / max(case.examples - 1, 1)),
    Scale("·N", lambda case: case.examples),
    Scale("·learning_rate", lambda case: case.learning_rate),
    Scale("·learning_rate / N", lambda case: case.learning_rate / case.examples),
    Scale(" / learning_rate", lambda case: 1.0 / case.learning_rate),
    Scale(" / epochs", lambda case: 1.0 / case.epochs),
    Scale(" / (number of features)", lambda case: 1.0 / len(case.rows[0])),
    Scale(" / (number of layers)", lambda case: 1.0 / len(case.sizes)),
    Scale(" / (N·epochs)", lambda case: 1.0 / (case.examples * case.epochs)),
)
"""No factor first."""


@dataclass(frozen=True)
class Sample:
    """The first ``da`` of every step in one case: arrays of one length, with the labels that the examples have."""

    case: FitCase
    y_hat: Floats
    y: Floats
    da: Floats


@dataclass(frozen=True)
class Found:
    """A formula that gives every ``da`` for one label or the other."""

    ids: tuple[str, ...]
    text: str
    labels: tuple[Floats, ...]
    """For each sample, the label that every step used; NaN if the formula gives the same for both."""
    is_own: bool
    """Whether each step used its example's label, as far as can be told."""

    @property
    def mistakes(self) -> int:
        """How many mistakes there are in the formula and the pairing of labels."""
        return len(self.ids) + (not self.is_own)


def formulas(samples: Sequence[Sample]) -> list[Found]:
    """Return the formulas with the fewest mistakes that give every ``da``."""
    for tolerance in TOLERANCES:
        found = list(_all_formulas(samples, tolerance))
        if found:
            least = min(each.mistakes for each in found)
            return [each for each in found if each.mistakes == least]
    return []


def _all_formulas(samples: Sequence[Sample], tolerance: float) -> Iterator[Found]:
    y_hat, y, da = (np.concatenate([getattr(s, name) for s in samples]) for name in ("y_hat", "y", "da"))
    counts = [len(sample.da) for sample in samples]
    ends = np.cumsum(counts)[:-1]
    leave = tolerance * np.abs(da)
    scales = [
        (scale.text, np.repeat([scale.value(sample.case) for sample in samples], counts)) for scale in SCALES
    ]
    for form, sign in product(FORMS, (1.0, -1.0)):
        one, zero = (sign * form.value(y_hat, np.full_like(y, label)) for label in (1.0, 0.0))
        constants = [_constant(form, da, due) for due in (np.where(y == 1.0, one, zero), one, zero)]
        for text, factor in (*scales, *dict(chain.from_iterable(constants)).items()):
            is_one, is_zero = (np.abs(da - factor * value) <= leave for value in (one, zero))
            if not (is_one | is_zero).all():
                continue
            used = np.where(is_one & is_zero, np.nan, is_one.astype(float))
            is_own = bool((np.isnan(used) | (used == y)).all())
            seen = f"da = {'−' if sign < 0 else ''}{form.text}{text}"
            yield Found(ids_of(form, sign, text), seen, tuple(np.split(used, ends)), is_own)


def ids_of(form: Form, sign: float, scale: str) -> tuple[str, ...]:
    """Return the mistakes in a signed and scaled form; one that is replaced as a whole is one mistake."""
    if not form.is_signed:
        return form.ids
    ids = [*form.ids]
    if sign < 0:
        ids.append("output-gradient-sign")
    if scale:
        ids.append("output-gradient-rescaled")
    return tuple(ids)


def _constant(form: Form, da: Floats, own: Floats) -> list[tuple[str, Floats]]:
    """Return the factor between ``da`` and the formula, if it is one positive number for all steps."""
    places = np.flatnonzero(own)
    if not places.size:
        return []
    factor = float(da[places[0]] / own[places[0]])
    return [(f"·{factor:.6g}", np.full_like(da, factor))] if is_scale(form, factor) else []


def is_scale(form: Form, factor: float) -> bool:
    """Tell whether a form may have a constant ``factor``: a positive one that makes no other form of it."""
    is_visible = _LEAST_FACTOR < factor < 1.0 / _LEAST_FACTOR and abs(factor - 1.0) >= _VISIBLE
    return is_visible and "output-gradient-squared-error" not in form.ids
