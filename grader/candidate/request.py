"""What is asked of a candidate in one frame, and how the reply is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from grader.candidate.inside import wire

__all__ = ["Request"]

Floats = NDArray[np.float64]
T = TypeVar("T")

_REMEMBERED = 16
"""Replies that are remembered: those that came last."""
_REMEMBERED_BYTES = 512 * 1024
"""Bytes of a reply that is remembered; those of right submissions have a fraction of it."""


@dataclass(frozen=True, eq=False)
class Request(Generic[T]):
    """Some cases that are asked together.

    Much of a class says the same, to the last bit. Where a request ``remembers``, a reply that came lately, from
    whomever, is not read again: what was read of it the first time is returned, which nobody may change.
    """

    verb: str
    cases: Sequence[Mapping[str, Any]]
    arrays: Sequence[Floats]
    """The numbers of the cases, one array after another."""
    read: Callable[[Mapping[str, Any], Floats], T]
    """Reads a reply's header and numbers; raises ``WireError`` where they are none."""
    remembers: bool = False
    _known: dict[tuple[bytes, bytes], tuple[object, T]] = field(default_factory=dict, repr=False)

    @property
    def header(self) -> Mapping[str, Any]:
        """What the frame says besides its number."""
        return {"verb": self.verb, "cases": self.cases}

    @cached_property
    def numbers(self) -> Floats:
        """The frame's numbers."""
        return np.concatenate([array.ravel() for array in self.arrays])

    def understand(self, header: bytes, payload: bytes) -> tuple[object, T]:
        """Return the number of the request that a reply says it belongs to, and what was read of it.

        Raises ``WireError`` where it cannot be read.
        """
        reply = header, payload
        if reply in self._known:
            understood = self._known.pop(reply)
        else:
            decoded = wire.decode_header(header)
            understood = decoded.get("id"), self.read(decoded, wire.decode_payload(payload))
        if self.remembers and len(header) + len(payload) <= _REMEMBERED_BYTES:
            self._known[reply] = understood
            if len(self._known) > _REMEMBERED:
                del self._known[next(iter(self._known))]
        return understood
