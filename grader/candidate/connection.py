"""Send frames to a candidate and receive them, each within a deadline."""

from __future__ import annotations

import select
import socket
import struct
import sys
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import NamedTuple

from grader.candidate.clock import FairClock
from grader.protocol import frames

__all__ = ["Connection", "Frame"]

_ALARM_INTERVAL = 0.5
"""Seconds from one alarm to the next, for the definitions that still run after the first."""
_CREDENTIALS = struct.Struct("iII")
"""``struct ucred`` of unix(7)."""


class Frame(NamedTuple):
    """A JSON header and numbers or texts; both are empty in a sign of life."""

    header: bytes
    payload: bytes

    @property
    def is_sign_of_life(self) -> bool:
        """Whether it says only that the candidate has begun another case."""
        return not self.header and not self.payload


class Connection:
    """A socket to a candidate; every deadline is for the whole frame, by ``clock``."""

    def __init__(self, connection: socket.socket, clock: FairClock) -> None:
        self._connection, self._clock = connection, clock
        self._last = 0
        connection.setblocking(False)
        self._alarm: Callable[[], None] | None = None
        self._alarm_due = 0.0

    def close(self) -> None:
        """Close the socket."""
        self._connection.close()

    def set_alarm(self, alarm: Callable[[], None] | None, due: float = 0.0) -> None:
        """Call ``alarm`` at ``due`` and after each interval, while there is no answer; ``None`` calls nothing."""
        self._alarm, self._alarm_due = alarm, due

    def peer(self, deadline: float) -> int | None:
        """Wait for the first bytes, and return the process that sent them; ``None`` if the system does not say."""
        self._wait(select.POLLIN, deadline)
        if sys.platform != "linux":
            return None
        _, messages, _, _ = self._connection.recvmsg(1, socket.CMSG_SPACE(_CREDENTIALS.size), socket.MSG_PEEK)
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 0)
        for _, kind, data in messages:
            if kind == socket.SCM_CREDENTIALS:
                return _CREDENTIALS.unpack(data)[0] or None
        return None

    def send(self, header: bytes, payload: Collection[bytes], deadline: float) -> int:
        """Send a request, with its encoded ``header`` and its ``payload`` in pieces, and return its number."""
        self._last += 1
        for piece in (frames.numbered_head(self._last, header, sum(map(len, payload))), *payload):
            left = memoryview(piece)
            while left:
                self._wait(select.POLLOUT, deadline)
                with suppress(BlockingIOError):
                    left = left[self._connection.send(left) :]
        return self._last

    def receive(self, deadline: float, payload_limit: int = frames.PAYLOAD_LIMIT) -> Frame:
        """Return the next frame.

        Raises ``TimeoutError`` at the deadline, ``ProtocolError`` if the frame is too long, and other ``OSError``.
        """
        header_length, payload_length = frames.PREFIX.unpack(self._exactly(frames.PREFIX.size, deadline))
        if header_length > frames.HEADER_LIMIT or payload_length > payload_limit:
            raise frames.ProtocolError("the frame is too long")
        return Frame(self._exactly(header_length, deadline), self._exactly(payload_length, deadline))

    def _exactly(self, count: int, deadline: float) -> bytes:
        content = bytearray()
        while len(content) < count:
            self._wait(select.POLLIN, deadline)
            piece = self._connection.recv(min(count - len(content), 65536))
            if not piece:
                raise ConnectionResetError
            content += piece
        return bytes(content)

    def _wait(self, event: int, deadline: float) -> None:
        poll = select.poll()
        poll.register(self._connection, event)

        def is_ready(seconds: float) -> bool:
            return bool(poll.poll(seconds * 1000))

        while self._alarm is not None and self._alarm_due < deadline:
            try:
                self._clock.wait(is_ready, self._alarm_due)
            except TimeoutError:
                self._alarm()
                self._alarm_due += _ALARM_INTERVAL
            else:
                return
        self._clock.wait(is_ready, deadline)
