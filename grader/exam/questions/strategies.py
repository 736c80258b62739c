"""Strategies for the exam's cases, on numbers that are multiples of 1/8.

They avoid what hides mistakes. Layers have one to five inputs and neurons, square or not. Few learning rates are 1, and
many layers are called more than once. Pre-activations stay away from the kink of ReLU and from flat parts of
activations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy, composite
from msgspec.structs import replace

from grader.exam.questions.cases import (
    BackwardCase,
    FitCase,
    LayerParameters,
    Numbers,
    Step,
    TrainCase,
    column,
)
from grader.exam.questions.certificates import falls_in_any_order, is_smooth
from grader.exam.questions.given_data import given_data
from grader.exam.questions.sampling import fill
from grader.protocol.activations import GIVEN

__all__ = [
    "SIZES",
    "SQUARES",
    "backward_cases",
    "fit_cases",
    "gradient_cases",
    "layers_of_every_size",
    "linear_in_da_cases",
    "linear_in_rate_cases",
    "monotone_cases",
    "steady_fit_cases",
]

T = TypeVar("T")

_EIGHTHS = (1.0, -1.0, 0.5, -0.5, 1.5, -1.5, 2.0, -2.0, 0.25, -0.25, 0.75, -0.75, 1.25, -1.25, 1.75, -1.75)
_ODD_EIGHTHS = tuple(sign * odd / 8 for odd in (1, 3, 5, 7, 9, 11, 13, 15) for sign in (1.0, -1.0))
_WIDE = _EIGHTHS + _ODD_EIGHTHS
"""Multiples of 1/8 from -2 to 2 without 0, the simplest first."""
_UNIT = tuple(value for value in _WIDE if abs(value) <= 1.0)
"""Those from -1 to 1."""
_RATES = (0.5, 0.25, 2.0, 0.125, 0.75, 1.5, 1.0, 0.375)
"""Learning rates; the first ones are not 1, at which a forgotten rate does not show."""
_SCALES = (1.0, 8.0, 1.0)
"""What ``da`` is multiplied by; clipped gradients show in some layers."""
SQUARES = tuple((n, n) for n in range(1, 6))
SIZES = tuple((m, n) for m in range(1, 6) for n in range(1, 6))
_DRAWN_SIZES = tuple(sorted(SIZES + SQUARES[1:] * 2, key=sum))
"""Pairs of n_inputs and n_neurons, small ones first, square ones three times as often."""
MONOTONE_RATE = 0.01
_SIZE = st.sampled_from(_DRAWN_SIZES)
_STEPS = (1, 2, 3)
_SHEET = 30
"""Materials drawn at once, which is ten times as fast as one by one."""
_LARGEST, _MOST_ROWS = 5, 8
_LEAST_SLOPE, _LARGEST_Z, _LEAST_Z = 0.05, 4.0, 0.05
_LEAST_DA_PREV = 0.01


@cache
def _one_of(values: tuple[T, ...]) -> SearchStrategy[T]:
    return st.sampled_from(values)


@cache
def _bytes(count: int) -> SearchStrategy[bytes]:
    return st.binary(min_size=count, max_size=count)


def _picked(data: bytes, values: tuple[T, ...]) -> tuple[T, ...]:
    """Return one of ``values`` for each byte; smaller bytes pick earlier, simpler ones.

    All numbers of an array are one choice, of the same length for all sizes. So a size can shrink without changing
    the numbers.
    """
    return tuple(values[byte % len(values)] for byte in data)


def _spread(data: bytes, values: tuple[T, ...]) -> tuple[T, ...]:
    """Return one of ``values`` for each byte, so that the simplest bytes pick numbers of different sizes.

    ``values`` has each number's negative after it.
    """
    return tuple(values[(byte + 2 * position) % len(values)] for position, byte in enumerate(data))


@dataclass(frozen=True)
class _Material:
    """Numbers for the largest layer and some steps; smaller layers take the first of them."""

    biases: Numbers
    weights: Numbers
    steps: tuple[Step, ...]

    def layer(
        self, n_inputs: int, n_neurons: int, activation: str, count: int | None = None
    ) -> BackwardCase | None:
        """Return a layer with the first ``count`` steps, or ``None`` if one of these would hide mistakes."""
        biases, weights = self.biases[:n_neurons], self.weights[: n_neurons * n_inputs]
        steps = tuple(
            Step(s.inputs[:n_inputs], s.da[:n_neurons], s.learning_rate) for s in self.steps[:count]
        )
        case = BackwardCase(n_inputs, n_neurons, activation, weights, biases, steps)
        return case if all(_is_telling(case, step) for step in steps) else None


@composite
def _materials(draw: DrawFn, steps: tuple[int, ...]) -> _Material:
    biases, weights = (_spread(draw(_bytes(count)), _UNIT) for count in (_LARGEST, _LARGEST**2))
    return _Material(biases, weights, tuple(_step(draw) for _ in range(draw(_one_of(steps)))))


def _step(draw: DrawFn) -> Step:
    data = draw(_bytes(2 + 2 * _LARGEST))
    inputs, da = _spread(data[2 : 2 + _LARGEST], _WIDE), _spread(data[2 + _LARGEST :], _WIDE)
    (rate,), (scale,) = _picked(data[:1], _RATES), _picked(data[1:2], _SCALES)
    return Step(inputs, tuple(scale * number for number in da), rate)


def _rows(draw: DrawFn, count: int, features: int) -> tuple[Numbers, ...]:
    drawn = _picked(draw(_bytes(_MOST_ROWS * _LARGEST)), _WIDE)
    return tuple(drawn[start : start + features] for start in range(0, count * _LARGEST, _LARGEST))


@composite
def backward_cases(
    draw: DrawFn, activations: tuple[str, ...] = GIVEN, steps: tuple[int, ...] = _STEPS
) -> BackwardCase:
    """Return layers with one to three calls of ``backward``, each on different inputs."""
    n_inputs, n_neurons = draw(_SIZE)
    activation = draw(_one_of(activations))
    case = draw(_materials(steps)).layer(n_inputs, n_neurons, activation)
    assume(case is not None)
    assert case is not None  # noqa: S101 - assumed
    return case


def _is_telling(case: BackwardCase, step: Step) -> bool:
    """Tell whether a step has numbers that differ, away from kinks and flat parts of activations."""
    if not (_differ(step.da) and _differ(step.inputs)):
        return False
    z = case.z(step)
    derivative = case.function.derivative(z)
    da_prev = case.weight_matrix.T @ (column(step.da) * derivative)
    slope = np.abs(derivative)
    alive = slope > 0.0
    return bool(
        np.abs(z).min() >= _LEAST_Z
        and np.abs(z).max() <= _LARGEST_Z
        and slope[alive].min(initial=1.0) >= _LEAST_SLOPE
        and alive.any()
        # If only this comes back, zeros would look as if nothing had been computed.
        and np.abs(da_prev).max() >= _LEAST_DA_PREV
    )


def _differ(numbers: Numbers) -> bool:
    """Tell whether there are several sizes among several numbers: all ones hide mistakes of structure."""
    return len(numbers) == 1 or len(set(map(abs, numbers))) > 1


def layers_of_every_size(kinds: Sequence[tuple[int, int, str]], seed: int) -> list[BackwardCase]:
    """Return a layer of each of ``kinds`` (n_inputs, n_neurons, activation), as ``backward_cases`` has them.

    How many calls a layer has depends on its place alone: the calls are the same ones, in number, for every seed.
    """
    sheets = st.tuples(*[_materials(_STEPS[-1:])] * _SHEET)
    counted = [
        (*kind, _STEPS[(place + place // len(_STEPS)) % len(_STEPS)]) for place, kind in enumerate(kinds)
    ]
    return fill(sheets, counted, lambda material, kind: material.layer(*kind), seed)


@composite
def linear_in_da_cases(draw: DrawFn, activations: tuple[str, ...]) -> BackwardCase:
    """Return a layer with three calls that differ in ``da`` alone: one, another, and their sum."""
    case = draw(backward_cases(activations, steps=(1,)))
    step = case.steps[0]
    other = Step(step.inputs, _step(draw).da[: case.n_neurons], step.learning_rate)
    both = Step(step.inputs, tuple(map(sum, zip(step.da, other.da, strict=True))), step.learning_rate)
    return replace(case, steps=(step, other, both))


@composite
def linear_in_rate_cases(draw: DrawFn, activations: tuple[str, ...]) -> BackwardCase:
    """Return a layer with three calls that differ in the learning rate alone: one, its double, and 0."""
    case = draw(backward_cases(activations, steps=(1,)))
    step = case.steps[0]
    steps = tuple(Step(step.inputs, step.da, factor * step.learning_rate) for factor in (1.0, 2.0, 0.0))
    return replace(case, steps=steps)


@composite
def fit_cases(draw: DrawFn, examples: tuple[int, int] = (6, 8), epochs: tuple[int, int] = (2, 3)) -> FitCase:
    """Return training sets with both labels, no two rows alike, for chains of one to four probe layers."""
    data = draw(_bytes(2 * _MOST_ROWS))
    widths = tuple(1 + byte % 4 for byte in data[: draw(_one_of((1, 2, 3, 4)))])
    sizes = tuple(zip(widths, [*widths[1:], 1], strict=True))
    count = draw(_one_of(tuple(range(examples[0], examples[1] + 1))))
    rows = _rows(draw, count, widths[0])
    labels = _picked(data[_MOST_ROWS:][:count], (0.0, 1.0))
    (rate,) = _picked(data[4:5], _RATES)
    assume(len(set(rows)) == count)
    assume(count == 1 or len(set(labels)) == 2)  # noqa: PLR2004 - the two labels
    n_epochs = draw(_one_of(tuple(range(epochs[0], epochs[1] + 1))))
    return FitCase(rows, labels, n_epochs, rate, sizes)


@composite
def steady_fit_cases(draw: DrawFn) -> FitCase:
    """Return trainings that change nothing, with more epochs than rules for early stopping wait for."""
    return replace(draw(fit_cases(examples=(6, 6), epochs=(12, 12))), is_steady=True)


@composite
def _networks(draw: DrawFn, widths: tuple[int, ...], hidden: tuple[str, ...]) -> tuple[LayerParameters, ...]:
    layers = []
    for position, (m, n) in enumerate(zip(widths, [*widths[1:], 1], strict=True), 1):
        activation = "sigmoid" if position == len(widths) else draw(_one_of(hidden))
        drawn = _picked(draw(_bytes(n * (m + 1))), _UNIT)
        layers.append(LayerParameters(m, n, activation, drawn[n:], drawn[:n]))
    return tuple(layers)


@composite
def gradient_cases(draw: DrawFn) -> TrainCase:
    """Return networks of one to four layers with two or three examples of both labels, trained for one epoch."""
    data = draw(_bytes(6))
    widths = tuple(1 + byte % 3 for byte in data[: draw(_one_of((1, 2, 3, 4)))])
    layers = draw(_networks(widths, ("relu", "sigmoid", "tanh", "softplus")))
    count = draw(_one_of((2, 3)))
    rows = _rows(draw, count, widths[0])
    labels = tuple(float((data[4] + i) % 2) for i in range(count))
    (rate,) = _picked(data[5:], _RATES)
    case = TrainCase(layers, rows, labels, rate, calls=1)
    assume(len(set(rows)) == count)
    assume(is_smooth(case))
    return case


@composite
def monotone_cases(draw: DrawFn) -> TrainCase:
    """Return 2-6-6-1 networks and some of the given data, on which the reference's mean loss falls in any order."""
    layers = draw(_networks((2, 6, 6), ("relu",)))
    data, labels = given_data()
    first, count = draw(_one_of(tuple(range(len(data) - 20)))), draw(_one_of((12, 16, 20)))
    chosen = slice(first, first + count)
    case = TrainCase(layers, data[chosen], labels[chosen], MONOTONE_RATE, calls=5)
    assume(len(set(case.labels)) > 1)
    assume(falls_in_any_order(case))
    return case
