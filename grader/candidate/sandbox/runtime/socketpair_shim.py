"""A ``socket.socketpair`` made of pipes, because a worker may not make sockets: ``asyncio`` wakes itself by a pair."""

from __future__ import annotations

import os
import selectors
import socket
from typing import Any

__all__ = ["install"]


class _End:
    """One end of a pair: the other end receives what is sent here."""

    def __init__(self, reading: int, writing: int) -> None:
        self._reading, self._writing = reading, writing

    def fileno(self) -> int:
        return self._reading

    def setblocking(self, flag: bool) -> None:
        os.set_blocking(self._reading, flag)
        os.set_blocking(self._writing, flag)

    def send(self, data: bytes) -> int:
        return os.write(self._writing, data)

    def recv(self, size: int) -> bytes:
        return os.read(self._reading, size)

    def close(self) -> None:
        os.close(self._reading)
        os.close(self._writing)


def _pair(*_arguments: Any) -> tuple[_End, _End]:
    (reading, writing), (other_reading, other_writing) = os.pipe(), os.pipe()
    return _End(reading, other_writing), _End(other_reading, writing)


def install() -> None:
    """Replace ``socket.socketpair`` by pipes, and the default selector by one that uses ``poll``."""
    socket.socketpair = _pair  # type: ignore[assignment]
    selectors.DefaultSelector = selectors.PollSelector  # type: ignore[misc, assignment]
