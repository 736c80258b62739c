"""Find and read what students handed in: files, notebooks, folders and archives, of one student or of a class.

Paths come in; ``Submission`` records come out, or ``Unreadable`` ones with the reason. ``finding`` looks at names, with
one module of ``platforms`` for each learning platform, and at a ``roster``. ``reading`` reads each submission when its
turn comes. No code of a submission is run, decoded or parsed here; the far side of the wall does that.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from grader.intake.finding import find_submissions
from grader.intake.found import FoundSubmission, Notice
from grader.intake.reading import is_slow, read_chosen, read_folder, read_submission
from grader.model import Submission, Unreadable

__all__ = [
    "FoundSubmission",
    "Notice",
    "find_submissions",
    "is_slow",
    "read_chosen",
    "read_folder",
    "read_submission",
    "read_submissions",
]


def read_submissions(
    paths: Sequence[Path], notice: Notice = lambda _text: None, roster: Path | None = None
) -> list[Submission | Unreadable]:
    """Return the submissions in ``paths``, as ``find_submissions`` finds them."""
    return [read_submission(found) for found in find_submissions(paths, notice, roster)]
