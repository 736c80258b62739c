"""Which `dz` your code used, and what holds for it.

A mistake is carried forward, as in grading: if your `dz` is wrong, the steps after it are checked with the `dz` that
your code used. It cannot be seen from outside, so it is read off what your code did: the true one, or that of the
biases, the weights or `da_prev`. It counts if two of these agree on it.

There is nothing to change here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from checks.calls import Call
from checks.results import Entry, entries
from checks.tolerance import close, parallel
from checks.words import _
from utils import Array

_POINTS = {"dz": 15, "weights": 10, "biases": 5, "da_prev": 15, "update": 10}
"""What decides which `dz` your code is said to have used: the one that loses the fewest points."""


class Reading(NamedTuple):
    """The rule by which the `dz` of your code is found, and what is right with this `dz`."""

    rule: str
    holds: set[str]


DIRECTIONS = ("weights", "biases", "da_prev")


def is_right(name: str, call: Call, dz: Array) -> bool:
    """Tell whether the weights, the biases or `da_prev` agree with a `dz`; steps may have any sign and size."""
    if name == "weights":
        return parallel(call.moved_weights, dz @ call.a_prev.T, call.weights)
    if name == "biases":
        return parallel(call.moved_biases, dz, call.biases)
    return close(call.da_prev, call.weights.T @ dz, np.abs(call.weights).T @ np.abs(dz))


def shown_entries(name: str, call: Call, dz: Array) -> list[Entry]:
    """Return a gradient of your code, entry by entry, beside what it should be."""
    rate = call.learning_rate
    due = {"weights": dz @ call.a_prev.T, "biases": dz, "da_prev": call.weights.T @ dz, "dz": call.true_dz}
    if dz is call.true_dz or name == "dz":
        due = call.finite_differences()
    if name == "dz":
        return entries(name, dz, due[name])
    if name == "da_prev":
        return entries(name, call.da_prev, due[name], np.abs(call.weights).T @ np.abs(dz))
    moved, before = (
        (call.moved_weights, call.weights) if name == "weights" else (call.moved_biases, call.biases)
    )
    return entries(f"d_{name}", None if moved is None else -moved / rate, due[name], before / rate)


def column_of(call: Call, dz: Array) -> str:
    """Return where the expected numbers come from."""
    return _("by finite differences") if dz is call.true_dz else _("with your dz")


def due_step(name: str, call: Call, dz: Array) -> tuple[Array | None, Array, Array]:
    """Return how far parameters moved, how far they should, and where they were."""
    rate = call.learning_rate
    if name == "weights":
        return call.moved_weights, -rate * dz @ call.a_prev.T, call.weights
    return call.moved_biases, -rate * dz, call.biases


def judged(calls: Sequence[Call], rule: str) -> list[tuple[Call, Array]]:
    """Return the calls in which a rule finds a `dz`, each with this `dz`."""
    return [(call, dz) for call in calls if not call.is_dead and (dz := call.dz(rule)) is not None]


def _reading(calls: Sequence[Call], rule: str) -> Reading:
    eligible = [call for call in calls if rule != "da_prev" or call.da_prev_tells_dz]
    pairs = judged(eligible, rule)
    if 2 * len(pairs) < len(eligible):
        pairs = []
    square = any(call.has_several_of_both for call, _dz in pairs)
    wide = any(call.has_several_neurons for call, _dz in pairs)
    enough = {"weights": square, "biases": wide, "da_prev": square}
    holds = {name for name in DIRECTIONS if enough[name] and all(is_right(name, *pair) for pair in pairs)}
    if len(holds) < (1 if rule == "true" else 2):
        return Reading(rule, set())
    if rule == "true" and not any(call.is_dead for call in calls):
        holds.add("dz")
    moving = holds & {"weights", "biases"}
    if moving and all(close(*due_step(name, *pair)) for pair in pairs for name in moving):
        holds.add("update")
    return Reading(rule, holds)


def read_calls(calls: Sequence[Call]) -> Reading:
    """Return the reading that loses the fewest points; on ties, that of the true `dz`."""
    readings = [_reading(calls, rule) for rule in ("true", "biases", "weights", "da_prev")]
    return min(
        readings, key=lambda reading: sum(_POINTS[name] for name in _POINTS if name not in reading.holds)
    )


def right_somewhere(calls: Sequence[Call]) -> bool:
    """Tell whether something is right in two calls, and not by luck."""
    telling = [call for call in calls if call.has_several_of_both and not call.is_dead]
    return any(
        sum(_is_more_than_luck(call, rule) for call in telling) >= 2
        for rule in ("true", "biases", "weights", "da_prev")
    )


def _is_more_than_luck(call: Call, rule: str) -> bool:
    if rule == "true" and np.array_equal(call.true_dz, call.da):
        return False
    dz = call.dz(rule)
    sizes = np.abs(dz[dz != 0]) if dz is not None else np.zeros(0)
    if dz is None or sizes.size < 2 or sizes.max() - sizes.min() <= 1e-6 * sizes.max():
        return False
    holding = sum(is_right(name, call, dz) for name in DIRECTIONS)
    return holding >= (1 if rule == "true" else 2)
