"""Talks to one submission's candidate process, and starts it again where it died."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple, NoReturn, TypeVar

import numpy as np
from numpy.typing import NDArray

from grader.candidate import replies
from grader.candidate.inside import wire
from grader.candidate.inside.choosing import digest_of_code
from grader.candidate.isolation import remedy
from grader.candidate.launcher import Limits, Patience, Spawner
from grader.candidate.request import Request, decode_reply
from grader.errors import UngradedError
from grader.model import Source, Submission
from grader.resources import assignment_path
from grader.text import printable

__all__ = ["Candidate", "Ended", "How"]

Floats = NDArray[np.float64]
T = TypeVar("T")

LOADING_SECONDS = 3.0
"""Seconds for a module's top-level statements, in all (EXERCISE: how it is run)."""
_STARTING_SECONDS = 30.0
"""Seconds for a new process to say that it is there, before it has seen anything of the submission."""
_SLACK = 1.5
"""Seconds between the candidate's own alarm and the examiner's patience."""
_LEAST = 0.25
"""Seconds that are left for loading again, however much of the time was used before."""
_STARTS_LIMIT = 12
"""How often a candidate that dies while it loads is started again."""


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


class _Line:
    """One socket to a candidate; every wait has a deadline for the whole of it."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._last = 0

    def close(self) -> None:
        self._connection.close()

    def send(self, header: Mapping[str, Any], arrays: Iterable[Floats], deadline: float) -> int:
        self._last += 1
        self._wait_until(deadline)
        self._connection.sendall(wire.encode({"id": self._last, **header}, arrays))
        return self._last

    def send_texts(self, header: Mapping[str, Any], texts: Collection[bytes], deadline: float) -> int:
        self._last += 1
        for piece in (wire.opening({"id": self._last, **header}, sum(map(len, texts))), *texts):
            self._wait_until(deadline)
            self._connection.sendall(piece)
        return self._last

    def receive(self, deadline: float, payload_limit: int = wire.PAYLOAD_LIMIT) -> _Frame:
        header_length, payload_length = wire.lengths(self._exactly(wire.PREFIX.size, deadline))
        if header_length > wire.HEADER_LIMIT or payload_length > payload_limit:
            raise wire.WireError("the frame is too long")
        return _Frame(self._exactly(header_length, deadline), self._exactly(payload_length, deadline))

    def _exactly(self, count: int, deadline: float) -> bytes:
        content = bytearray()
        while len(content) < count:
            self._wait_until(deadline)
            piece = self._connection.recv(min(count - len(content), 65536))
            if not piece:
                raise ConnectionResetError
            content += piece
        return bytes(content)

    def _wait_until(self, deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(left)


class Candidate:
    """One submission behind the wall.

    A request that is not answered raises ``Ended``; the next one starts the process again, without the
    statements that ended or delayed it. Once all patience is spent, counted from the first start, every request
    raises ``Ended``.
    """

    def __init__(self, submission: Submission, spawner: Spawner, patience: Patience, limits: Limits) -> None:
        self._submission, self._spawner = submission, spawner
        self._patience, self._limits = patience, limits
        self._until: float | None = None
        self._line: _Line | None = None
        self._source: Source | None = None
        self._is_fresh = False
        self._skip: set[int] = set()
        self._seconds = LOADING_SECONDS
        self._progressed = False
        self.layers: tuple[str, ...] = ()
        """The layers of the prison that were up when the candidate was started."""
        self.was_killed = False
        """Whether a process of it was killed outright: by itself, or by somebody from outside."""

    def rehearse(self) -> None:
        """Start the process and end it; raises ``UngradedError`` where it cannot be isolated."""
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
        """Run the submission's statements; raises ``Ended`` where that never succeeds, and what ``read`` raises."""
        source = self.read()
        for _ in range(_STARTS_LIMIT - 1):
            try:
                return self._load_once(source)
            except Ended:
                if not self._progressed:
                    raise
        return self._load_once(source)

    def ask(self, request: Request[T]) -> T:
        """Return what is read of the reply to ``request``.

        Each of its cases has a part of the patience that there is for all of them, so that a loop which never ends
        is not waited for so long.
        """
        if self._line is None:
            self.load()
        line = self._open_line()
        last = self._deadline(self._patience.request)
        try:
            number = line.send(request.header, (request.numbers,), last)
            signs = 0
            while (frame := line.receive(min(last, time.monotonic() + self._patience.case))) == _EMPTY:
                signs += 1
                if signs > self._patience.request / wire.SIGN_SECONDS:
                    raise wire.WireError("there were too many signs of life")
            return request.understand(number, *frame)
        except (OSError, wire.WireError) as error:
            is_last = time.monotonic() >= last
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
            "seconds": self._seconds,
        }
        texts = [cell.content for cell in source.cells] + [helper.content for helper in source.helpers]
        began = time.monotonic()
        at: int | None = None
        line = self._open_line()
        try:
            deadline = self._deadline(self._seconds + _SLACK)
            number = line.send_texts(request, texts, deadline)
            while "at" in (header := decode_reply(number, line.receive(deadline).header)):
                at = _statement_number(header["at"])
            loaded = replies.load_reply(header)
        except (OSError, wire.WireError) as error:
            self._seconds = max(_LEAST, self._seconds - (time.monotonic() - began))
            self._progressed = at is not None and at not in self._skip
            self._skip |= set() if at is None else {at}
            self._end(error, self._seconds)
        self._skip |= {event.index for event in loaded.passed_over if event.raised is None}
        return loaded

    def _deadline(self, seconds: float) -> float:
        """Return the time when an answer must be there that may take so many ``seconds``."""
        now = time.monotonic()
        if self._until is None:
            self._until = now + self._patience.total
        return min(now + seconds, self._until)

    @property
    def _is_spent(self) -> bool:
        return self._until is not None and time.monotonic() >= self._until

    def _spent(self) -> Ended:
        return Ended(How.TIMEOUT, f"had no time left of its {self._patience.total:g} s")

    def _start(self) -> None:
        self.close()
        if self._is_spent:
            raise self._spent()
        self._line = _Line(self._spawner.spawn(self._limits))
        try:
            hello = decode_reply(0, self._line.receive(time.monotonic() + _STARTING_SECONDS).header)
        except (OSError, wire.WireError) as error:
            self.close()
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
        line, self._line = self._line, None
        if line is not None:
            line.close()
        status = self._spawner.end()
        if not isinstance(error, TimeoutError | wire.WireError):
            self.was_killed |= os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        if isinstance(error, TimeoutError) and self._is_spent:
            raise self._spent() from error
        if isinstance(error, TimeoutError):
            raise Ended(How.TIMEOUT, f"was stopped after {seconds:g} s") from error
        if isinstance(error, wire.WireError):
            raise Ended(How.PROTOCOL, f"broke the talk with the grader ({error})") from error
        raise Ended(How.DIED, _ending(status)) from error


def _reading(submission: Submission) -> dict[str, Any]:
    """Return the header of the request to read a submission."""
    names = list(submission.files)
    return {
        "verb": "read",
        "files": [
            [name, printable(name, keep=""), len(content)] for name, content in submission.files.items()
        ],
        "main": names.index(submission.main) if submission.main else None,
        "skeletons": _skeletons() if len(names) > 1 else [],
    }


@cache
def _skeletons() -> list[str]:
    """Return the digests of the code that students receive, by which it is known where nobody has touched it."""
    released = sorted(assignment_path().glob("perceptron.*"))
    return [digest_of_code(p.name, p.read_bytes()) for p in released if p.suffix in (".py", ".ipynb")]


def _statement_number(value: object) -> int:
    if not isinstance(value, int) or not 0 <= value < 10**6:
        raise wire.WireError("the number of a statement is out of range")
    return value


def _ending(status: int) -> str:
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number == signal.SIGXCPU:
            return "used more processor time than it may"
        try:
            return f"was ended by {signal.Signals(number).name}"
        except ValueError:
            return f"was ended by signal {number}"
    return f"ended the whole program (exit code {os.WEXITSTATUS(status)})"
