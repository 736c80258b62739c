"""When two numbers count as equal; NaN is equal to nothing, so it always loses."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["FRACTION", "close", "largest", "parallel"]

Floats = NDArray[np.float64]

FRACTION = 1e-4
"""What a comparison leaves, as a fraction of the largest number involved (EXERCISE: how it is run)."""
_FLOAT32 = 1e-6
"""What float32 arithmetic may add to a difference, as a fraction of the largest number involved."""
_VISIBLE = 1e-2
"""The fraction of a small movement that its direction may be off."""


def largest(*arrays: Floats | float) -> float:
    """Return the largest absolute value in ``arrays``."""
    return max(float(np.max(np.abs(array), initial=0.0)) for array in arrays)


def close(seen: Floats, expected: Floats, *involved: Floats | float) -> bool:
    """Tell whether ``seen`` equals ``expected``, with ``involved`` the numbers that they were computed from."""
    leave = FRACTION * largest(seen, expected, *involved)
    return bool(seen.shape == expected.shape and (np.abs(seen - expected) <= leave).all())


def parallel(movement: Floats, direction: Floats, before: Floats) -> bool:
    """Tell whether parameters moved along ``direction``, whatever the sign and the size of the movement.

    ``before`` are the parameters that moved, all of one shape. What float32 loses when it takes the
    difference of parameters is forgiven; no movement at all is along nothing.
    """
    size, scale = largest(movement), largest(before, movement)
    square = float((direction * direction).sum())
    if not (size > 10 * _FLOAT32 * scale and square > 0):
        return False
    factor = float((movement * direction).sum()) / square
    leave = max(_FLOAT32 * scale, min(FRACTION * scale, _VISIBLE * size))
    return bool((np.abs(movement - factor * direction) <= leave).all())
