"""No bytes from a candidate crash, delay or mislead the grader."""

from __future__ import annotations

import json
import socket
import threading
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from candidates import backward
from hypothesis import given, settings
from hypothesis import strategies as st
from in_process import grade_entries

from grader.candidate.client import Candidate, Ended, How
from grader.candidate.endings import Ending
from grader.candidate.launcher import Limits, Timeouts
from grader.candidate.replies import BackwardReply
from grader.candidate.request import ReplyCache, Request
from grader.errors import UngradedError, UnreadableError
from grader.model import Source, Submission, SubmissionStatus
from grader.protocol import frames
from grader.settings import Settings

SUBMISSION = Submission("a", "a.py", {"a.py": b"x = 1"})
HELLO = frames.encode({"id": 0, "layers": ["process"]})
TEXT = b"x = 1"
READ = (
    HELLO
    + frames.frame_head(
        {"id": 1, "main": 0, "sha256": "", "cells": [[0, len(TEXT)]], "helpers": []}, len(TEXT)
    )
    + TEXT
)
"""A right start: the layers, and what was read."""
LOADED = {"classes": ["Layer", "Perceptron"], "skipped": [], "syntax": [], "output": "", "output_cut": False}


class Scripted:
    """A spawner whose candidates send what a script says, and then hang up."""

    def __init__(self, speak: Callable[[socket.socket], None]) -> None:
        self._speak = speak
        self._threads: list[threading.Thread] = []

    def spawn(self, _limits: Limits) -> socket.socket:
        ours, theirs = socket.socketpair()
        thread = threading.Thread(target=self._run, args=(theirs,), daemon=True)
        thread.start()
        self._threads.append(thread)
        return ours

    def alarm(self) -> None:
        pass

    def end(self, *, hung_up: bool = False) -> Ending:
        return Ending(status=0, ran=not hung_up)

    def _run(self, connection: socket.socket) -> None:
        with connection:
            try:
                self._speak(connection)
            except OSError:
                return


def saying(content: bytes) -> Scripted:
    def speak(connection: socket.socket) -> None:
        connection.sendall(content)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass

    return Scripted(speak)


def ask(content: bytes, timeout: float = 5.0) -> list[BackwardReply]:
    candidate = Candidate(SUBMISSION, saying(content), Timeouts(timeout), Limits())
    try:
        return candidate.ask(backward(1.0))
    finally:
        candidate.close()


def frame(header: object, payload: bytes = b"") -> bytes:
    text = json.dumps(header).encode()
    return frames.PREFIX.pack(len(text), len(payload)) + text + payload


def read_as(header: object, payload: bytes) -> Source:
    candidate = Candidate(SUBMISSION, saying(HELLO + frame(header, payload)), Timeouts(5.0), Limits())
    try:
        return candidate.read()
    finally:
        candidate.close()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
REPLY_KEYS = ("cases", "steps", "raised", "da_prev", "weights", "biases", "shape", "kept", "type", "id")
nearly_replies = st.recursive(
    json_values,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(REPLY_KEYS), inner, max_size=6)
    ),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_random_bytes_end_the_process(content: bytes) -> None:
    with pytest.raises((Ended, UngradedError)):
        ask(content)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_random_bytes_after_a_right_start_end_the_process(content: bytes) -> None:
    with pytest.raises(Ended):
        ask(READ + frames.encode({"id": 2, **LOADED}) + content)


@settings(max_examples=300, deadline=None)
@given(nearly_replies, st.binary(max_size=64))
def test_a_reply_is_well_formed_or_refused(cases: object, payload: bytes) -> None:
    content = READ + frames.encode({"id": 2, **LOADED}) + frame({"id": 3, "cases": cases}, payload)
    try:
        replies = ask(content)
    except Ended as ended:
        assert ended.how is How.PROTOCOL  # noqa: PT017 - either end is right
    else:
        assert all(isinstance(reply, BackwardReply) for reply in replies)


@pytest.mark.parametrize("value", ["\ud800", {"\ud800": 1}, 10**400, 1, float("inf")], ids=ascii)
@pytest.mark.parametrize("field", ["classes", "skipped", "syntax", "output_cut"])
def test_a_field_of_another_type_is_refused(field: str, value: object) -> None:
    with pytest.raises(Ended) as caught:
        ask(READ + frame({"id": 2, **LOADED, field: value}))
    assert caught.value.how is How.PROTOCOL


@settings(max_examples=150, deadline=None)
@given(
    st.fixed_dictionaries(
        {"id": st.just(1)},
        optional=dict.fromkeys(("main", "sha256", "cells", "helpers", "problem"), json_values),
    ),
    st.binary(max_size=8),
)
def test_a_reply_to_read_is_well_formed_or_refused(header: object, payload: bytes) -> None:
    try:
        source = read_as(header, payload)
    except (Ended, UnreadableError):
        return
    assert source.main == "a.py"
    assert sum(len(cell.content) for cell in source.cells) == len(payload)


@pytest.mark.parametrize("payload", [TEXT + b" ", TEXT[:-1]], ids=["too long", "too short"])
def test_a_payload_is_exactly_as_long_as_its_texts(payload: bytes) -> None:
    header = {"id": 1, "main": 0, "sha256": "", "cells": [[0, len(TEXT)]], "helpers": []}
    assert read_as(header, TEXT).cells[0].content == TEXT
    with pytest.raises(Ended) as caught:
        read_as(header, payload)
    assert caught.value.how is How.PROTOCOL


@pytest.mark.parametrize(
    "content",
    [
        frames.PREFIX.pack(2**32 - 1, 0),
        frames.PREFIX.pack(2, 2**32 - 1) + b"{}",
        frames.PREFIX.pack(frames.HEADER_LIMIT + 1, 0),
        frame([]),
        frame("text"),
        frames.PREFIX.pack(3, 0) + b"NaN",
        frames.PREFIX.pack(100_000, 0) + b"[" * 100_000,
        frames.PREFIX.pack(10_000, 0) + b"9" * 10_000,
        frames.PREFIX.pack(2, 3) + b"{}abc",
        frames.PREFIX.pack(2, 0) + b"\xff\xff",
    ],
)
@pytest.mark.parametrize("start", [HELLO, READ], ids=["hello", "read"])
def test_a_frame_with_a_false_length_is_refused_without_being_allocated(start: bytes, content: bytes) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(Ended):
            ask(start + content)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < frames.PAYLOAD_LIMIT


@pytest.mark.parametrize(
    ("description", "payload"),
    [
        ({"shape": [2, 2], "kept": True}, 1),
        ({"shape": [10**9, 10**9], "kept": True}, 1),
        ({"shape": [-1], "kept": True}, 1),
        ({"shape": [1.0], "kept": True}, 1),
        ({"shape": [True], "kept": True}, 1),
        ({"shape": [1] * 40, "kept": True}, 1),
        ({"shape": "1", "kept": True}, 1),
        ({"kept": True}, 1),
        ({}, 0),
    ],
)
def test_an_array_with_a_false_shape_is_refused(description: dict[str, Any], payload: int) -> None:
    step = dict.fromkeys(("da_prev", "weights", "biases"), description)
    reply = {"id": 3, "cases": [{"steps": [step], "raised": None, "during": "Layer"}]}
    with pytest.raises(Ended):
        ask(READ + frames.encode({"id": 2, **LOADED}) + frame(reply, b"\0" * 8 * payload))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_numbers_that_are_not_finite_are_not_an_array(value: float) -> None:
    step = {name: {"shape": [1, 1], "kept": True} for name in ("da_prev", "weights", "biases")}
    reply = {"id": 3, "cases": [{"steps": [step], "raised": None, "during": "Layer"}]}
    (answer,) = ask(READ + frames.encode({"id": 2, **LOADED}) + frame(reply, np.full(3, value).tobytes()))
    assert answer.steps[0].da_prev.array is None


def test_bytes_that_drip_in_do_not_extend_the_deadline() -> None:
    def drip(connection: socket.socket) -> None:
        connection.sendall(READ + frames.encode({"id": 2, **LOADED}))
        for byte in frames.encode({"id": 3, "cases": "x" * 10_000}):
            connection.sendall(bytes([byte]))
            time.sleep(0.01)

    candidate = Candidate(SUBMISSION, Scripted(drip), Timeouts(0.3), Limits())
    with pytest.raises(Ended) as caught:
        candidate.ask(backward(1.0))
    assert caught.value.how is How.TIMEOUT


def test_endless_progress_does_not_extend_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    def babble(connection: socket.socket) -> None:
        connection.sendall(READ)
        while True:
            connection.sendall(frames.encode({"id": 2, "at": 0}))

    monkeypatch.setattr("grader.candidate.client.LOADING_SECONDS", 0.2)
    candidate = Candidate(SUBMISSION, Scripted(babble), Timeouts(0.2), Limits())
    with pytest.raises(Ended):
        candidate.load()


def test_signs_of_life_are_counted() -> None:
    due = int(1.0 / frames.SIGN_SECONDS)
    started = READ + frames.encode({"id": 2, **LOADED})
    (reply,) = ask(started + due * frames.SIGN_OF_LIFE + answer_of(1.0), timeout=1.0)
    assert reply.raised is None
    with pytest.raises(Ended, match="too many empty messages"):
        ask(started + 10 * due * frames.SIGN_OF_LIFE + answer_of(1.0), timeout=1.0)


def answer_of(*values: float, number: int = 3) -> bytes:
    """Return a reply to the request of this number, about one call that returned ``values``."""
    kept = {"shape": [1, len(values)], "kept": True}
    step = dict.fromkeys(("da_prev", "weights", "biases"), kept)
    cases = [{"steps": [step], "raised": None, "during": "Layer.backward"}]
    return frames.encode({"id": number, "cases": cases}, [np.array(values)] * 3)


class TestCache:
    """Replies that came lately are not read again."""

    @staticmethod
    def say(content: bytes, request: Request[list[BackwardReply]]) -> list[BackwardReply]:
        script = READ + frames.encode({"id": 2, **LOADED}) + content
        candidate = Candidate(SUBMISSION, saying(script), Timeouts(5.0), Limits())
        try:
            return candidate.ask(request)
        finally:
            candidate.close()

    def test_an_equal_reply_is_read_once(self) -> None:
        request = replace(backward(1.0), cache=ReplyCache())
        first = self.say(answer_of(1.0), request)
        assert self.say(answer_of(1.0), request) is first
        other = self.say(answer_of(np.nextafter(1.0, 2.0)), request)
        assert other is not first
        assert other[0].steps[0].da_prev.array is not None
        assert other[0].steps[0].da_prev.array.item() != 1.0
        assert self.say(answer_of(1.0), request) is first

    def test_its_number_is_checked_each_time(self) -> None:
        request = replace(backward(1.0), cache=ReplyCache())
        self.say(answer_of(1.0), request)
        script = READ + frames.encode({"id": 2, **LOADED}) + 2 * answer_of(1.0)
        candidate = Candidate(SUBMISSION, saying(script), Timeouts(5.0), Limits())
        candidate.ask(request)
        with pytest.raises(Ended, match="belongs to no request"):
            candidate.ask(request)

    def test_few_replies_are_cached_and_no_large_ones(self) -> None:
        request = replace(backward(1.0), cache=ReplyCache())
        first = self.say(answer_of(0.0), request)
        for number in range(1, 40):
            self.say(answer_of(float(number)), request)
        assert self.say(answer_of(0.0), request) is not first
        large = self.say(answer_of(*[1.0] * 30_000), request)
        assert self.say(answer_of(*[1.0] * 30_000), request) is not large

    def test_a_refused_reply_is_refused_again(self) -> None:
        request = replace(backward(1.0), cache=ReplyCache())
        for _ in range(2):
            with pytest.raises(Ended) as caught:
                self.say(frames.encode({"id": 3, "cases": []}), request)
            assert caught.value.how is How.PROTOCOL

    def test_numbers_that_are_shared_cannot_be_changed(self) -> None:
        (reply,) = self.say(answer_of(1.0), replace(backward(1.0), cache=ReplyCache()))
        array = reply.steps[0].da_prev.array
        assert array is not None
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 2.0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        HELLO,
        READ,
        READ + frames.encode({"id": 2, **LOADED}),
        READ + frames.encode({"id": 2, **LOADED}) + frame({"id": 3, "cases": []}),
        READ + frames.encode({"id": 2, **LOADED}) + frame({"id": 3, "score": 100, "passed": True}),
        READ + frames.encode({"id": 2, **LOADED}) + b"\0" * 4096,
    ],
    ids=["silence", "hello", "read", "loaded", "no cases", "a forged score", "zeros"],
)
def test_no_point_is_awarded_for_something_that_is_not_an_answer(content: bytes) -> None:
    (result,) = grade_entries([SUBMISSION], saying(content), Settings(timeout=1.0))
    assert not result.score


def test_a_bug_of_the_kit_in_the_sandbox_costs_no_points() -> None:
    said = HELLO + frames.encode({"id": 1, "bug": "Traceback: ZeroDivisionError"})
    (result,) = grade_entries([SUBMISSION], saying(said), Settings(timeout=1.0))
    assert (result.status, result.score) == (SubmissionStatus.UNGRADED, None)
