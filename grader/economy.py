"""How the kit's own processes spend less time on what they do not need."""

from __future__ import annotations

import gc

__all__ = ["ONE_THREAD", "collect_garbage_rarely"]

ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""The environment in which NumPy starts no threads: arrays are small, and other processes use the other cores."""


def collect_garbage_rarely() -> None:
    """Have Python look for garbage rarely: what is imported lives as long as the process, and there is much of it."""
    gc.set_threshold(200_000, 20, 20)
