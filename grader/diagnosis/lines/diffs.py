"""Show edits as a diff that keeps the student's formatting."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from grader.candidate.replies import SourceEdit
from grader.text import printable

__all__ = ["diff_of"]

_LINE = 160
"""A line of the submission is cut after so many characters."""
_LINES = 40


def diff_of(text: str, edits: Sequence[SourceEdit]) -> str:
    """Return the lines of ``text`` that edits change, with ``-`` before the old and ``+`` before the new ones."""
    edited = text
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        edited = edited[: edit.start] + edit.text + edited[edit.end :]
    compared = difflib.unified_diff(text.splitlines(), edited.splitlines(), n=0, lineterm="")
    changed = [line for number, line in enumerate(compared) if number > 1 and not line.startswith("@@")]
    return "\n".join(f"{line[0]} {printable(line[1:], keep=chr(9))}"[:_LINE] for line in changed[:_LINES])
