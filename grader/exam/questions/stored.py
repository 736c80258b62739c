"""The examples of the default seed, kept as data: grading with them needs no Hypothesis, and no version of it matters.

``questions.json`` has a line for each example, its numbers in the order of the fields of ``cases``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, Protocol

from grader.exam.questions.cases import BackwardCase, FitCase, LayerParameters, Step, TrainCase

__all__ = ["FILE", "Families", "find", "text_of", "write"]

FILE = Path(__file__).with_name("questions.json")


class Families(Protocol):
    """The examples of one exam, by what they are for."""

    @property
    def given(self) -> Sequence[BackwardCase]:
        """Layers of every size with each of the given activations."""

    @property
    def unseen(self) -> Sequence[BackwardCase]:
        """Layers of every size with activations that students have not seen."""

    @property
    def linear_in_da(self) -> Sequence[BackwardCase]:
        """Three calls that differ in ``da`` alone."""

    @property
    def linear_in_rate(self) -> Sequence[BackwardCase]:
        """Three calls that differ in the learning rate alone."""

    @property
    def fit(self) -> Sequence[FitCase]:
        """Calls of ``fit`` with probe layers."""

    @property
    def gradient(self) -> Sequence[TrainCase]:
        """Networks for the gradient check."""

    @property
    def monotone(self) -> Sequence[TrainCase]:
        """Networks whose mean loss must fall."""


@dataclass(frozen=True)
class _Stored:
    given: Sequence[BackwardCase]
    unseen: Sequence[BackwardCase]
    linear_in_da: Sequence[BackwardCase]
    linear_in_rate: Sequence[BackwardCase]
    fit: Sequence[FitCase]
    gradient: Sequence[TrainCase]
    monotone: Sequence[TrainCase]


def find(seed: int) -> Families | None:
    """Return the examples of ``seed``, or ``None`` if they are not kept."""
    document = json.loads(FILE.read_text(encoding="ascii"))
    if document["seed"] != seed:
        return None
    return _Stored(**{name: [read(case) for case in document[name]] for name, read in _READERS.items()})


def text_of(seed: int, families: Families) -> str:
    """Return what ``questions.json`` holds if its examples are ``families``, drawn from ``seed``."""
    lines = [f'"seed": {seed}']
    for name in _READERS:
        cases = ",\n".join(
            json.dumps(astuple(case), separators=(",", ":")) for case in getattr(families, name)
        )
        lines.append(f'"{name}": [\n{cases}\n]')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def write(seed: int, families: Families) -> None:
    """Keep ``families``, drawn from ``seed``."""
    FILE.write_text(text_of(seed, families), encoding="ascii")


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _backward(fields: list[Any]) -> BackwardCase:
    n_inputs, n_neurons, activation, weights, biases, steps = _frozen(fields)
    return BackwardCase(
        n_inputs, n_neurons, activation, weights, biases, tuple(Step(*step) for step in steps)
    )


def _fit(fields: list[Any]) -> FitCase:
    return FitCase(*_frozen(fields))


def _train(fields: list[Any]) -> TrainCase:
    layers, *rest = _frozen(fields)
    return TrainCase(tuple(LayerParameters(*layer) for layer in layers), *rest)


_READERS: dict[str, Callable[[list[Any]], Any]] = {
    "given": _backward,
    "unseen": _backward,
    "linear_in_da": _backward,
    "linear_in_rate": _backward,
    "fit": _fit,
    "gradient": _train,
    "monotone": _train,
}
