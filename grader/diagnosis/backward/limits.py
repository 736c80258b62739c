"""The two ways to clip a gradient."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["COMMON_BOUNDS", "between", "shortened"]

Floats = NDArray[np.float64]

COMMON_BOUNDS = (0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0)
"""Bounds that are tried if the calls do not show one."""


def between(gradient: Floats, bound: float) -> Floats:
    """Return ``gradient`` with each number clipped."""
    return np.clip(gradient, -bound, bound)


def shortened(gradient: Floats, bound: float) -> Floats:
    """Return ``gradient``, made as short as ``bound`` if it is longer."""
    norm = float(np.linalg.norm(gradient))
    return gradient if norm <= bound else gradient * (bound / norm)
