"""What probe layers return, computed by both sides: the sandbox sends only the calls that it got.

A response depends on the input and on the number of ``backward`` calls so far (a steady probe's on the input alone),
so a second forward pass before the step sees what the first one saw.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import count
from math import isfinite, sin
from operator import mul

__all__ = [
    "BACKWARD_TIMES",
    "CALLS_LIMIT",
    "FORWARD_TIMES",
    "KEPT",
    "backward_response",
    "calls_limit",
    "forward_response",
]

KEPT = 64
"""Numbers of one argument that the log keeps; no right call has more."""
CALLS_LIMIT = 100_000
"""Calls in all the logs of one reply."""
FORWARD_TIMES, BACKWARD_TIMES = 4, 3
"""How many times an epoch's calls are kept of ``forward`` between two of ``backward``, or all epochs' before the first,
and how many times the expected calls of ``backward`` are allowed. A reply has room for the logs of a ``fit`` that
always goes forward very often, whatever sizes are drawn.
"""


def calls_limit(epochs: int, calls_per_epoch: int) -> int:
    """Return the limit of calls in the log of a ``fit`` that should call ``backward`` so many times in each epoch."""
    expected = epochs * calls_per_epoch
    return BACKWARD_TIMES * expected * (FORWARD_TIMES * calls_per_epoch + 1) + FORWARD_TIMES * expected


def forward_response(n_neurons: int, is_last: bool, inputs: Sequence[float], steps: int) -> list[float]:
    """Return the ``n_neurons`` activations of a layer after ``steps`` calls of its ``backward``.

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
    """Return the matrix that multiplies the inputs, with a row for each neuron."""
    rows, columns = range(1, n_neurons + 1), range(1, n_inputs + 1)
    return [[((3 * row + 5 * column) % 7 - 2.5) / 4 for column in columns] for row in rows]


def backward_response(n_inputs: int, calls: int) -> list[float]:
    """Return the ``n_inputs`` numbers that ``backward`` returns after ``calls`` earlier calls; each call has its own.

    Some are so large that clipping them would show.
    """
    scale = 64.0 if calls % 5 == 3 else 1.0  # noqa: PLR2004 - now and then
    return [scale * ((i + 1) / 8 + (calls + 1) / 16) for i in range(n_inputs)]
