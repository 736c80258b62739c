"""Ask a candidate for some cases in one frame, and read the reply."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, TypeVar

from grader.protocol import frames
from grader.protocol.frames import Floats

__all__ = ["ReplyCache", "Request", "decode_reply"]

T = TypeVar("T")

_CACHED = 16
_CACHED_BYTES = 512 * 1024
"""Bytes of a reply that is cached; those of right submissions have a fraction of it."""


class ReplyCache(Generic[T]):
    """The answers in the latest replies to one request; much of a class replies the same, to the last bit."""

    def __init__(self) -> None:
        self._answers: dict[tuple[int, bytes, bytes], T] = {}

    def find(self, reply: tuple[int, bytes, bytes], read: Callable[[int, bytes, bytes], T]) -> T:
        """Return the answer in ``reply``, which is read unless an equal one is cached; nobody may change it."""
        answer = self._answers.pop(reply) if reply in self._answers else read(*reply)
        _, header, payload = reply
        if len(header) + len(payload) <= _CACHED_BYTES:
            self._answers[reply] = answer
            if len(self._answers) > _CACHED:
                del self._answers[next(iter(self._answers))]
        return answer


@dataclass(frozen=True, eq=False)
class Request(Generic[T]):
    """Some cases to ask for together."""

    verb: str
    cases: Sequence[Mapping[str, Any]]
    arrays: Sequence[Floats]
    """The numbers of the cases, one array after another."""
    read: Callable[[Mapping[str, Any], Floats], T]
    """Reads a reply's header and numbers; raises ``ProtocolError`` if they are not valid."""
    cache: ReplyCache[T] | None = None
    """The answers to this request so far, from whichever candidate."""
    more: Mapping[str, Any] = field(default_factory=dict)
    """Further fields of the frame's header."""

    @property
    def header(self) -> Mapping[str, Any]:
        """The frame's header, without its number."""
        return {"verb": self.verb, "cases": self.cases, **self.more}

    @cached_property
    def encoded_header(self) -> bytes:
        """The same as JSON."""
        return frames.encode_header(self.header)

    @cached_property
    def payload(self) -> bytes:
        """The frame's numbers."""
        return frames.encode_payload(self.arrays)

    def answer(self, number: int, header: bytes, payload: bytes) -> T:
        """Return what the reply says to this request, which was sent with this ``number``.

        Raises ``ProtocolError`` if the reply is not valid, or belongs to another request.
        """
        if self.cache is None:
            return self._decode(number, header, payload)
        return self.cache.find((number, header, payload), self._decode)

    def _decode(self, number: int, header: bytes, payload: bytes) -> T:
        return self.read(decode_reply(number, header), frames.decode_payload(payload))


def decode_reply(number: int, header: bytes) -> dict[str, Any]:
    """Return the header of the reply to the request of this ``number``; raises ``ProtocolError`` for anything else."""
    decoded = frames.decode_header(header)
    if decoded.get("id") != number:
        raise frames.ProtocolError("the reply belongs to no request")
    return decoded
