"""What is asked of a candidate in one frame, and how the reply is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from grader.candidate.inside import wire

__all__ = ["Request"]

Floats = NDArray[np.float64]
T = TypeVar("T")

_LATELY = 16
"""Replies that are remembered."""
_LARGEST = 512 * 1024
"""Bytes of a reply that is remembered; those of right submissions have a fraction of it."""


@dataclass(frozen=True, eq=False)
class Request(Generic[T]):
    """Some cases that are asked together.

    Much of a class says the same, to the last bit. A reply that came lately, from whomever, is not read again: what
    was read of it the first time is returned, so nobody may change that.
    """

    verb: str
    cases: Sequence[Mapping[str, Any]]
    arrays: Sequence[Floats]
    """The numbers of the cases, one array after another."""
    read: Callable[[Mapping[str, Any], Floats], T]
    """Reads a reply's header and numbers; raises ``WireError`` where they are none."""

    @cached_property
    def header(self) -> Mapping[str, Any]:
        """What the frame says besides its number."""
        return {"verb": self.verb, "cases": self.cases}

    @cached_property
    def numbers(self) -> Floats:
        """The frame's numbers."""
        return np.concatenate([array.ravel() for array in self.arrays])

    def understand(self, text: bytes, payload: bytes) -> tuple[object, T]:
        """Return the number of the request that a reply says it belongs to, and what was read of it.

        Raises ``WireError`` where it cannot be read.
        """
        known = len(text) + len(payload) <= _LARGEST
        return self._remembered(text, payload) if known else self._understood(text, payload)

    @cached_property
    def _remembered(self) -> Callable[[bytes, bytes], tuple[object, T]]:
        return lru_cache(_LATELY)(self._understood)

    def _understood(self, text: bytes, payload: bytes) -> tuple[object, T]:
        header = wire.decode_header(text)
        return header.get("id"), self.read(header, wire.decode_payload(payload))
