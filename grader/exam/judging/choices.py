"""Which results a law of ``backward`` is judged by, out of what holds for the given activations; else it is skipped."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from grader.exam.laws.calls import Rule
from grader.exam.laws.carrying import Reading

__all__ = [
    "all_that_hold",
    "one_that_holds",
    "parameters_that_move",
    "parameters_that_move_along_dz",
]


def all_that_hold(reading: Reading) -> Collection[str]:
    """Return the laws that hold for the given activations, if ``dz`` does."""
    if "dz" not in reading.holds:
        pytest.skip("dz is wrong for the given activations already")
    return reading.directions


def one_that_holds(reading: Reading) -> Collection[str]:
    """Return one of the laws that hold for the given activations, if ``dz`` does."""
    names = all_that_hold(reading)
    return [next(name for name in ("da_prev", "biases", "weights") if name in names)]


def parameters_that_move(reading: Reading) -> Collection[str]:
    """Return the parameters that move along their gradient."""
    if not reading.moving:
        pytest.skip("neither weights nor biases move along their gradient")
    return reading.moving


def parameters_that_move_along_dz(reading: Reading) -> Collection[str]:
    """Return the parameters that move along their gradient, if ``dz`` does not depend on the learning rate."""
    if reading.rule is not Rule.TRUE:
        pytest.skip("dz is wrong, and may depend on the learning rate itself")
    return parameters_that_move(reading)
