"""Probe layers: objects with ``forward`` and ``backward`` that keep a log of every call.

The log records a call even if it is mistaken, and does not say what was returned: the grader computes that again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.protocol.limits import ASSIGNMENTS
from grader.protocol.probe_responses import KEPT, backward_response, forward_response

__all__ = ["Log", "ProbeLayer", "Stop", "probe_chain"]

Floats = NDArray[np.float64]

FORWARD, BACKWARD = 0.0, 1.0
_NO_RATE = float("nan")
_FLOAT64 = np.dtype(np.float64)


class Stop(BaseException):
    """Stops a ``fit`` that calls its layers far too often."""


class Log:
    """The calls of one ``fit``, as a flat list of numbers.

    Each call is: kind (0 forward, 1 backward), layer, learning rate (NaN if there is none), size of the argument (-1 if
    it is not an array of numbers), how many of its numbers follow, and these numbers. Of a call of
    ``backward`` and the forward calls before it, the last ``forward_kept`` are there; ``forward_kept_at_first`` up to
    the first one.
    """

    def __init__(
        self, forward_kept_at_first: int, forward_kept: int, forward_limit: int, backward_limit: int
    ) -> None:
        self.backward_calls = 0
        self.assigned: set[str] = set()
        self.assignments: list[tuple[int, int, bool]] = []
        self.watching = False
        self._calls: list[list[float]] = []
        self._pending: deque[list[float]] = deque(maxlen=forward_kept_at_first)
        self._forward_kept = forward_kept
        self._room = [forward_limit, backward_limit]

    def add(self, kind: float, layer: int, rate: float, size: int, kept: Sequence[float]) -> None:
        """Record a call; raises ``Stop`` if there have been too many."""
        room, is_backward = self._room, kind == BACKWARD
        if room[is_backward] <= 0:
            raise Stop
        room[is_backward] -= 1
        self._pending.append([kind, layer, rate, size, len(kept), *kept])
        if is_backward:
            self.backward_calls += 1
            self._flush()
            if self.backward_calls == 1:
                self._pending = deque(maxlen=self._forward_kept)

    @property
    def calls(self) -> list[list[float]]:
        """The numbers of each call."""
        self._flush()
        return self._calls

    def _flush(self) -> None:
        self._calls += self._pending
        self._pending.clear()


class ProbeLayer:
    """A layer whose parameters have no effect, and that records its calls."""

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
        """The weights, which no call changes; assigning others is recorded."""
        return self._weights

    @weights.setter
    def weights(self, value: Any) -> None:
        self._note("weights", value)
        self._weights = value

    @property
    def biases(self) -> Any:
        """The biases, as the weights."""
        return self._biases

    @biases.setter
    def biases(self, value: Any) -> None:
        self._note("biases", value)
        self._biases = value

    def __getattr__(self, name: str) -> Any:
        """Return ``inputs`` or ``outputs`` of the last ``forward``; made here because few ``fit``s ask for them."""
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
        """Return the sigmoid of ``z``, for a ``fit`` that uses the layer's activation."""
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
        """Return a gradient that differs from call to call, a column of shape ``(n_inputs, 1)``."""
        size, kept = _numbers(args[0] if args else kwargs.get("da"))
        rates, rate = _numbers(args[1] if len(args) > 1 else kwargs.get("learning_rate"))
        response = backward_response(self._n_inputs, self._log.backward_calls)
        self._log.add(BACKWARD, self._index, rate[0] if rates == 1 else _NO_RATE, size, kept)
        self._steps += not self._is_steady
        return _column(response)

    def _note(self, name: str, value: Any) -> None:
        if not self._log.watching:
            return
        self._log.assigned.add(name)
        if len(self._log.assignments) < ASSIGNMENTS:
            size, kept = _numbers(value)
            is_fresh = size > 0 and (len({*kept}) > 1 or not any(kept))
            self._log.assignments.append((self._log.backward_calls, self._index, is_fresh))


# Exceptions name the class, and a student knows it as a layer.
ProbeLayer.__name__ = ProbeLayer.__qualname__ = "Layer"


def probe_chain(sizes: list[list[int]], log: Log, *, is_steady: bool) -> list[ProbeLayer]:
    """Return a probe for each pair of ``n_inputs`` and ``n_neurons``; they share ``log``.

    If ``is_steady``, ``backward`` changes nothing: the loss of every epoch is the same.
    """
    last = len(sizes) - 1
    return [
        ProbeLayer(i, n_inputs, n_neurons, i == last, is_steady, log)
        for i, (n_inputs, n_neurons) in enumerate(sizes)
    ]


def _numbers(value: Any) -> tuple[int, list[float]]:
    """Return the size of ``value`` and its first numbers; -1 and none if it is not an array of real numbers."""
    if value is None:
        return -1, []
    if type(value) is float:
        return 1, [value]
    if type(value) is np.ndarray and value.dtype is _FLOAT64 and value.size <= KEPT:
        return value.size, value.ravel().tolist()
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
