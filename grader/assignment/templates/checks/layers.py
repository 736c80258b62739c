"""The layers that `backward` is tried on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from utils import Activation, Array, relu, sigmoid


class _Arctan:
    def __call__(self, z: Array) -> Array:
        return np.arctan(z)

    def derivative(self, z: Array) -> Array:
        return 1 / (1 + z**2)


class _HalfSquare:
    def __call__(self, z: Array) -> Array:
        return z**2 / 2

    def derivative(self, z: Array) -> Array:
        return z.copy()


class _Leaky:
    def __call__(self, z: Array) -> Array:
        return np.where(z > 0, z, z / 4)

    def derivative(self, z: Array) -> Array:
        return np.where(z > 0, 1.0, 0.25)


FUNCTIONS: dict[str, Activation] = {
    "relu": relu,
    "sigmoid": sigmoid,
    "f(z) = arctan(z)": _Arctan(),
    "f(z) = z²/2": _HalfSquare(),
    "f(z) = z, or z/4 if z < 0": _Leaky(),
}
_GIVEN = ("relu", "sigmoid")
_OTHERS = tuple(name for name in FUNCTIONS if name not in _GIVEN)


class LayerStep(NamedTuple):
    """What one `forward` and the `backward` after it are given."""

    inputs: Array
    da: Array
    learning_rate: float


class LayerCase(NamedTuple):
    """A layer and the calls on it, for each of which the parameters are set anew."""

    family: str
    activation: str
    weights: Array
    biases: Array
    steps: tuple[LayerStep, ...]

    @property
    def size(self) -> tuple[int, ...]:
        """The numbers of neurons and inputs."""
        return self.weights.shape


def numbers(seed: int) -> Iterator[int]:
    """Yield integers from 0 to 65535, the same ones on every machine."""
    while True:
        seed = (1103515245 * seed + 12345) % 2**31
        yield seed >> 15


def _quarters(draw: Iterator[int], n_rows: int, n_columns: int, most: int) -> Array:
    """Return multiples of 1/4 without 0, from -most/4 to most/4."""
    count = n_rows * n_columns
    values = [(1 + next(draw) % most) * (1 - 2 * (next(draw) % 2)) / 4 for _ in range(count)]
    return np.array(values).reshape(n_rows, n_columns)


def _is_telling(case: LayerCase) -> bool:
    """Tell whether mistakes show: the numbers differ, and z is away from kinks and flat parts."""
    for step in case.steps:
        z = case.weights @ step.inputs + case.biases
        slope = np.abs(FUNCTIONS[case.activation].derivative(z))
        da_prev = case.weights.T @ (step.da * slope)
        alive = slope > 0
        differ = all(a.size == 1 or np.unique(np.abs(a)).size > 1 for a in (step.inputs, step.da))
        calm = np.abs(z).min() >= 0.05 and np.abs(z).max() <= 4 and slope[alive].min(initial=1) >= 0.05
        if not (differ and calm and alive.any() and np.abs(da_prev).max() >= 0.01):
            return False
    return True


def _steps(
    draw: Iterator[int], family: str, n_inputs: int, n_neurons: int, count: int
) -> tuple[LayerStep, ...]:
    steps = []
    for _number in range(count):
        scale = (1, 1, 8)[next(draw) % 3]  # a clipped gradient shows if it is large
        rate = (0.5, 0.25, 2.0, 0.1, 1.5)[next(draw) % 5]
        da = scale * _quarters(draw, n_neurons, 1, 8)
        steps.append(LayerStep(_quarters(draw, n_inputs, 1, 8), da, rate))
    first = steps[0]
    if family == "sums":
        other = _quarters(draw, n_neurons, 1, 8)
        return first, first._replace(da=other), first._replace(da=first.da + other)
    if family == "rates":
        return tuple(first._replace(learning_rate=factor * first.learning_rate) for factor in (1, 2, 0))
    return tuple(steps)


def _layer(draw: Iterator[int], family: str, activation: str, size: tuple[int, int], count: int) -> LayerCase:
    while True:
        weights, biases = _quarters(draw, *size, 4), _quarters(draw, size[0], 1, 4)
        case = LayerCase(family, activation, weights, biases, _steps(draw, family, size[1], size[0], count))
        if _is_telling(case):
            return case


def layer_cases() -> list[LayerCase]:
    """Return the layers, the smallest ones first."""
    draw = numbers(20)
    sizes = sorted(((n, m) for n in range(1, 5) for m in range(1, 5)), key=sum)
    cases = [
        _layer(draw, "given", name, size, 1 + (place + shift) % 3)
        for place, size in enumerate(sizes)
        for shift, name in enumerate(_GIVEN)
    ]
    some = [(1, 1), (2, 2), (1, 3), (3, 2), (2, 4), (3, 3)]
    cases += [_layer(draw, "others", name, size, 1) for size in some for name in _OTHERS]
    kinds = [*_GIVEN, _OTHERS[0]]
    cases += [_layer(draw, "sums", name, size, 1) for size in some for name in kinds]
    cases += [_layer(draw, "rates", name, size, 1) for size in some for name in _GIVEN]
    return cases
