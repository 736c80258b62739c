"""Talks to one submission's candidate process, and starts it again if it died."""

from __future__ import annotations

import os
import select
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple, NoReturn, TypeVar

import numpy as np
from numpy.typing import NDArray

from grader.candidate import replies
from grader.candidate.clock import FairClock
from grader.candidate.inside import wire
from grader.candidate.inside.choosing import digest_of_code
from grader.candidate.isolation import remedy
from grader.candidate.launcher import Ending, Limits, Patience, Spawner
from grader.candidate.request import Request, decode_reply
from grader.candidate.showing import ShownCell, shown_reply
from grader.errors import DisturbedError, UngradedError
from grader.model import Source, Submission
from grader.resources import skeleton_paths
from grader.text import printable

__all__ = ["LOADING_SECONDS", "Candidate", "Ended", "How"]

Floats = NDArray[np.float64]
T = TypeVar("T")

LOADING_SECONDS = 3.0
"""Seconds for a module's top-level statements, in all (EXERCISE: how it is run)."""
_STARTING_SECONDS = 30.0
"""Seconds for a new process to say that it is there, before it has seen anything of the submission."""
_SLACK = 1.5
"""Seconds from the first alarm for a module's statements until they are no longer waited for."""
_GRACE = 0.5
"""Seconds from an alarm to the next one: for the definitions that still run after the first."""
_LEAST = 0.25
"""Seconds that are left for loading again, however much of the time was used before."""
_STARTS_LIMIT = 12
"""How often a candidate that dies while it loads is started again."""
_HELD_UP = 5
"""For how many times its total timeout others may keep a submission from running before it is given up."""
_CREDENTIALS = struct.Struct("iII")
"""``struct ucred`` of unix(7)."""


class How(StrEnum):
    """The ways in which a candidate may end in the middle of a request."""

    TIMEOUT = "timeout"
    DIED = "died"
    PROTOCOL = "protocol"


class Ended(Exception):  # noqa: N818 - it is how a candidate ends, not always an error
    """The candidate ended before it answered; the text says how, in words for the student."""

    def __init__(self, how: How, text: str) -> None:
        super().__init__(text)
        self.how = how


class _Frame(NamedTuple):
    """What a candidate sent: a header in JSON, and numbers."""

    header: bytes
    payload: bytes


_EMPTY = _Frame(b"", b"")


class _Alarm:
    """Rings when the time for a module's statements is over, and again after each grace."""

    def __init__(self, due: float, ring: Callable[[], None]) -> None:
        self.due = due
        self._ring = ring

    def ring(self) -> None:
        self._ring()
        self.due += _GRACE


class _Line:
    """One socket to a candidate; every wait has a deadline for the whole of it, by ``clock``."""

    def __init__(self, connection: socket.socket, clock: FairClock) -> None:
        self._connection, self._clock = connection, clock
        self._last = 0
        connection.setblocking(False)
        self.alarm: _Alarm | None = None

    def close(self) -> None:
        self._connection.close()

    def peer(self) -> int | None:
        """Wait for the first bytes, and return the process that sent them; ``None`` if the system does not say."""
        self._wait(select.POLLIN, self._clock.now() + _STARTING_SECONDS)
        if sys.platform != "linux":
            return None
        _, messages, _, _ = self._connection.recvmsg(1, socket.CMSG_SPACE(_CREDENTIALS.size), socket.MSG_PEEK)
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 0)
        for _, kind, data in messages:
            if kind == socket.SCM_CREDENTIALS:
                return _CREDENTIALS.unpack(data)[0] or None
        return None

    def send(self, header: Mapping[str, Any], arrays: Iterable[Floats], deadline: float) -> int:
        self._last += 1
        self._send(wire.encode({"id": self._last, **header}, arrays), deadline)
        return self._last

    def send_texts(self, header: Mapping[str, Any], texts: Collection[bytes], deadline: float) -> int:
        self._last += 1
        for piece in (wire.opening({"id": self._last, **header}, sum(map(len, texts))), *texts):
            self._send(piece, deadline)
        return self._last

    def _send(self, content: bytes, deadline: float) -> None:
        left = memoryview(content)
        while left:
            self._wait(select.POLLOUT, deadline)
            with suppress(BlockingIOError):
                left = left[self._connection.send(left) :]

    def receive(self, deadline: float, payload_limit: int = wire.PAYLOAD_LIMIT) -> _Frame:
        header_length, payload_length = wire.lengths(self._exactly(wire.PREFIX.size, deadline))
        if header_length > wire.HEADER_LIMIT or payload_length > payload_limit:
            raise wire.WireError("the frame is too long")
        return _Frame(self._exactly(header_length, deadline), self._exactly(payload_length, deadline))

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

        while self.alarm is not None and self.alarm.due < deadline:
            try:
                self._clock.wait(is_ready, self.alarm.due)
            except TimeoutError:
                self.alarm.ring()
            else:
                return
        self._clock.wait(is_ready, deadline)


class Candidate:
    """One submission behind the wall.

    A request that is not answered raises ``Ended``; the next one starts the process again, without the
    statements that ended or delayed it. Once its total timeout is over, counted from the first start, every request
    raises ``Ended``. All time is the candidate's own (``FairClock``).

    If somebody else ended the process, or kept it from running, that and every later request raises
    ``DisturbedError``: nothing is known of the submission, which is to be examined from the start again.
    """

    def __init__(self, submission: Submission, spawner: Spawner, patience: Patience, limits: Limits) -> None:
        self._submission, self._spawner = submission, spawner
        self._patience, self._limits = patience, limits
        self._clock = FairClock(_HELD_UP * patience.total)
        self._until: float | None = None
        self._line: _Line | None = None
        self._disturbance: DisturbedError | None = None
        self._source: Source | None = None
        self._is_fresh = False
        # The statements that are not run again, and whether it was their time that was over.
        self._skip: dict[int, bool] = {}
        self._seconds = LOADING_SECONDS
        self._progressed = False
        self.layers: tuple[str, ...] = ()
        """The layers of the prison that were up when the candidate was started."""

    def rehearse(self) -> None:
        """Start the process and end it; raises ``UngradedError`` if it cannot be isolated."""
        self._start()
        self.close()

    def close(self) -> None:
        """End the process."""
        if self._line is not None:
            self._line.close()
            self._line = None
            self._spawner.end()

    def read(self) -> Source:
        """Have the submission read in a new process, which has run nothing of it.

        Raises ``UnreadableError`` if there is nothing to examine, and ``Ended`` if the process does not survive it.
        """
        if self._source is None:
            self._start()
            line = self._open_line()
            try:
                deadline = self._deadline(self._patience.request)
                number = line.send_texts(
                    _reading(self._submission), self._submission.files.values(), deadline
                )
                reply = line.receive(deadline, wire.TEXTS_LIMIT)
                header = decode_reply(number, reply.header)
                self._source = replies.read_reply(header, reply.payload, self._submission)
            except (OSError, wire.WireError) as error:
                self._end(error, self._patience.request)
            self._is_fresh = True
        return self._source

    def load(self) -> replies.Loaded:
        """Run the submission's statements; raises ``Ended`` if that never succeeds, and what ``read`` raises."""
        source = self.read()
        for _ in range(_STARTS_LIMIT - 1):
            try:
                return self._load_once(source)
            except Ended:
                if not self._progressed:
                    raise
        return self._load_once(source)

    def show(self, content: bytes) -> tuple[ShownCell, ...]:
        """Return what is shown of the notebook in ``content``; raises ``Ended`` if the process does not survive it.

        Raises ``UnreadableError`` if there is nothing to show, or too much.
        """
        if self._line is None:
            self._start()
        line = self._open_line()
        try:
            deadline = self._deadline(self._patience.request)
            number = line.send_texts({"verb": "show"}, [content], deadline)
            reply = line.receive(deadline)
            return shown_reply(decode_reply(number, reply.header), reply.payload)
        except (OSError, wire.WireError) as error:
            self._end(error, self._patience.request)

    def ask(self, request: Request[T]) -> T:
        """Return what is read of the reply to ``request``.

        Each of its cases has a part of the request's timeout, so that a loop which never ends is stopped sooner.
        """
        if self._line is None:
            self.load()
        line = self._open_line()
        last = self._deadline(self._patience.request)
        try:
            number = line.send(request.header, (request.numbers,), last)
            signs, began = 0, time.monotonic()
            while (frame := line.receive(min(last, self._clock.now() + self._patience.case))) == _EMPTY:
                signs += 1
                if signs > (self._patience.request + time.monotonic() - began) / wire.SIGN_SECONDS:
                    raise wire.WireError("there were too many signs of life")
            return request.understand(number, *frame)
        except (OSError, wire.WireError) as error:
            is_last = self._clock.now() >= last
            self._end(error, self._patience.request if is_last else self._patience.case)

    def _load_once(self, source: Source) -> replies.Loaded:
        self._progressed = False
        if not self._is_fresh:
            self._start()
        self._is_fresh = False
        request = {
            "verb": "load",
            "file": source.file,
            "cells": [[cell.label, len(cell.content)] for cell in source.cells],
            "helpers": [[h.module, h.is_package, h.file, len(h.content)] for h in source.helpers],
            "skip": sorted(self._skip),
        }
        texts = [cell.content for cell in source.cells] + [helper.content for helper in source.helpers]
        began = self._clock.now()
        at: int | None = None
        line = self._open_line()
        line.alarm = _Alarm(began + self._seconds, self._spawner.ring)
        try:
            deadline = self._deadline(self._seconds + _SLACK)
            number = line.send_texts(request, texts, deadline)
            while "at" in (header := decode_reply(number, line.receive(deadline).header)):
                at = _statement_number(header["at"])
            loaded = replies.load_reply(header)
        except (OSError, wire.WireError) as error:
            self._seconds = max(_LEAST, self._seconds - (self._clock.now() - began))
            self._progressed = at is not None and at not in self._skip
            if at is not None:
                self._skip.setdefault(at, isinstance(error, TimeoutError))
            self._end(error, LOADING_SECONDS)
        line.alarm = None
        for event in loaded.passed_over:
            if event.raised is None:
                self._skip.setdefault(event.index, True)
        events = [replace(event, was_late=self._skip.get(event.index, False)) for event in loaded.passed_over]
        return replace(loaded, passed_over=tuple(events))

    def _deadline(self, seconds: float) -> float:
        """Return the time when an answer must be there that may take so many ``seconds``."""
        now = self._clock.now()
        if self._until is None:
            self._until = now + self._patience.total
        return min(now + seconds, self._until)

    @property
    def _is_spent(self) -> bool:
        return self._until is not None and self._clock.now() >= self._until

    def _spent(self) -> Ended:
        return Ended(How.TIMEOUT, f"had no time left of its {self._patience.total:g} s")

    def _start(self) -> None:
        self.close()
        if self._disturbance is not None:
            raise self._disturbance
        if self._is_spent:
            raise self._spent()
        self._line = _Line(self._spawner.spawn(self._limits), self._clock)
        try:
            self._clock.follow(self._line.peer())
            hello = decode_reply(0, self._line.receive(self._clock.now() + _STARTING_SECONDS).header)
        except (OSError, wire.WireError) as error:
            ending = self._end_process(error)
            if ending.is_from_outside(self._limits):
                self._disturb(_disturbance(ending), error)
            raise UngradedError(
                "the process that holds a submission did not start; is --memory large enough?"
            ) from error
        if missing := hello.get("missing"):
            self.close()
            raise UngradedError(remedy(*missing))
        self.layers = tuple(hello["layers"])

    def _open_line(self) -> _Line:
        if self._line is None:
            raise RuntimeError("the candidate has not been started")
        return self._line

    def _end(self, error: Exception, seconds: float) -> NoReturn:
        """End the process that failed to answer, and raise what there is to say about it."""
        ending = self._end_process(error)
        if isinstance(error, TimeoutError) and self._is_spent:
            raise self._spent() from error
        if isinstance(error, TimeoutError):
            raise Ended(How.TIMEOUT, f"was stopped after {seconds:g} s") from error
        if isinstance(error, wire.WireError):
            raise Ended(How.PROTOCOL, f"broke the talk with the grader ({error})") from error
        if not isinstance(error, ConnectionError):
            self._disturb(f"the submission's process could not be talked to ({error})", error)
        if ending.is_from_outside(self._limits):
            self._disturb(_disturbance(ending), error)
        raise Ended(How.DIED, _ending(ending)) from error

    def _end_process(self, error: Exception) -> Ending:
        """End the process; if it hung up and did not end by itself, the wait counts as its time."""
        line, self._line = self._line, None
        if line is not None:
            line.close()
        began = time.monotonic()
        ending = self._spawner.end(hung_up=isinstance(error, ConnectionError))
        if ending.ran:
            self._clock.charge(time.monotonic() - began)
        return ending

    def _disturb(self, text: str, cause: Exception) -> NoReturn:
        self._disturbance = DisturbedError(text)
        raise self._disturbance from cause


def _reading(submission: Submission) -> dict[str, Any]:
    """Return the header of the request to read a submission."""
    names = list(submission.files)
    return {
        "verb": "read",
        "files": [[name, printable(name), len(content)] for name, content in submission.files.items()],
        "main": names.index(submission.main) if submission.main else None,
        "skeletons": _skeletons() if len(names) > 1 else [],
    }


@cache
def _skeletons() -> list[str]:
    """Return the digests of the code that students receive, which tell the files that nobody has touched."""
    return [digest_of_code(path.name, path.read_bytes()) for path in skeleton_paths()]


def _statement_number(value: object) -> int:
    if not isinstance(value, int) or not 0 <= value < 10**6:
        raise wire.WireError("the number of a statement is out of range")
    return value


def _disturbance(ending: Ending) -> str:
    """Say in one line who ended a process that did not end itself."""
    if ending.is_out_of_memory:
        return (
            "the machine ran out of memory while this submission was examined; use fewer --jobs, a smaller --memory, "
            "or a machine with more memory"
        )
    if ending.status is None:
        return "the process that starts candidates was killed while this submission was examined"
    name = signal.Signals(os.WTERMSIG(ending.status)).name
    return f"the submission's process was ended from outside ({name}) while it was examined"


def _ending(ending: Ending) -> str:
    status = ending.status or 0
    if ending.ran:
        return "closed what it answers through"
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number in (signal.SIGXCPU, signal.SIGKILL):
            return "used more processor time than it may"
        try:
            return f"was ended by {signal.Signals(number).name}"
        except ValueError:
            return f"was ended by signal {number}"
    return f"ended the whole program (exit code {os.WEXITSTATUS(status)})"
