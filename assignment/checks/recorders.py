"""Recording layers, which `fit` is given in place of yours, and the cases that it is tried on."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from math import isfinite, sin
from typing import Any, NamedTuple

import numpy as np

from checks.layers import numbers
from checks.results import matrix
from checks.words import _
from utils import Array

_MOST_FORWARDS = 100_000
_KEPT = 64


class FitCase(NamedTuple):
    """What `fit` is given, and the sizes (n_inputs, n_neurons) of the recording layers."""

    rows: Array
    labels: Array
    epochs: int
    learning_rate: float
    sizes: list[tuple[int, int]]
    is_steady: bool = False
    """Whether every epoch has the same loss."""

    def facts(self) -> list[tuple[str, str]]:
        """Return what `fit` was given."""
        widths = " → ".join(map(str, [self.sizes[0][0], *(n for _m, n in self.sizes)]))
        return [
            (_("layers"), _("{sizes}, recording layers in place of yours").format(sizes=widths)),
            ("training_data", matrix(self.rows)),
            ("labels", matrix(self.labels)),
            ("epochs", str(self.epochs)),
            ("learning_rate", f"{self.learning_rate:g}"),
        ]


class Call(NamedTuple):
    """One call on a recording layer."""

    is_backward: bool
    layer: int
    rate: float
    size: int
    argument: tuple[float, ...]
    returned: tuple[float, ...]


class Stop(BaseException):
    """Stops a `fit` that calls its layers far too often."""


class Log:
    """The calls of one `fit`."""

    def __init__(self, expected: int) -> None:
        self.calls: list[Call] = []
        self.backwards = 0
        self.assigned: set[str] = set()
        self.is_watching = False
        self._pending: deque[Call] = deque(maxlen=4 * expected)
        self._room = [_MOST_FORWARDS, 3 * expected]

    def add(self, call: Call) -> None:
        """Record a call; of the forward calls between two of backward, only the last ones are kept."""
        if self._room[call.is_backward] <= 0:
            raise Stop
        self._room[call.is_backward] -= 1
        self._pending.append(call)
        if call.is_backward:
            self.backwards += 1
            self.flush()

    def note(self, name: str) -> None:
        """Record that `fit` assigned new weights or biases."""
        if self.is_watching:
            self.assigned.add(name)

    def flush(self) -> None:
        """Keep what is pending."""
        self.calls += self._pending
        self._pending.clear()


class Recorder:
    """A layer whose answers depend on its inputs and on how often its `backward` was called."""

    def __init__(self, index: int, size: tuple[int, int], is_last: bool, is_steady: bool, log: Log) -> None:
        self._index, self._is_last, self._is_steady, self._log = index, is_last, is_steady, log
        self._n_inputs, self._n_neurons = size
        self._steps = 0
        self._weights: Any = np.full(size[::-1], 0.5)
        self._biases: Any = np.zeros((size[1], 1))
        self.inputs = np.zeros((size[0], 1))
        self.outputs = np.zeros((size[1], 1))

    @property
    def weights(self) -> Any:
        """The weights, which no call changes; that others are assigned is recorded."""
        return self._weights

    @weights.setter
    def weights(self, value: Any) -> None:
        self._weights = value
        self._log.note("weights")

    @property
    def biases(self) -> Any:
        """The biases, as the weights."""
        return self._biases

    @biases.setter
    def biases(self, value: Any) -> None:
        self._biases = value
        self._log.note("biases")

    def activation(self, z: Any) -> Any:
        """Return the sigmoid."""
        return 1 / (1 + np.exp(-np.asarray(z, dtype=float)))

    def forward(self, *args: Any, **kwargs: Any) -> Array:
        """Record the inputs, and answer with activations."""
        size, kept = _flat(args[0] if args else kwargs.get("inputs"))
        inputs = kept if size >= 0 else (0.0,) * self._n_inputs
        answer = self._activations(inputs)
        self._log.add(Call(False, self._index, float("nan"), size, kept, answer))
        self.inputs = np.array(inputs).reshape(-1, 1)
        self.outputs = np.array(answer).reshape(-1, 1)
        if self._is_last:
            self.outputs = np.log(self.outputs / (1 - self.outputs))
        return np.array(answer).reshape(-1, 1)

    def backward(self, *args: Any, **kwargs: Any) -> Array:
        """Record da, and answer with a gradient that differs from call to call."""
        size, kept = _flat(args[0] if args else kwargs.get("da"))
        n_rates, rates = _flat(args[1] if len(args) > 1 else kwargs.get("learning_rate"))
        calls = self._log.backwards
        scale = 50.0 if calls % 4 == 2 else 1.0  # a clipped gradient shows if it is large
        answer = tuple(scale * ((i + 2) / 4 - (calls + 1) / 8 - 0.0625) for i in range(self._n_inputs))
        rate = rates[0] if n_rates == 1 else float("nan")
        self._log.add(Call(True, self._index, rate, size, kept, answer))
        self._steps += not self._is_steady
        return np.array(answer).reshape(-1, 1)

    def _activations(self, inputs: Sequence[float]) -> tuple[float, ...]:
        """Return the answer of `forward`: ŷ is between 0.006 and 0.994, where a clip at 0.01 shows."""
        if not self._is_last:
            shift = self._steps % 7 / 4
            return tuple(
                sum(((5 * row + 3 * column) % 8 - 3.5) / 4 * x for column, x in enumerate(inputs, 1)) + shift
                for row in range(1, self._n_neurons + 1)
            )
        phase = 1.3 * sum(place * x for place, x in enumerate(inputs, 1)) + 2.1 * self._steps + 0.4
        wave = sin(phase) if isfinite(phase) else 0.0
        y_hat = 0.5 + (0.07 + 0.424 * min(1, 1.15 * abs(wave))) * (1 if wave >= 0 else -1)
        return (y_hat,) * self._n_neurons


# An exception names the class, which a student knows as a layer.
Recorder.__name__ = Recorder.__qualname__ = "Layer"


def _flat(value: Any) -> tuple[int, tuple[float, ...]]:
    """Return how many numbers there are, and the first ones; -1 if it is not an array of numbers."""
    if value is None:
        return -1, ()
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "fiu":
            return -1, ()
        return array.size, tuple(array.ravel()[:_KEPT].astype(np.float64).tolist())
    except (TypeError, ValueError):
        return -1, ()


def fit_cases() -> list[FitCase]:
    """Return the cases, the smallest ones first."""
    draw = numbers(41)
    widths = [[2, 1], [1], [2], [3, 2], [1, 3, 2], [2, 3, 1, 2], [4], [2, 4, 3], [3]]
    kinds = [(2, 2), (3, 2), (6, 2), (6, 3), (7, 2), (7, 2), (8, 3), (8, 2), (6, 12)]
    cases = []
    for place, (chain, (examples, epochs)) in enumerate(zip(widths, kinds, strict=True)):
        rows: list[list[float]] = []
        while len(rows) < examples:
            row = [(next(draw) % 31 - 15) / 8 for _column in range(chain[0])]
            if row not in rows:
                rows.append(row)
        labels = [[float((next(draw) % 3 + number) % 2)] for number in range(examples)]
        labels[1] = [1 - labels[0][0]]
        rate = (0.5, 0.25, 1.5, 0.1)[place % 4]
        sizes = list(zip(chain, [*chain[1:], 1], strict=True))
        cases.append(FitCase(np.array(rows), np.array(labels), epochs, rate, sizes, epochs == 12))
    return cases
