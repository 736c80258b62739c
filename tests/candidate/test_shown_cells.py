"""The cells of a notebook are read in the sandbox, within its limits, and checked when they come back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.candidate.client import Candidate, Ended, How
from grader.candidate.launcher import ForkingParent, Limits, Timeouts
from grader.candidate.reply_checks import shown_reply
from grader.candidate.sandbox.runtime import showing
from grader.candidate.sandbox.runtime.decoding import ProblemError
from grader.errors import UnreadableError
from grader.model import Submission
from grader.protocol.frames import ProtocolError
from grader.protocol.shown_cells import ShownCell

MEGABYTE = 1024 * 1024
MUCH = b'{"cells": [' + b"{}," * (19 * 10**6 // 3) + b"{}]}"
"""Nineteen megabytes that are half a gigabyte of dictionaries."""
PNG = b"\x89PNG\r\n\x1a\n"

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.floats()
    | st.sampled_from(["code", "markdown", "a", "é\n"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("ab"), inner, max_size=3),
    max_leaves=8,
)
RIGHT: dict[str, Any] = {
    "kind": "code",
    "name": "layer",
    "tags": ["a"],
    "size": 3,
    "pictures": [["a", "image/png", 8]],
}
cells = st.fixed_dictionaries({key: st.just(value) | values for key, value in RIGHT.items()})


@pytest.fixture(scope="module")
def parent() -> Iterator[ForkingParent]:
    with ForkingParent() as running:
        yield running


def show(
    parent: ForkingParent, content: bytes, *, seconds: float = 30.0, memory: int = 1024
) -> tuple[ShownCell, ...]:
    nobody = Submission("", "", {})
    limits = Limits(memory=memory * MEGABYTE)
    with closing(Candidate(nobody, parent, Timeouts(seconds), limits)) as candidate:
        return candidate.show(content)


def test_cells_come_back_as_they_were_written(parent: ForkingParent) -> None:
    document = {
        "cells": [
            {
                "cell_type": "code",
                "source": ["x = 1\n", "y"],
                "metadata": {"nbgrader": {"grade_id": "layer"}},
            },
            {"cell_type": "markdown", "source": "häviö ∂L/∂w 🎉", "metadata": {"tags": ["a", "b,c", "a", 7]}},
            {},
        ]
    }
    assert show(parent, json.dumps(document).encode()) == (
        ShownCell("code", "x = 1\ny", "layer"),
        ShownCell("markdown", "häviö ∂L/∂w 🎉", None, ("a",)),
        ShownCell("raw", ""),
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "its JSON is broken"),
        (b"[" * 10**7, "its JSON is broken"),
        (b'{"cells":' * 10**6, "its JSON is broken"),
        (b"[]", "it has no cells"),
        (MUCH, "more than 1000 cells"),
    ],
)
def test_a_notebook_that_cannot_be_shown_has_a_reason(
    parent: ForkingParent, content: bytes, reason: str
) -> None:
    with pytest.raises(UnreadableError, match=reason):
        show(parent, content)


def test_reading_may_use_the_memory_of_a_submission(parent: ForkingParent) -> None:
    with pytest.raises((UnreadableError, Ended), match="memory"):
        show(parent, MUCH, memory=512)


def test_reading_may_take_the_time_of_a_request(parent: ForkingParent) -> None:
    with pytest.raises(Ended) as caught:
        show(parent, MUCH, seconds=0.05)
    assert caught.value.how is How.TIMEOUT


def test_the_largest_notebook_fits_in_a_reply(parent: ForkingParent) -> None:
    picture = {"attachments": {"p" * 200: {"image/png": "iVBORw0KGgo" + "A" * 100_001}}}
    filled = {
        "cell_type": "code",
        "source": "🎉" * 990,
        "metadata": {"tags": ["🎉" * 10], "nbgrader": {"grade_id": "x" * 100}},
    }
    cells = [filled | (picture | {"cell_type": "markdown"} if number < 60 else {}) for number in range(1000)]
    document = {"cells": cells}
    seen = show(parent, json.dumps(document, ensure_ascii=False).encode())
    assert sum(len(cell.text) for cell in seen) == 990_000
    assert 0 < sum(len(cell.pictures) for cell in seen) <= 50


@settings(deadline=None, max_examples=300)
@given(st.lists(cells, max_size=3) | values, st.binary(max_size=9).map(lambda more: b"x=1" + PNG + more))
def test_a_reply_has_cells_or_is_refused(described: object, contents: bytes) -> None:
    try:
        found = shown_reply({"cells": described}, contents)
    except ProtocolError:
        return
    for cell in found:
        assert cell.kind in {"code", "markdown", "raw"}
        assert all(picture.content.startswith(PNG) for picture in cell.pictures)


def test_a_right_reply_is_accepted() -> None:
    (cell,) = shown_reply({"cells": [RIGHT]}, b"x=1" + PNG)
    assert (cell.text, cell.name, cell.pictures[0].content) == ("x=1", "layer", PNG)


@settings(deadline=None)
@given(st.binary())
def test_any_bytes_give_cells_or_a_reason(content: bytes) -> None:
    with suppress(ProblemError):
        described, contents = showing.show(content)
        shown_reply({"cells": described}, contents)
