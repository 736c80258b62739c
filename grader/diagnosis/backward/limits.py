"""The two ways to clip a gradient."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["between", "shortened"]

Floats = NDArray[np.float64]


def between(gradient: Floats, bound: float) -> Floats:
    """Return ``gradient`` with each number clipped."""
    return np.clip(gradient, -bound, bound)


def shortened(gradient: Floats, bound: float) -> Floats:
    """Return ``gradient``, made as short as ``bound`` if it is longer."""
    norm = float(np.linalg.norm(gradient))
    return gradient if norm <= bound else gradient * (bound / norm)
