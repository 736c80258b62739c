"""Read the log of the calls that ``fit`` made on probe layers, and compute what the probes returned."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from math import isfinite
from typing import Any

from grader.candidate.replies import Call
from grader.protocol import probe_responses
from grader.protocol.frames import Floats, ProtocolError

__all__ = ["read_calls"]

_CALL_HEAD = 5
"""Numbers of a call before its argument: kind, layer, learning rate, the argument's size, how many numbers follow."""
_SIZE_LIMIT = 10**9
_HEADS = 1024
"""Heads of calls that are cached; there are few."""
_RESPONSES = 8192
"""Responses of probes that are cached; most right submissions get the same ones."""


def read_calls(flat: Floats, count: int, case: Mapping[str, Any]) -> tuple[Call, ...]:
    """Return the ``count`` calls in a log; ``case`` is the case of the request.

    Raises ``ProtocolError`` if the log is not valid.
    """
    log = _Log(flat.tolist(), case)
    calls = tuple([log.call() for _ in range(count)])
    log.finish()
    return calls


class _Log:
    """Reads calls, one after another, from a flat list of numbers."""

    def __init__(self, flat: list[float], case: Mapping[str, Any]) -> None:
        self._flat, self._at = flat, 0
        self._sizes, self._is_steady = case["sizes"], case["steady"]
        self._steps = [0] * len(self._sizes)
        self._backward_calls = 0

    def call(self) -> Call:
        flat, start = self._flat, self._at + _CALL_HEAD
        try:
            kind, place, learning_rate, count, kept = flat[self._at : start]
        except ValueError:
            raise ProtocolError("a log is shorter than its calls") from None
        is_backward, layer, size, length = _head(kind, place, count, kept, len(self._sizes))
        self._at = start + length
        argument = tuple(flat[start : self._at])
        if len(argument) != length:
            raise ProtocolError("a log is shorter than its calls")
        if not all(map(isfinite, argument)):
            size, argument = -1, ()
        returned = self._backward(layer) if is_backward else self._forward(layer, size, argument)
        return Call(is_backward, layer, learning_rate, size, argument, returned)

    def _backward(self, layer: int) -> tuple[float, ...]:
        self._backward_calls += 1
        self._steps[layer] += not self._is_steady
        return _backward_response(self._sizes[layer][0], self._backward_calls - 1)

    def _forward(self, layer: int, size: int, argument: tuple[float, ...]) -> tuple[float, ...]:
        n_inputs, n_neurons = self._sizes[layer]
        inputs = argument if size >= 0 else (0.0,) * n_inputs
        return _forward_response(n_neurons, layer == len(self._sizes) - 1, inputs, self._steps[layer])

    def finish(self) -> None:
        if self._at != len(self._flat):
            raise ProtocolError("a log is longer than its calls")


@lru_cache(maxsize=_HEADS)
def _head(kind: float, place: float, count: float, kept: float, layers: int) -> tuple[bool, int, int, int]:
    """Return whether a call is to ``backward``, its layer, its argument's size, and how many numbers follow."""
    return (
        bool(_whole(kind, 0, 1)),
        _whole(place, 0, layers - 1),
        _whole(count, -1, _SIZE_LIMIT),
        _whole(kept, 0, probe_responses.KEPT),
    )


def _whole(value: float, low: int, high: int) -> int:
    if not low <= value <= high or value != (whole := int(value)):
        raise ProtocolError("a count is out of range")
    return whole


@lru_cache(maxsize=_RESPONSES)
def _forward_response(
    n_neurons: int, is_last: bool, inputs: tuple[float, ...], steps: int
) -> tuple[float, ...]:
    # Zeros of either sign have one response, because the sums begin with an integer 0.
    return tuple(probe_responses.forward_response(n_neurons, is_last, inputs, steps))


@lru_cache(maxsize=_RESPONSES)
def _backward_response(n_inputs: int, calls: int) -> tuple[float, ...]:
    return tuple(probe_responses.backward_response(n_inputs, calls))
