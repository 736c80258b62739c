"""Replace the machine's entropy by a fixed stream, so that unseeded generators draw the same everywhere.

``install`` must run before NumPy's random module is loaded, which binds what it finds.
"""

from __future__ import annotations

import os
import random
from typing import Any

__all__ = ["install", "reseed"]

_stream = random.Random(0)  # noqa: S311 - it replaces entropy on purpose
_seed = random.Random.seed


def _urandom(size: int, /) -> bytes:
    return _stream.randbytes(size)


def _seed_from_stream(self: random.Random, a: Any = None, version: int = 2) -> None:
    _seed(self, _stream.getrandbits(64) if a is None else a, version)


def install() -> None:
    """Make ``os.urandom``, ``random`` and what is built on them draw from the fixed stream."""
    os.urandom = _urandom
    random._urandom = _urandom  # type: ignore[attr-defined]
    random.Random.seed = _seed_from_stream  # type: ignore[method-assign]
    random.seed = random._inst.seed


def reseed() -> None:
    """Restart the fixed stream, ``random`` and ``numpy.random``; runs before each request."""
    import numpy as np  # noqa: PLC0415 - only after the entropy that it binds was replaced

    _seed(_stream, 0)
    random.seed(0)
    np.random.seed(0)
