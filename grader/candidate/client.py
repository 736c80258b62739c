"""Ask one submission's process, and start it again if it dies."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache, partial
from typing import Any, NoReturn, TypeVar

from msgspec.structs import replace

from grader.candidate import reply_checks
from grader.candidate.clock import FairClock
from grader.candidate.connection import Connection, Frame
from grader.candidate.endings import Ended, Ending, How
from grader.candidate.isolation import remedy
from grader.candidate.launcher import Limits, Spawner, Timeouts
from grader.candidate.replies import LoadReply
from grader.candidate.request import Request, decode_reply
from grader.errors import DisturbedError, UngradedError
from grader.model import Message, Source, Submission
from grader.protocol import frames
from grader.protocol.frames import ProtocolError
from grader.protocol.shown_cells import ShownCell
from grader.resources import skeleton_paths
from grader.text import printable

__all__ = ["LOADING_SECONDS", "Candidate", "Ended", "How"]

T = TypeVar("T")

LOADING_SECONDS = 3.0
"""Seconds for a module's top-level statements, in all (EXERCISE: how it is run)."""
_STARTING_SECONDS = 30.0
"""Seconds for a new process to answer, before it has seen anything of the submission."""
_SLACK = 1.5
"""Seconds from the first alarm until a module's statements are stopped."""
_MIN_LOADING_SECONDS = 0.25
"""Seconds for loading again, however much of the time was used before."""
_STARTS_LIMIT = 12
"""How often a candidate that dies while it loads is started."""
_HELD_UP = 5
"""How many times its total timeout a submission may be kept from running before it is given up."""


class Candidate:
    """One submission behind the wall.

    A request that is not answered raises ``Ended``; the next one starts the process again, without the statements that
    ended or delayed it. After its total timeout, counted from the first start, every request raises ``Ended``. All
    time is the candidate's own (``FairClock``).

    If somebody else ended the process, or kept it from running, that and every later request raises
    ``DisturbedError``: it shows nothing about the submission, which has to be examined again.
    """

    def __init__(self, submission: Submission, spawner: Spawner, timeouts: Timeouts, limits: Limits) -> None:
        self._submission, self._spawner = submission, spawner
        self._timeouts, self._limits = timeouts, limits
        self._clock = FairClock(_HELD_UP * timeouts.total)
        self._until: float | None = None
        self._connection: Connection | None = None
        self._disturbance: DisturbedError | None = None
        self._source: Source | None = None
        # Whether the process has read the submission, and run nothing of it.
        self._is_fresh = False
        # The statements that are not run again, and whether they were out of time.
        self._skip: dict[int, bool] = {}
        self._loading_seconds = LOADING_SECONDS
        # Whether the last process died of a statement that no earlier one had died of.
        self._progressed = False
        self.layers: tuple[str, ...] = ()
        """The layers of the wall that were up when the candidate was started."""

    def rehearse(self) -> None:
        """Start the process and end it; raises ``UngradedError`` if it cannot be isolated."""
        self._start()
        self.close()

    def close(self) -> None:
        """End the process."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
            self._spawner.end()

    def read(self) -> Source:
        """Read the submission in a new process, which runs nothing of it.

        Raises ``UnreadableError`` if there is nothing to examine, and ``Ended`` if the process does not survive it.
        """
        if self._source is None:
            self._start()
            check = partial(reply_checks.read_reply, self._submission)
            self._source = self._ask_to_read(*_read_request(self._submission), check, frames.TEXTS_LIMIT)
            self._is_fresh = True
        return self._source

    def hurry(self, request: float, total: float) -> None:
        """Allow each later request at most ``request`` seconds, and all of them together ``total``."""
        end = self._clock.now() + total
        self._until = end if self._until is None else min(end, self._until)
        self._timeouts = Timeouts(min(request, self._timeouts.request), self._timeouts.total)

    def load(self) -> LoadReply:
        """Run the submission's statements; raises ``Ended`` if that never succeeds, and whatever ``read`` raises."""
        source = self.read()
        for _ in range(_STARTS_LIMIT - 1):
            try:
                return self._load_once(source)
            except Ended:
                if not self._progressed:
                    raise
        return self._load_once(source)

    def show(self, content: bytes) -> tuple[ShownCell, ...]:
        """Return the cells of the notebook in ``content``; raises ``Ended`` if the process does not survive it.

        Raises ``UnreadableError`` if there is nothing to show, or too much.
        """
        if self._connection is None:
            self._start()
        return self._ask_to_read({"verb": "show"}, [content], reply_checks.shown_reply)

    def _ask_to_read(
        self,
        header: Mapping[str, Any],
        texts: Collection[bytes],
        check: Callable[[Mapping[str, Any], bytes], T],
        payload_limit: int = frames.PAYLOAD_LIMIT,
    ) -> T:
        """Return what ``check`` makes of the reply to a request that runs no statement."""
        deadline = self._deadline(self._timeouts.request)
        try:
            number = self._open.send(frames.encode_header(header), texts, deadline)
            reply = self._open.receive(deadline, payload_limit)
            return check(decode_reply(number, reply.header), reply.payload)
        except (OSError, ProtocolError) as error:
            self._end(error, self._timeouts.request)

    def ask(self, request: Request[T]) -> T:
        """Return the answer to ``request``.

        Each of its cases has a part of the request's timeout, so that an endless loop is stopped sooner.
        """
        if self._connection is None:
            self.load()
        last = self._deadline(self._timeouts.request)
        try:
            number = self._open.send(request.encoded_header, (request.payload,), last)
            return request.answer(number, *self._receive_reply(last))
        except (OSError, ProtocolError) as error:
            is_last = self._clock.now() >= last
            self._end(error, self._timeouts.request if is_last else self._timeouts.case)

    def _receive_reply(self, last: float) -> Frame:
        """Return the frame after the signs of life; each of them extends the time until ``last``."""
        signs, began = 0, time.monotonic()
        while True:
            frame = self._open.receive(min(last, self._clock.now() + self._timeouts.case))
            if not frame.is_sign_of_life:
                return frame
            signs += 1
            if signs > (self._timeouts.request + time.monotonic() - began) / frames.SIGN_SECONDS:
                raise ProtocolError("there were too many empty messages")

    def _load_once(self, source: Source) -> LoadReply:
        self._progressed = False
        if not self._is_fresh:
            self._start()
        self._is_fresh = False
        header, texts = _load_request(source, self._skip)
        began = self._clock.now()
        at: int | None = None
        self._open.set_alarm(self._spawner.alarm, began + self._loading_seconds)
        try:
            deadline = self._deadline(self._loading_seconds + _SLACK)
            number = self._open.send(frames.encode_header(header), texts, deadline)
            while "at" in (fields := decode_reply(number, self._open.receive(deadline).header)):
                at = reply_checks.statement_number(fields["at"])
            loaded = reply_checks.load_reply(fields)
        except (OSError, ProtocolError) as error:
            used = self._clock.now() - began
            self._loading_seconds = max(_MIN_LOADING_SECONDS, self._loading_seconds - used)
            self._progressed = at is not None and at not in self._skip
            if at is not None:
                self._skip.setdefault(at, isinstance(error, TimeoutError))
            self._end(error, LOADING_SECONDS)
        self._open.set_alarm(None)
        for statement in loaded.skipped:
            if statement.raised is None:
                self._skip.setdefault(statement.index, True)
        skipped = (replace(one, was_late=self._skip.get(one.index, False)) for one in loaded.skipped)
        return replace(loaded, skipped=tuple(skipped))

    def _deadline(self, seconds: float) -> float:
        """Return the deadline of an answer that may take so many ``seconds``."""
        now = self._clock.now()
        if self._until is None:
            self._until = now + self._timeouts.total
        return min(now + seconds, self._until)

    @property
    def _is_out_of_time(self) -> bool:
        return self._until is not None and self._clock.now() >= self._until

    def _out_of_time(self) -> Ended:
        return Ended(
            How.TIMEOUT, Message("had no time left of its {seconds} s", {"seconds": self._timeouts.total})
        )

    def _start(self) -> None:
        self.close()
        if self._disturbance is not None:
            raise self._disturbance
        if self._is_out_of_time:
            raise self._out_of_time()
        self._connection = Connection(self._spawner.spawn(self._limits), self._clock)
        try:
            self._clock.follow(self._open.peer(self._clock.now() + _STARTING_SECONDS))
            hello = decode_reply(0, self._open.receive(self._clock.now() + _STARTING_SECONDS).header)
        except (OSError, ProtocolError) as error:
            ending = self._end_process(error)
            if ending.is_from_outside(self._limits.cpu):
                self._disturb(ending.disturbance, error)
            raise UngradedError(
                "the process that holds a submission did not start; is --memory large enough?"
            ) from error
        if missing := hello.get("missing"):
            self.close()
            raise UngradedError(remedy(*missing))
        self.layers = tuple(hello["layers"])

    @property
    def _open(self) -> Connection:
        if self._connection is None:
            raise RuntimeError("the candidate has not been started")
        return self._connection

    def _end(self, error: Exception, seconds: float) -> NoReturn:
        """End the process that failed to answer within ``seconds``, and raise the reason."""
        ending = self._end_process(error)
        if isinstance(error, TimeoutError) and self._is_out_of_time:
            raise self._out_of_time() from error
        if isinstance(error, TimeoutError):
            raise Ended(
                How.TIMEOUT, Message("was stopped after {seconds} s", {"seconds": float(seconds)})
            ) from error
        if isinstance(error, ProtocolError):
            raise Ended(
                How.PROTOCOL,
                Message("sent something that is not an answer ({reason})", {"reason": str(error)}),
            ) from error
        if not isinstance(error, ConnectionError):
            self._disturb(f"the connection to the submission's process failed ({error})", error)
        if ending.is_from_outside(self._limits.cpu):
            self._disturb(ending.disturbance, error)
        raise Ended(How.DIED, ending.message) from error

    def _end_process(self, error: Exception) -> Ending:
        """End the process; if it hung up and did not end by itself, the wait counts as its time."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
        began = time.monotonic()
        ending = self._spawner.end(hung_up=isinstance(error, ConnectionError))
        if ending.ran:
            self._clock.charge(time.monotonic() - began)
        return ending

    def _disturb(self, text: str, cause: Exception) -> NoReturn:
        self._disturbance = DisturbedError(text)
        raise self._disturbance from cause


def _read_request(submission: Submission) -> tuple[dict[str, Any], list[bytes]]:
    """Return the header and the texts of the request to read a submission."""
    names = list(submission.files)
    # Which file is an untouched skeleton matters only if there are several.
    skeletons = _skeletons() if len(names) > 1 else {}
    header = {
        "verb": "read",
        "files": [[name, printable(name), len(content)] for name, content in submission.files.items()],
        "main": names.index(submission.main) if submission.main else None,
        "skeletons": [[name, len(content)] for name, content in skeletons.items()],
    }
    return header, [*submission.files.values(), *skeletons.values()]


@cache
def _skeletons() -> dict[str, bytes]:
    """Return the files that students receive, which tell the files that nobody has changed."""
    return {path.name: path.read_bytes() for path in skeleton_paths()}


def _load_request(source: Source, skip: Iterable[int]) -> tuple[dict[str, Any], list[bytes]]:
    """Return the header and the texts of the request to run the statements of ``source`` except ``skip``."""
    header = {
        "verb": "load",
        "file": source.file,
        "cells": [[cell.label, len(cell.content)] for cell in source.cells],
        "helpers": [[h.module, h.is_package, h.file, len(h.content)] for h in source.helpers],
        "skip": sorted(skip),
    }
    texts = [cell.content for cell in source.cells] + [helper.content for helper in source.helpers]
    return header, texts
