"""End calls that never end, catch what is printed, and fix what is random."""

from __future__ import annotations

import io
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

import numpy as np

from checks.exceptions import is_own, is_theirs

SECONDS = 5.0
"""Seconds of processor time that each method has for all that the checks ask of it; most need a hundredth."""
PATIENCE = 3
"""By this factor more may pass on the clock: the computer may have other things to do."""


class TimeUp(BaseException):
    """Raised in the student's code when its time is over; not an Exception, which code may catch."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `TimeUp` in the block after so many seconds, also in a sleep or in a loop that catches all.

    Works in the main thread alone, by the signal that Ctrl-C sends, on every system.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    limit = _Limit()
    before, tracing = signal.signal(signal.SIGINT, limit.handle), sys.gettrace()
    watchdog = threading.Thread(target=limit.watch, args=(seconds,), daemon=True)
    try:
        with suppress(RuntimeError):  # Python in a browser has no threads, and no limit then.
            watchdog.start()
        yield
    finally:
        limit.is_left = True
        sys.settrace(tracing)
        limit.done.set()
        signal.signal(signal.SIGINT, before)


class _Limit:
    def __init__(self) -> None:
        self.done = threading.Event()
        self.is_left = False
        """Whether the block has ended; set in one step, which no signal can interrupt."""
        self._is_over = False
        self._signals = 0

    def watch(self, seconds: float) -> None:
        """Interrupt the main thread once the time is over, and again until it has ended the block."""
        computed, passed = time.process_time(), time.monotonic()
        while not self.done.wait(0.1):
            computing, passing = time.process_time() - computed, time.monotonic() - passed
            if computing < seconds and passing < PATIENCE * seconds:
                continue
            self._is_over = True
            if hasattr(signal, "pthread_kill"):
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
            else:
                signal.raise_signal(signal.SIGINT)

    def handle(self, _number: int, frame: FrameType | None) -> None:
        """Raise in the code that runs; code that catches even that is interrupted at its next line."""
        if self.is_left:
            return
        if not self._is_over:
            raise KeyboardInterrupt
        self._signals += 1
        if self._signals > 1:
            if not (running := list(_frames_of_theirs(frame))):
                return  # their code has ended, and the block is being left
            for each in running:
                each.f_trace = _interrupt
            sys.settrace(_interrupt)
        raise TimeUp


def _frames_of_theirs(frame: FrameType | None) -> Iterator[FrameType]:
    """Yield the frames of the student's code that the checks have called last."""
    while frame is not None and not is_own(frame.f_code.co_filename):
        if is_theirs(frame.f_code.co_filename):
            yield frame
        frame = frame.f_back


def _interrupt(frame: FrameType, event: str, _argument: Any) -> Any:
    if event == "line" and is_theirs(frame.f_code.co_filename):
        raise TimeUp
    return _interrupt


class _Buffer(io.BufferedIOBase):
    """Keeps the first bytes that are written to it."""

    def __init__(self) -> None:
        self.content = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        content = bytes(data)
        self.content += content[: max(0, 2**23 - len(self.content))]
        return len(content)

    def fileno(self) -> int:
        return 1

    def close(self) -> None:
        """Stay open, whatever the student's code closes."""


class Printed:
    """Catches what is printed in the block, to `sys.stdout` or right to the descriptor 1."""

    def __enter__(self) -> Printed:
        """Begin to catch. Raises `OSError`, with nothing changed, if there is no place for a file."""
        self._file = tempfile.TemporaryFile()
        self._buffer: Any = _Buffer()
        self._stream: Any = io.TextIOWrapper(self._buffer, "utf-8", "backslashreplace", write_through=True)
        self._before = sys.stdout, sys.__stdout__
        sys.stdout = sys.__stdout__ = self._stream  # type: ignore[misc]
        for stream in self._before:
            with suppress(AttributeError):  # a logger may have kept it
                stream.write = self._stream.write  # type: ignore[method-assign, union-attr]
        self._descriptor: int | None = None
        with suppress(OSError):
            self._descriptor = os.dup(1)
            os.dup2(self._file.fileno(), 1)
        return self

    def take(self) -> str:
        """Return what was printed since the last call."""
        for stream in (sys.stdout, self._stream):
            with suppress(Exception):  # the student's code may have put its own stream there
                stream.flush()
        sys.stdout = sys.__stdout__ = self._stream  # type: ignore[misc]
        self._file.seek(0)
        content = bytes(self._buffer.content) + self._file.read(2**20)
        self._buffer.content.clear()
        self._file.seek(0)
        self._file.truncate()
        return content.decode("utf-8", errors="replace")

    def __exit__(self, *_error: object) -> None:
        """Print to where it was printed before."""
        sys.stdout, sys.__stdout__ = self._before  # type: ignore[misc]
        for stream in self._before:
            with suppress(AttributeError):
                del stream.write  # type: ignore[union-attr]
        if self._descriptor is not None:
            os.dup2(self._descriptor, 1)
            os.close(self._descriptor)
        self._file.close()


@contextmanager
def same_random_numbers() -> Iterator[None]:
    """Give the block the same random numbers each time, and leave the student's own as they were."""
    before = random.getstate(), np.random.get_state()
    random.seed(1)
    np.random.seed(1)
    try:
        yield
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])
