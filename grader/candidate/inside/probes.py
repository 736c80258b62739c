"""Probe layers: objects with ``forward`` and ``backward`` that keep a log of every call.

What a probe returns depends on its input and on the number of ``backward`` calls so far (a steady one's on its
input alone), on nothing else, so a second forward pass before the step sees what the first one saw. The log does
not say what was returned: the examiner computes it by the same functions. A call that a mistaken ``fit`` makes is
recorded, not refused.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from functools import lru_cache
from itertools import count
from math import isfinite, sin
from operator import mul
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "BACKWARD_TIMES",
    "CALLS_LIMIT",
    "FORWARD_TIMES",
    "KEPT",
    "Log",
    "Probe",
    "Stop",
    "backward_response",
    "calls_limit",
    "chain",
    "forward_response",
]

Floats = NDArray[np.float64]

FORWARD, BACKWARD = 0.0, 1.0
_NO_RATE = float("nan")
_FLOAT64 = np.dtype(np.float64)
KEPT = 64
"""Numbers of one argument that the log keeps; no right call has more."""
CALLS_LIMIT = 50_000
"""Calls of all the logs of one reply."""
FORWARD_TIMES, BACKWARD_TIMES = 4, 3
"""How many times the calls expected are kept of ``forward`` between two of ``backward``, and allowed of those."""


def calls_limit(expected: int) -> int:
    """Return how many calls a log may have of a fit that has to call ``backward`` ``expected`` times."""
    return BACKWARD_TIMES * expected * (FORWARD_TIMES * expected + 1)


def forward_response(n_neurons: int, is_last: bool, inputs: Sequence[float], steps: int) -> list[float]:
    """Return a layer's activations after ``steps`` calls of its ``backward``: ``n_neurons`` numbers.

    Those of the last layer are in [0.005, 0.44] or [0.56, 0.995], so that a clip at 0.01 shows.
    """
    if not is_last:
        shift = steps % 5 / 8
        return [sum(map(mul, row, inputs)) + shift for row in _mixing(n_neurons, len(inputs))]
    phase = sum(map(mul, count(1), inputs)) * 1.7 + steps * 2.4 + 0.6
    wave = sin(phase) if isfinite(phase) else 0.0
    return [0.5 + (0.06 + 0.435 * abs(wave)) * (1.0 if wave >= 0 else -1.0)] * n_neurons


@lru_cache(maxsize=64)
def _mixing(n_neurons: int, n_inputs: int) -> list[list[float]]:
    """Return what the inputs are multiplied by: a row for each neuron."""
    rows, columns = range(1, n_neurons + 1), range(1, n_inputs + 1)
    return [[((3 * row + 5 * column) % 7 - 2.5) / 4 for column in columns] for row in rows]


def backward_response(n_inputs: int, calls: int) -> list[float]:
    """Return the ``n_inputs`` numbers that the call after ``calls`` of ``backward`` returns, and no other call.

    Some are so large that clipping them would show.
    """
    scale = 64.0 if calls % 5 == 3 else 1.0  # noqa: PLR2004 - now and then
    return [scale * ((i + 1) / 8 + (calls + 1) / 16) for i in range(n_inputs)]


class Stop(BaseException):
    """Ends a ``fit`` that calls its layers far more often than there is to do."""


class Log:
    """The calls of one ``fit``, as a flat list of numbers.

    Each call is: kind (0 forward, 1 backward), layer, learning rate (NaN where there is none), size of the
    argument (-1 where it is no array of numbers), how many of its numbers follow, and those. Of the forward
    calls between two of ``backward`` the last ``forward_kept`` are there.
    """

    def __init__(self, forward_kept: int, forward_limit: int, backward_limit: int) -> None:
        self.backward_calls = 0
        self.assigned: set[str] = set()
        self.watching = False
        self._calls: list[list[float]] = []
        self._pending: deque[list[float]] = deque(maxlen=forward_kept)
        self._room = [forward_limit, backward_limit]

    def add(self, kind: float, layer: int, rate: float, size: int, kept: Sequence[float]) -> None:
        """Record a call, or raise ``Stop`` where there have been too many."""
        if self._room[int(kind)] <= 0:
            raise Stop
        self._room[int(kind)] -= 1
        self._pending.append([kind, layer, rate, size, len(kept), *kept])
        if kind == BACKWARD:
            self.backward_calls += 1
            self._flush()

    @property
    def calls(self) -> list[list[float]]:
        """The numbers of each call."""
        self._flush()
        return self._calls

    def _flush(self) -> None:
        self._calls += self._pending
        self._pending.clear()


class Probe:
    """A layer that has no parameters worth the name and remembers how it was used."""

    def __init__(
        self, index: int, n_inputs: int, n_neurons: int, is_last: bool, is_steady: bool, log: Log
    ) -> None:
        self._index, self._is_last, self._is_steady, self._log = index, is_last, is_steady, log
        self._n_inputs, self._n_neurons = n_inputs, n_neurons
        self._steps = 0
        self._weights: Any = np.full((n_neurons, n_inputs), 0.5)
        self._biases: Any = np.zeros((n_neurons, 1))
        self._seen, self._returned = [0.0] * n_inputs, [0.5 if is_last else 0.0] * n_neurons

    @property
    def weights(self) -> Any:
        """Parameters that no call of ``fit`` changes; that it assigns others is noted."""
        return self._weights

    @weights.setter
    def weights(self, value: Any) -> None:
        self._note("weights")
        self._weights = value

    @property
    def biases(self) -> Any:
        """As ``weights``."""
        return self._biases

    @biases.setter
    def biases(self, value: Any) -> None:
        self._note("biases")
        self._biases = value

    def __getattr__(self, name: str) -> Any:
        """Return ``inputs`` or ``outputs`` as the last ``forward`` left them; made here, as most ``fit``s never ask."""
        if name == "inputs":
            value = _column(self._seen)
        elif name == "outputs":
            value = _column(self._returned)
            value = np.log(value / (1 - value)) if self._is_last else value
        else:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        self.__dict__[name] = value
        return value

    def activation(self, z: Any) -> Any:
        """Return the sigmoid of ``z``, for a ``fit`` that asks the layer for its activation."""
        return 1.0 / (1.0 + np.exp(-np.asarray(z, dtype=float)))

    def forward(self, *args: Any, **kwargs: Any) -> Floats:
        """Return the layer's activations, a column of shape ``(n_neurons, 1)``."""
        size, kept = _numbers(args[0] if args else kwargs.get("inputs"))
        inputs = kept if size >= 0 else [0.0] * self._n_inputs
        response = forward_response(self._n_neurons, self._is_last, inputs, self._steps)
        self._log.add(FORWARD, self._index, _NO_RATE, size, kept)
        self._seen, self._returned = inputs, response
        self.__dict__.pop("inputs", None)
        self.__dict__.pop("outputs", None)
        return _column(response)

    def backward(self, *args: Any, **kwargs: Any) -> Floats:
        """Return a gradient that no other call returns, a column of shape ``(n_inputs, 1)``."""
        size, kept = _numbers(args[0] if args else kwargs.get("da"))
        rates, rate = _numbers(args[1] if len(args) > 1 else kwargs.get("learning_rate"))
        response = backward_response(self._n_inputs, self._log.backward_calls)
        self._log.add(BACKWARD, self._index, rate[0] if rates == 1 else _NO_RATE, size, kept)
        self._steps += not self._is_steady
        return _column(response)

    def _note(self, name: str) -> None:
        if self._log.watching:
            self._log.assigned.add(name)


def chain(sizes: list[list[int]], log: Log, *, is_steady: bool) -> list[Probe]:
    """Return one probe for each pair of ``n_inputs`` and ``n_neurons``, which share ``log``.

    Where ``is_steady``, ``backward`` changes nothing: the loss of every epoch is the same.
    """
    last = len(sizes) - 1
    return [
        Probe(i, n_inputs, n_neurons, i == last, is_steady, log)
        for i, (n_inputs, n_neurons) in enumerate(sizes)
    ]


def _numbers(value: Any) -> tuple[int, list[float]]:
    """Return the size of ``value`` and its first numbers; -1 and none where it is no array of real numbers."""
    if value is None:
        return -1, []
    if type(value) is float:
        return 1, [value]
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "fiu":
            return -1, []
        first = array.ravel()[:KEPT]
        return array.size, (first if array.dtype is _FLOAT64 else first.astype(np.float64)).tolist()
    except (TypeError, ValueError):
        return -1, []


def _column(numbers: Sequence[float]) -> Floats:
    return np.array(numbers, dtype=np.float64).reshape(-1, 1)
