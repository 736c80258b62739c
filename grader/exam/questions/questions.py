"""What is asked of every submission: the cases of the exam's seed, many in one request.

Those of the default seed are stored as data, so that grading with them needs no Hypothesis, and no version of it
matters. ``questions.json`` has a line for each case, its numbers in the order of the fields of ``cases``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from grader.candidate.request import Request
from grader.exam.answers import (
    BackwardAnswers,
    FitAnswers,
    TrainAnswers,
    backward_request,
    fit_request,
    train_request,
)
from grader.exam.questions.cases import BackwardCase, FitCase, LayerParameters, Step, TrainCase

__all__ = ["FILE", "Questions", "document", "is_stored", "questions"]

FILE = Path(__file__).with_name("questions.json")


@dataclass(frozen=True)
class Questions:
    """The cases of one exam, by their families."""

    seed: int
    given: Sequence[BackwardCase]
    """Layers of every size with each of the given activations."""
    unseen: Sequence[BackwardCase]
    """Layers of every size with activations that students have not seen."""
    linear_in_da: Sequence[BackwardCase]
    """Three calls that differ in ``da`` alone."""
    linear_in_rate: Sequence[BackwardCase]
    """Three calls that differ in the learning rate alone."""
    fit: Sequence[FitCase]
    """Calls of ``fit`` with probe layers."""
    gradient: Sequence[TrainCase]
    """Networks that are trained for one epoch, for the gradient check."""
    monotone: Sequence[TrainCase]
    """Networks whose mean loss must fall, and does not on all of them with a gradient that says nothing."""

    @cached_property
    def backward_request(self) -> Request[BackwardAnswers]:
        """All that is asked of ``backward``."""
        names = ("given", "unseen", "linear_in_da", "linear_in_rate")
        return backward_request({name: getattr(self, name) for name in names}, remembers=True)

    @cached_property
    def fit_request(self) -> Request[FitAnswers]:
        """All that is asked of ``fit`` with probe layers."""
        return fit_request(self.fit, remembers=True)

    @cached_property
    def gradient_request(self) -> Request[TrainAnswers]:
        """The training of networks for the gradient check."""
        return train_request(self.gradient, remembers=True)

    @cached_property
    def monotone_request(self) -> Request[TrainAnswers]:
        """The training of networks whose mean loss must fall."""
        return train_request(self.monotone, remembers=True)


def is_stored(seed: int) -> bool:
    """Tell whether the cases of ``seed`` are stored."""
    return bool(_stored()["seed"] == seed)


def questions(seed: int) -> Questions:
    """Return the cases of ``seed``, which are drawn if they are not stored."""
    if not is_stored(seed):
        from grader.exam.questions.drawing import draw_questions  # noqa: PLC0415 - imports Hypothesis

        return draw_questions(seed)
    families = {name: [read(case) for case in _stored()[name]] for name, read in _READERS.items()}
    return Questions(seed, **families)


@cache
def _stored() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(FILE.read_text(encoding="ascii"))
    return document


def document(drawn: Questions) -> str:
    """Return what ``questions.json`` holds if its cases are those that were ``drawn``."""
    lines = [f'"seed": {drawn.seed}']
    for name in _READERS:
        cases = (json.dumps(astuple(case), separators=(",", ":")) for case in getattr(drawn, name))
        lines.append(f'"{name}": [\n' + ",\n".join(cases) + "\n]")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _backward(numbers: list[Any]) -> BackwardCase:
    n_inputs, n_neurons, activation, weights, biases, steps = _frozen(numbers)
    return BackwardCase(
        n_inputs, n_neurons, activation, weights, biases, tuple(Step(*step) for step in steps)
    )


def _fit(numbers: list[Any]) -> FitCase:
    return FitCase(*_frozen(numbers))


def _train(numbers: list[Any]) -> TrainCase:
    layers, *rest = _frozen(numbers)
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
