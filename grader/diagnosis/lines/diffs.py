"""Show edits as a diff that keeps the student's formatting."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from grader.candidate.replies import SourceEdit
from grader.text import printable

__all__ = ["diff_of"]

_LINE_END = re.compile(r"\r\n|\r|\n")
"""What ends a line for Python; ``str.splitlines`` knows more."""
_LINE = 160
"""A line of the submission is cut after so many characters."""
_LINES = 40


def diff_of(text: str, edits: Sequence[SourceEdit]) -> str:
    """Return the lines of ``text`` that edits change, with ``-`` before the old and ``+`` before the new ones."""
    ordered = sorted(edits, key=lambda edit: edit.start)
    first, last = ordered[0].start, max(edit.end for edit in ordered)
    # Comparing whole files may take minutes.
    before = _LINE_END.split(text[:first])[-1]
    after = _LINE_END.split(text[last:], maxsplit=1)[0]
    old = new = text[first:last]
    for edit in reversed(ordered):
        new = new[: edit.start - first] + edit.text + new[edit.end - first :]
    old, new = f"{before}{old}{after}", f"{before}{new}{after}"
    compared = difflib.unified_diff(_LINE_END.split(old), _LINE_END.split(new), n=0, lineterm="")
    changed = [line for number, line in enumerate(compared) if number > 1 and not line.startswith("@@")]
    return "\n".join(
        f"{line[0]} {printable(line[1 : _LINE + 1], keep=chr(9))}"[:_LINE] for line in changed[:_LINES]
    )
