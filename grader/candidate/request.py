"""What is asked of a candidate in one frame, and how the reply is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from grader.candidate.inside import wire

__all__ = ["Request", "decode_reply"]

Floats = NDArray[np.float64]
T = TypeVar("T")

_REMEMBERED = 16
"""Replies that are remembered: those that came last."""
_REMEMBERED_BYTES = 512 * 1024
"""Bytes of a reply that is remembered; those of right submissions have a fraction of it."""


@dataclass(frozen=True, eq=False)
class Request(Generic[T]):
    """Some cases that are asked together.

    Much of a class says the same, to the last bit. If a request ``remembers``, a reply that came lately, from
    whomever, is not read again: what was read of it the first time is returned, which nobody may change.
    """

    verb: str
    cases: Sequence[Mapping[str, Any]]
    arrays: Sequence[Floats]
    """The numbers of the cases, one array after another."""
    read: Callable[[Mapping[str, Any], Floats], T]
    """Reads a reply's header and numbers; raises ``WireError`` if it cannot."""
    remembers: bool = False
    _known: dict[tuple[int, bytes, bytes], T] = field(default_factory=dict, repr=False)

    @property
    def header(self) -> Mapping[str, Any]:
        """What the frame says besides its number."""
        return {"verb": self.verb, "cases": self.cases}

    @cached_property
    def numbers(self) -> Floats:
        """The frame's numbers."""
        return np.concatenate([array.ravel() for array in self.arrays])

    def understand(self, number: int, header: bytes, payload: bytes) -> T:
        """Return what is read of the reply to this request when it had this ``number``.

        Raises ``WireError`` if it cannot be read, or belongs to another request.
        """
        reply = number, header, payload
        if reply in self._known:
            answer = self._known.pop(reply)
        else:
            answer = self.read(decode_reply(number, header), wire.decode_payload(payload))
        if self.remembers and len(header) + len(payload) <= _REMEMBERED_BYTES:
            self._known[reply] = answer
            if len(self._known) > _REMEMBERED:
                del self._known[next(iter(self._known))]
        return answer


def decode_reply(number: int, header: bytes) -> dict[str, Any]:
    """Return the header of the reply to the request of this ``number``; raises ``WireError`` for anything else."""
    decoded = wire.decode_header(header)
    if decoded.get("id") != number:
        raise wire.WireError("the reply belongs to no request")
    return decoded
