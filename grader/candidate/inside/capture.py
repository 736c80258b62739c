"""Standard output of a submission, kept in memory and cut."""

from __future__ import annotations

import io
import os
import sys
from typing import BinaryIO, cast

__all__ = ["Capture"]

LIMIT = 8 * 1024 * 1024
"""Bytes kept between two calls of ``take``; what comes after is dropped."""
_PIPE = 64 * 1024
"""Bytes that a pipe holds."""


class _Kept(io.BufferedIOBase):
    """A binary stream that keeps what is written to it, up to a limit."""

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
    """The text stream that takes the place of ``sys.stdout``, and is never closed or emptied of its buffer."""

    def detach(self) -> BinaryIO:
        self.flush()
        return cast("BinaryIO", self.buffer)

    def close(self) -> None:
        self.flush()


class Capture:
    """Keeps what is written to ``sys.stdout``, to ``sys.__stdout__`` and to descriptor 1.

    Descriptor 1 is a pipe to ourselves that never blocks: what does not fit into it is refused to the writer.
    """

    def __init__(self) -> None:
        self._kept = _Kept()
        self._stream = _Text(self._kept, encoding="utf-8", errors="backslashreplace", write_through=True)
        self._pipe, write_end = os.pipe2(os.O_NONBLOCK)
        os.dup2(write_end, 1)
        os.close(write_end)
        sys.stdout = sys.__stdout__ = self._stream  # type: ignore[misc]

    def begin(self) -> None:
        """Forget what was written so far."""
        self.take()

    def take(self) -> tuple[str, bool]:
        """Return the text written since the last call, and whether some of it was dropped."""
        for stream in (sys.stdout, self._stream):
            try:
                stream.flush()
            except BaseException:  # noqa: BLE001, S112 - a submission's own stream may raise anything
                continue
        sys.stdout = sys.__stdout__ = self._stream  # type: ignore[misc]
        content, dropped = bytes(self._kept.content) + self._drained(), self._kept.dropped
        self._kept.content.clear()
        self._kept.dropped = False
        return content.decode("utf-8", errors="replace"), dropped

    def _drained(self) -> bytes:
        try:
            return os.read(self._pipe, _PIPE)
        except OSError:
            return b""
