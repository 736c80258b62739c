"""Edits that a submission's process reports are bounded, and shown as a diff of the lines around them alone."""

from __future__ import annotations

from typing import Any

import pytest

from grader.candidate.replies import SourceEdit
from grader.candidate.reply_checks import edits_reply
from grader.diagnosis.lines.diffs import diff_of
from grader.protocol import limits
from grader.protocol.frames import ProtocolError


def edits(**changes: Any) -> list[SourceEdit]:
    edit = SourceEdit("sign", "work.py", 4, 5, "-", 1, "other")._replace(**changes)
    return edits_reply({"edits": [list(edit)]})


def test_an_edit_is_read() -> None:
    assert edits() == [SourceEdit("sign", "work.py", 4, 5, "-", 1, "other")]


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "<b>"},
        {"label": "x" * (limits.TEXT + 1)},
        {"start": -1},
        {"start": 6},
        {"end": 5 + limits.EDIT},
        {"text": "x" * (limits.EDIT + 1)},
        {"line": 10**8},
    ],
)
def test_an_edit_of_another_form_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError):
        edits(**changes)


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_a_diff_has_the_edited_line_alone(end: str) -> None:
    text = end.join(["a = 1", "b = a + 1 \u2028# \x1b[2J", "c = 2"])
    start = text.index("+")
    assert diff_of(text, [SourceEdit("operator", "work.py", start, start + 1, "-", 2, "other")]) == (
        "- b = a + 1 \\u2028# \\x1b[2J\n+ b = a - 1 \\u2028# \\x1b[2J"
    )


def test_an_edit_beyond_the_end_of_the_text_is_shown_where_it_would_be() -> None:
    assert diff_of("a = 1", [SourceEdit("sign", "work.py", 90, 99, "!", 1, "other")]) == "- a = 1\n+ a = 1!"
