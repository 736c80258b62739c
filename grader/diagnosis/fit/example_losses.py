"""The known forms of the loss of one example, as functions of ŷ and y."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["CLIPPED_FORMS", "DUE", "FORMS", "LOSSES", "ExampleLoss"]

Floats = NDArray[np.float64]
Function = Callable[[Floats, Floats], Floats]

DUE = "L = −(y·ln ŷ + (1 − y)·ln(1 − ŷ))"
_CLIPS = (0.1, 0.05, 0.02, 0.01, 0.005, 0.001, 0.0001)


class ExampleLoss(NamedTuple):
    """A formula of ŷ and y, and the mistakes that it stands for."""

    ids: tuple[str, ...]
    text: str
    value: Function


def _cross_entropy(y_hat: Floats, y: Floats, log: Callable[[Floats], Floats] = np.log) -> Floats:
    return -(y * log(y_hat) + (1.0 - y) * log(1.0 - y_hat))


def _clipped(epsilon: float, y_hat: Floats, y: Floats) -> Floats:
    return _cross_entropy(np.clip(y_hat, epsilon, 1.0 - epsilon), y)


def _added(epsilon: float, y_hat: Floats, y: Floats) -> Floats:
    return -(y * np.log(y_hat + epsilon) + (1.0 - y) * np.log(1.0 - y_hat + epsilon))


def _at_least(epsilon: float, y_hat: Floats, y: Floats) -> Floats:
    return _cross_entropy(np.maximum(y_hat, epsilon), y)


def _bounded_below(epsilon: float, y_hat: Floats, y: Floats) -> Floats:
    own = np.where(y == 1.0, y_hat, 1.0 - y_hat)
    return -np.log(np.maximum(own, epsilon))


def _negative(function: Function) -> Function:
    return lambda y_hat, y: -function(y_hat, y)


_SIGN, _ONE_SIDED, _WRONG, _CLIPPED = (
    ("loss-sign",),
    ("loss-one-sided",),
    ("loss-wrong-formula",),
    ("prediction-clipped",),
)
_ONE_SIDED_FORMS: tuple[tuple[str, Function], ...] = (
    ("−y·ln ŷ", lambda y_hat, y: -y * np.log(y_hat)),
    ("−(1 − y)·ln(1 − ŷ)", lambda y_hat, y: -(1.0 - y) * np.log(1.0 - y_hat)),
    ("−ln ŷ", lambda y_hat, _y: -np.log(y_hat)),
    ("−ln(1 − ŷ)", lambda y_hat, _y: -np.log(1.0 - y_hat)),
)
_WRONG_FORMS: tuple[tuple[str, Function], ...] = (
    ("(ŷ − y)²", lambda y_hat, y: (y_hat - y) ** 2),
    ("½·(ŷ − y)²", lambda y_hat, y: (y_hat - y) ** 2 / 2.0),
    ("|ŷ − y|", lambda y_hat, y: np.abs(y_hat - y)),
    ("ŷ − y", lambda y_hat, y: y_hat - y),
    ("y − ŷ", lambda y_hat, y: y - y_hat),
    ("−(y·log₂ ŷ + (1 − y)·log₂(1 − ŷ))", partial(_cross_entropy, log=np.log2)),
    ("−(y·log₁₀ ŷ + (1 − y)·log₁₀(1 − ŷ))", partial(_cross_entropy, log=np.log10)),
    ("−(y·ln(1 + ŷ) + (1 − y)·ln(2 − ŷ))", partial(_cross_entropy, log=np.log1p)),
    (
        "−(y·ln ŷ + (1 − y)·ln(2 − ŷ))",
        lambda y_hat, y: -(y * np.log(y_hat) + (1.0 - y) * np.log1p(1.0 - y_hat)),
    ),
    ("−y·ln ŷ + (1 − y)·ln(1 − ŷ)", lambda y_hat, y: -y * np.log(y_hat) + (1.0 - y) * np.log(1.0 - y_hat)),
    ("y·ln ŷ − (1 − y)·ln(1 − ŷ)", lambda y_hat, y: y * np.log(y_hat) - (1.0 - y) * np.log(1.0 - y_hat)),
    ("−(y·ln ŷ + y·ln(1 − ŷ))", lambda y_hat, y: -y * (np.log(y_hat) + np.log(1.0 - y_hat))),
    ("−(ln ŷ + ln(1 − ŷ))", lambda y_hat, _y: -(np.log(y_hat) + np.log(1.0 - y_hat))),
    (
        "−(ŷ·ln ŷ + (1 − ŷ)·ln(1 − ŷ))",
        lambda y_hat, _y: -(y_hat * np.log(y_hat) + (1.0 - y_hat) * np.log(1.0 - y_hat)),
    ),
    ("(ŷ − y) / (ŷ·(1 − ŷ))", lambda y_hat, y: (y_hat - y) / (y_hat * (1.0 - y_hat))),
)


def _forms() -> Iterator[ExampleLoss]:
    text = DUE.removeprefix("L = ")
    yield ExampleLoss((), text, _cross_entropy)
    yield ExampleLoss(_SIGN, text.removeprefix("−"), _negative(_cross_entropy))
    for name, function in _ONE_SIDED_FORMS:
        yield ExampleLoss(_ONE_SIDED, name, function)
        yield ExampleLoss(_ONE_SIDED + _SIGN, name.removeprefix("−"), _negative(function))
    for name, function in _WRONG_FORMS:
        yield ExampleLoss(_WRONG, name, function)
        if name.startswith("−("):
            yield ExampleLoss(_WRONG + _SIGN, name.removeprefix("−"), _negative(function))


def _clipped_forms() -> Iterator[ExampleLoss]:
    text = DUE.removeprefix("L = ")
    for epsilon in _CLIPS:
        bounds, sum_ = f"ŷ between {epsilon:g} and {1.0 - epsilon:g}", f"ŷ + {epsilon:g}"
        least, below = f"ŷ at least {epsilon:g}", f"ŷ and 1 − ŷ at least {epsilon:g}"
        for words, function in (
            (bounds, partial(_clipped, epsilon)),
            (below, partial(_bounded_below, epsilon)),
            (least, partial(_at_least, epsilon)),
            (sum_, partial(_added, epsilon)),
        ):
            yield ExampleLoss(_CLIPPED, f"{text} with {words}", function)
            yield ExampleLoss(_CLIPPED + _SIGN, f"{text.removeprefix('−')} with {words}", _negative(function))


FORMS = tuple(_forms())
"""The right one first."""
_DERIVATIVES = {"ŷ − y", "y − ŷ", "(ŷ − y) / (ŷ·(1 − ŷ))"}
LOSSES = tuple(form for form in FORMS if form.text not in _DERIVATIVES)
"""Those that cannot be meant as a derivative."""
CLIPPED_FORMS = tuple(_clipped_forms())
"""The right one, or its negative, with a ŷ that is kept away from 0 and 1."""
