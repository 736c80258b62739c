"""The standard streams of a command: output arrives completely or the command fails; messages may get lost."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, TextIO

from grader.errors import KitError
from grader.text import printable

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = ["ReaderGoneError", "guard_streams", "say_line", "write_out"]

_OUT, _ERR = 1, 2


class ReaderGoneError(Exception):
    """Nobody reads the standard output any more."""


def guard_streams() -> None:
    """Turn every failure of standard output into an error of the kit, and ignore those of standard error.

    Raises ``KitError`` if standard output is closed.
    """
    # A file that is opened later would get the number of a closed stream, and with it the stream's text.
    closed = [number for number in (0, _OUT, _ERR) if not _is_open(number)]
    for _ in closed:
        os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    sys.stderr = _guarded(sys.stderr, _ERR, _BestEffort)
    sys.stdout = _guarded(sys.stdout, _OUT, _Reported)
    if _OUT in closed:
        raise KitError("standard output is closed; send it to a file, or to /dev/null")


def write_out(text: str, *, encoding: str | None = None) -> None:
    """Write ``text`` to standard output at once, in its own encoding or byte for byte in another.

    Raises ``KitError`` if it cannot be written, and ``ReaderGoneError`` if nobody reads it any more.
    """
    if encoding is None:
        sys.stdout.write(text)
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode(encoding))
    sys.stdout.flush()


def say_line(name: str, text: str) -> None:
    """Write one line from the command ``name`` to standard error, if that can be written."""
    line = " ".join(part.strip() for part in text.splitlines())
    print(f"{name}: {printable(line)}", file=sys.stderr, flush=True)


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def _guarded(stream: TextIO | None, number: int, guard: Callable[[IO[bytes]], io.RawIOBase]) -> TextIO:
    if stream is None:
        raw = guard(io.FileIO(number, "w", closefd=False))
        return io.TextIOWrapper(io.BufferedWriter(raw), "utf-8", "backslashreplace")
    stream.flush()
    raw = guard(getattr(stream.buffer, "raw", stream.buffer))
    lines = number == _ERR or raw.isatty()
    return io.TextIOWrapper(io.BufferedWriter(raw), stream.encoding, stream.errors, line_buffering=lines)


class _Guard(io.RawIOBase):
    """Wraps a stream that bytes are written to."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw

    def fileno(self) -> int:
        return self._raw.fileno()

    def isatty(self) -> bool:
        return self._raw.isatty()

    def writable(self) -> bool:
        return True


class _BestEffort(_Guard):
    """Drops what cannot be written."""

    def write(self, data: ReadableBuffer, /) -> int:
        with contextlib.suppress(OSError):
            return self._raw.write(data) or len(memoryview(data))
        return len(memoryview(data))


class _Reported(_Guard):
    """Raises the first failure; then it drops everything, so that flushing a buffer does not fail again."""

    def __init__(self, raw: IO[bytes]) -> None:
        super().__init__(raw)
        self._has_failed = False

    def write(self, data: ReadableBuffer, /) -> int | None:
        if self._has_failed:
            return len(memoryview(data))
        try:
            return self._raw.write(data)
        except BrokenPipeError:
            self._has_failed = True
            raise ReaderGoneError from None
        except OSError as error:
            self._has_failed = True
            raise KitError(f"standard output cannot be written: {error.strerror}") from None
