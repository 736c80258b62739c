"""Decide if two numbers count as equal; NaN and infinity equal nothing, so they always lose.

The visible checks of students have a copy of this module.
"""

from __future__ import annotations

from math import inf, isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["FRACTION", "close", "differing", "error", "largest", "parallel"]

Floats = NDArray[np.floating[Any]]

FRACTION = 1e-4
"""How far two equal numbers may be apart, as a fraction of the largest number involved."""
_FLOAT32, _FLOAT64 = 2e-7, 4e-16
"""What rounding in each width may add to a difference, as a fraction of the largest number involved."""
_VISIBLE = 1e-2
"""How far the direction of a small movement may be off, as a fraction of the movement."""
_LEAST_FACTOR, _LARGEST_FACTOR = 1e-6, 1e6
"""A movement is this many times its direction: anything less counts as no movement, anything more not as a step."""


def largest(*arrays: Floats | float) -> float:
    """Return the largest absolute value in ``arrays``."""
    return max([float(np.abs(array).max(initial=0.0)) for array in arrays])


def close(seen: Floats | None, expected: Floats, *involved: Floats | float) -> bool:
    """Tell whether ``seen`` equals ``expected``; both were computed from the numbers in ``involved``."""
    if seen is None:
        return False
    leave = FRACTION * largest(seen, expected, *involved)
    return bool(isfinite(leave) and seen.shape == expected.shape and (np.abs(seen - expected) <= leave).all())


def error(seen: Floats, expected: Floats, *involved: Floats | float) -> float:
    """Return the largest difference as a fraction of the tolerance; infinity if there is nothing to compare."""
    leave = FRACTION * largest(seen, expected, *involved)
    if not isfinite(leave) or seen.shape != expected.shape:
        return inf
    return float(np.abs(seen - expected).max(initial=0.0)) / leave if leave > 0.0 else 0.0


def differing(seen: Floats, expected: Floats, *involved: Floats | float) -> tuple[int, ...]:
    """Return the flat indices at which ``seen`` is not ``expected``, by the rule of ``close``."""
    if seen.size != expected.size:
        return ()
    leave = FRACTION * largest(seen, expected, *involved)
    return tuple(np.flatnonzero(~(np.abs(seen.ravel() - expected.ravel()) <= leave)).tolist())


def parallel(movement: Floats | None, direction: Floats, before: Floats) -> bool:
    """Tell whether parameters moved along ``direction``, whatever the sign and the size of the movement.

    ``before`` are the parameters that moved, all of one shape. Rounding in the difference of parameters is allowed,
    that of float32 if they are stored in it. If nothing moved, it did not move along ``direction``.
    """
    if movement is None:
        return False
    size, scale = largest(movement), largest(before, movement)
    lost = scale * (_FLOAT32 if _is_float32(before + movement) else _FLOAT64)
    square = float((direction * direction).sum())
    if not (_VISIBLE * size > lost / 2 and square > 0 and isfinite(size * square)):
        return False
    factor = float((movement * direction).sum()) / square
    if not _LEAST_FACTOR <= abs(factor) <= _LARGEST_FACTOR:
        return False
    leave = max(lost, min(FRACTION * scale, _VISIBLE * size))
    return bool((np.abs(movement - factor * direction) <= leave).all())


def _is_float32(array: Floats) -> bool:
    """Tell whether float32 holds every number of ``array``."""
    with np.errstate(over="ignore"):
        return bool((array.astype(np.float32) == array).all())
