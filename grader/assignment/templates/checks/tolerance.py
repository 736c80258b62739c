"""Numbers that count as equal: the rules of grading."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

import numpy as np

from utils import Array

FRACTION = 1e-4
_FLOAT32, _FLOAT64 = 2e-7, 4e-16
_VISIBLE = 1e-2
_LEAST_FACTOR, _LARGEST_FACTOR = 1e-6, 1e6


def largest(*arrays: Array) -> float:
    """Return the largest absolute value."""
    return max(float(np.abs(array).max(initial=0.0)) for array in arrays)


def close(yours: Array | None, expected: Array, *involved: Array) -> bool:
    """Tell whether arrays are equal; rounding grows with the numbers that they were computed from."""
    if yours is None or yours.shape != expected.shape:
        return False
    leave = FRACTION * largest(yours, expected, *involved)
    return bool(isfinite(leave) and (np.abs(yours - expected) <= leave).all())


def nearly(left: float, right: float) -> bool:
    """Tell whether two numbers are equal."""
    return isfinite(left - right) and abs(left - right) <= FRACTION * max(abs(left), abs(right))


def same(left: Sequence[float], right: Sequence[float]) -> bool:
    """Tell whether two lists of numbers are equal."""
    return len(left) == len(right) and close(np.array(left), np.array(right))


def parallel(movement: Array | None, direction: Array, before: Array) -> bool:
    """Tell whether parameters moved along `direction`, whatever the sign and the size of the step."""
    if movement is None:
        return False
    size, scale = largest(movement), largest(before, movement)
    with np.errstate(over="ignore"):
        after = before + movement
        is_float32 = bool((after.astype(np.float32) == after).all())
    lost = scale * (_FLOAT32 if is_float32 else _FLOAT64)
    square = float((direction * direction).sum())
    if not (_VISIBLE * size > lost / 2 and square > 0 and isfinite(size * square)):
        return False
    factor = float((movement * direction).sum()) / square
    if not _LEAST_FACTOR <= abs(factor) <= _LARGEST_FACTOR:
        return False
    leave = max(lost, min(FRACTION * scale, _VISIBLE * size))
    return bool((np.abs(movement - factor * direction) <= leave).all())
