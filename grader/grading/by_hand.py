"""Read submissions for somebody who runs the exam by hand: ``pytest grader/exam --submission PATH``."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from grader.candidate.launcher import ForkingParent
from grader.errors import UnreadableError
from grader.exam.plugin import ExamPlugin
from grader.grading.progress import Progress
from grader.grading.session import exam_plugin
from grader.intake import Entries, find_submissions
from grader.model import Submission, Unreadable
from grader.settings import Settings

__all__ = ["exam_by_hand"]


@contextmanager
def exam_by_hand(paths: Sequence[Path], settings: Settings) -> Generator[ExamPlugin, None, None]:
    """Yield the plugin that hands the submissions in ``paths`` to the exam.

    Raises ``UsageError`` for a path that cannot be read, and ``UnreadableError`` for a submission that cannot.
    """
    with ForkingParent(settings.isolation) as parent:
        submissions: list[Submission] = []
        entries = Entries(find_submissions(paths))
        for place in range(len(entries)):
            entry = entries[place]
            if isinstance(entry, Unreadable):
                raise UnreadableError(f"{entry.path} cannot be examined: {entry.reason}")
            submissions.append(entry)
        yield exam_plugin(submissions, parent, settings, Progress())
