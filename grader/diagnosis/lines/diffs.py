"""Show an edit as a diff that keeps the student's formatting."""

from __future__ import annotations

import difflib
import re

from grader.candidate.replies import SourceEdit
from grader.text import printable

__all__ = ["diff_of"]

_LINE_END = re.compile(r"\r\n|\r|\n")
"""What ends a line for Python; ``str.splitlines`` knows more."""
_LINE = 160
"""A line of the submission is cut after so many characters."""
_LINES = 40


def diff_of(text: str, edit: SourceEdit) -> str:
    """Return the lines of ``text`` that an edit changes, with ``-`` before the old and ``+`` before the new ones."""
    # Comparing whole files may take minutes.
    before = _LINE_END.split(text[: edit.start])[-1]
    after = _LINE_END.split(text[edit.end :], maxsplit=1)[0]
    old, new = (f"{before}{part}{after}" for part in (text[edit.start : edit.end], edit.text))
    compared = difflib.unified_diff(_LINE_END.split(old), _LINE_END.split(new), n=0, lineterm="")
    changed = [line for number, line in enumerate(compared) if number > 1 and not line.startswith("@@")]
    return "\n".join(
        f"{line[0]} {printable(line[1 : _LINE + 1], keep=chr(9))}"[:_LINE] for line in changed[:_LINES]
    )
