"""Find and read what students handed in: files, notebooks, folders and archives, of one student or of a class.

Paths come in; ``Submission`` records come out, or ``Unreadable`` ones with the reason. ``finding`` looks at names, with
one module of ``platforms`` for each learning platform, and at a ``roster``. ``reading`` reads each submission when its
turn comes. No code of a submission is run, decoded or parsed here; the far side of the wall does that.
"""

from __future__ import annotations

from grader.intake.finding import find_submissions
from grader.intake.found import FoundSubmission, Notice
from grader.intake.reading import Entries, is_slow, read_folder, read_submission

__all__ = [
    "Entries",
    "FoundSubmission",
    "Notice",
    "find_submissions",
    "is_slow",
    "read_folder",
    "read_submission",
]
