"""Keep what a submission prints in memory, up to a limit."""

from __future__ import annotations

import io
import os
import sys
from typing import BinaryIO, cast

__all__ = ["Capture"]

LIMIT = 8 * 1024 * 1024
"""Bytes kept between two calls of ``take``; later ones are dropped."""
_PIPE = 64 * 1024
"""Bytes that a pipe holds."""


class _Buffer(io.BufferedIOBase):
    """A binary stream that keeps what is written to it, up to ``LIMIT``."""

    name = "<stdout>"

    def __init__(self) -> None:
        self.content = bytearray()
        self.dropped = False

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        content = bytes(data)
        room = LIMIT - len(self.content)
        self.content += content[:room]
        self.dropped = self.dropped or len(content) > room
        return len(content)

    def fileno(self) -> int:
        return 1

    def close(self) -> None:
        """Stay open: the next request needs the stream, whatever a submission closes."""


class _Text(io.TextIOWrapper):
    """A text stream to replace ``sys.stdout`` that cannot be closed, or lose its buffer."""

    def detach(self) -> BinaryIO:
        self.flush()
        return cast("BinaryIO", self.buffer)

    def close(self) -> None:
        self.flush()


class Capture:
    """Captures ``sys.stdout``, ``sys.__stdout__`` and descriptor 1.

    Descriptor 1 is a pipe to this process that never blocks: if it is full, writing to it fails.
    """

    def __init__(self) -> None:
        self._buffer = _Buffer()
        self._stream = _Text(self._buffer, encoding="utf-8", errors="backslashreplace", write_through=True)
        self._pipe, write_end = os.pipe2(os.O_NONBLOCK)
        os.dup2(write_end, 1)
        os.close(write_end)
        sys.stdout = sys.__stdout__ = self._stream  # type: ignore[misc]

    def take(self) -> tuple[str, bool]:
        """Return the text written since the last call, and whether some of it was dropped."""
        for stream in (sys.stdout, self._stream):
            try:
                stream.flush()
            except BaseException:  # noqa: BLE001, S112 - a submission's own stream may raise anything
                continue
        sys.stdout = sys.__stdout__ = self._stream  # type: ignore[misc]
        content, dropped = bytes(self._buffer.content) + self._drained(), self._buffer.dropped
        self._buffer.content.clear()
        self._buffer.dropped = False
        return content.decode("utf-8", errors="replace"), dropped

    def _drained(self) -> bytes:
        try:
            return os.read(self._pipe, _PIPE)
        except OSError:
            return b""
