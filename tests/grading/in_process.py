"""Reads and grades submissions in the process of a test; corpora are tested in several processes already."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from grader.candidate.launcher import ForkingParent, Spawner
from grader.grading.batch import grade_batch
from grader.grading.progress import Progress
from grader.grading.results import unreadable_result
from grader.intake import Entries, Notice, find_submissions, read_submission
from grader.model import Submission, SubmissionResult, Unreadable
from grader.settings import Settings

__all__ = ["grade_entries", "grade_paths", "read_submissions"]


def read_submissions(
    paths: Sequence[Path], notice: Notice = lambda _text: None, roster: Path | None = None
) -> list[Submission | Unreadable]:
    """Return the submissions in ``paths``, as ``find_submissions`` finds them."""
    return [read_submission(found) for found in find_submissions(paths, notice, roster)]


def grade_paths(paths: Sequence[Path], settings: Settings) -> list[SubmissionResult]:
    """Return the result of every submission in ``paths``, in order."""
    with ForkingParent(settings.isolation) as parent:
        entries = Entries(find_submissions(paths))
        return grade_entries([entries[place] for place in range(len(entries))], parent, settings)


def grade_entries(
    entries: Sequence[Submission | Unreadable],
    spawner: Spawner,
    settings: Settings,
    progress: Progress | None = None,
) -> list[SubmissionResult]:
    """Return the result of every entry, in order, from one pytest session."""
    submissions = [entry for entry in entries if isinstance(entry, Submission)]
    graded = iter(grade_batch(submissions, spawner, settings, progress or Progress()) if submissions else [])
    return [
        unreadable_result(entry, settings) if isinstance(entry, Unreadable) else next(graded)
        for entry in entries
    ]
