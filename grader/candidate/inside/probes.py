"""Probe layers: objects with ``forward`` and ``backward`` that keep a log of every call.

What a probe returns depends on its input and on the number of its ``backward`` calls so far, on nothing
else, so a second forward pass before the step sees what the first one saw. A call that a mistaken ``fit``
makes is recorded, not refused.
"""

from __future__ import annotations

from math import sin
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Log", "Probe", "Stop", "chain"]

Floats = NDArray[np.float64]

FORWARD, BACKWARD = 0.0, 1.0
_KEPT = 64
"""Numbers of one argument that the log keeps; no right call has more."""


class Stop(BaseException):
    """Ends a ``fit`` that calls its layers far more often than there is to do."""


class Log:
    """The calls of one ``fit``, as a flat list of numbers.

    Each call is: kind (0 forward, 1 backward), layer, learning rate (NaN where there is none), size of the
    argument (-1 where it is no array of numbers), its numbers, size of what was returned, its numbers.
    """

    def __init__(self, forward_limit: int, backward_limit: int) -> None:
        self.numbers: list[float] = []
        self.calls = 0
        self.assigned: set[str] = set()
        self.watching = False
        self._room = [forward_limit, backward_limit]

    def add(self, kind: float, layer: int, rate: float, argument: Floats | None, returned: Floats) -> None:
        """Record a call, or raise ``Stop`` where there have been too many."""
        if self._room[int(kind)] <= 0:
            raise Stop
        self._room[int(kind)] -= 1
        self.calls += 1
        kept = [] if argument is None else argument.ravel().tolist()[:_KEPT]
        size = -1 if argument is None else argument.size
        self.numbers += [kind, layer, rate, size, len(kept), *kept, returned.size, *returned.ravel().tolist()]


class Probe:
    """A layer that has no parameters worth the name and remembers how it was used."""

    def __init__(self, index: int, n_inputs: int, n_neurons: int, is_last: bool, log: Log) -> None:
        self._index, self._is_last, self._log = index, is_last, log
        self._n_inputs, self._n_neurons = n_inputs, n_neurons
        self._steps = 0
        self._mix = _mix(n_neurons, n_inputs)
        self._phases = np.arange(1.0, n_inputs + 1)
        self._gradient = (np.arange(n_inputs) + 1.0).reshape(-1, 1) / 8
        self.weights: Any = np.full((n_neurons, n_inputs), 0.5)
        self.biases: Any = np.zeros((n_neurons, 1))
        self.inputs: Any = np.zeros((n_inputs, 1))
        self.outputs: Any = np.zeros((n_neurons, 1))

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute, and note where ``fit`` gives the layer other parameters."""
        if name in ("weights", "biases") and self._log.watching:
            self._log.assigned.add(name)
        super().__setattr__(name, value)

    def activation(self, z: Any) -> Any:
        """Return the sigmoid of ``z``, for a ``fit`` that asks the layer for its activation."""
        return 1.0 / (1.0 + np.exp(-np.asarray(z, dtype=float)))

    def forward(self, *args: Any, **kwargs: Any) -> Floats:
        """Return the layer's activations, a column of shape ``(n_neurons, 1)``."""
        argument = _numbers(args[0] if args else kwargs.get("inputs"))
        flat = np.zeros(self._n_inputs) if argument is None else argument.ravel()
        returned = self._prediction(flat) if self._is_last else self._mixed(flat)
        self._log.add(FORWARD, self._index, float("nan"), argument, returned)
        self.__dict__["inputs"] = flat.reshape(-1, 1).copy()
        self.__dict__["outputs"] = np.log(returned / (1 - returned)) if self._is_last else returned.copy()
        return returned

    def backward(self, *args: Any, **kwargs: Any) -> Floats:
        """Return a gradient that no other call returns, a column of shape ``(n_inputs, 1)``."""
        argument = _numbers(args[0] if args else kwargs.get("da"))
        rate = _numbers(args[1] if len(args) > 1 else kwargs.get("learning_rate"))
        step = self._log.calls + 1
        returned = self._gradient + step * 0.0625
        self._log.add(
            BACKWARD,
            self._index,
            float(rate.item()) if rate is not None and rate.size == 1 else float("nan"),
            argument,
            returned,
        )
        self._steps += 1
        return returned

    def _mixed(self, flat: Floats) -> Floats:
        mix = self._mix if flat.size == self._n_inputs else _mix(self._n_neurons, flat.size)
        return (mix @ flat).reshape(-1, 1) + (self._steps % 5) / 8

    def _prediction(self, flat: Floats) -> Floats:
        """Return ŷ in [0.06, 0.44] or [0.56, 0.94], of shape ``(1, 1)``."""
        phases = self._phases if flat.size == self._n_inputs else np.arange(1.0, flat.size + 1)
        wave = sin(float(phases @ flat) * 1.7 + self._steps * 2.4 + 0.6)
        return np.array([[0.5 + (0.06 + 0.38 * abs(wave)) * (1.0 if wave >= 0 else -1.0)]])


def _mix(n_neurons: int, n_inputs: int) -> Floats:
    rows, columns = np.arange(1, n_neurons + 1).reshape(-1, 1), np.arange(1, n_inputs + 1)
    return ((rows * 3 + columns * 5) % 7 - 2.5) / 4


def chain(sizes: list[list[int]], log: Log) -> list[Probe]:
    """Return one probe for each pair of ``n_inputs`` and ``n_neurons``, which share ``log``."""
    last = len(sizes) - 1
    return [Probe(i, n_inputs, n_neurons, i == last, log) for i, (n_inputs, n_neurons) in enumerate(sizes)]


def _numbers(value: Any) -> Floats | None:
    """Return a copy of ``value`` as float64, or none where it is no array of real numbers."""
    if value is None:
        return None
    try:
        array = np.asarray(value)
        return np.array(array, dtype=np.float64) if array.dtype.kind in "fiu" else None
    except (TypeError, ValueError):
        return None
