"""Take the numbers of a reply out of its payload; raises ``ProtocolError`` if they are not what its header says."""

from __future__ import annotations

from math import prod
from typing import Annotated

import numpy as np
from msgspec import Meta, Struct

from grader.candidate.replies import Returned, TypeName
from grader.protocol.frames import Floats, ProtocolError

__all__ = ["Count", "Numbers", "Value"]

_LENGTH_LIMIT = 10**9
Count = Annotated[int, Meta(ge=0, le=_LENGTH_LIMIT)]


class Value(Struct):
    """How a reply describes a value: a ``shape``, and whether its numbers were ``kept``; or a ``type``."""

    shape: Annotated[tuple[Count, ...], Meta(max_length=8)] | None = None
    kept: bool = False
    type: TypeName | None = None


class Numbers:
    """Takes the payload's numbers in order, and never more than there are."""

    def __init__(self, flat: Floats) -> None:
        self._flat, self._at = flat, 0
        self._are_finite = bool(np.isfinite(flat).all())

    def take(self, count: int) -> Floats:
        """Return the next numbers."""
        if self._at + count > self._flat.size:
            raise ProtocolError("the payload is shorter than the header says")
        piece = self._flat[self._at : self._at + count]
        self._at += count
        return piece

    def value(self, described: Value) -> Returned:
        """Return a value with the numbers that it has."""
        if described.type is not None:
            return Returned(None, type=described.type)
        if (shape := described.shape) is None:
            raise ProtocolError("a value has neither a shape nor a type")
        if not described.kept:
            return Returned(None, shape)
        # NumPy refuses a shape whose other lengths are too large, even if one of them is 0.
        if prod(max(length, 1) for length in shape) > _LENGTH_LIMIT:
            raise ProtocolError("a shape is too large")
        array = self.take(prod(shape)).reshape(shape)
        if not (self._are_finite or np.isfinite(array).all()):
            return Returned(None, shape, is_finite=False)
        return Returned(array, shape)

    def finish(self) -> None:
        """Refuse a payload with more numbers."""
        if self._at != self._flat.size:
            raise ProtocolError("the payload is longer than the header says")
