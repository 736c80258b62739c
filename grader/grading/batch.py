"""Grade a few submissions in this process."""

from __future__ import annotations

from collections.abc import Sequence

from grader.candidate.launcher import Spawner
from grader.exam.plugin import Record
from grader.failures import ungraded_by
from grader.grading.outcomes import submission_result
from grader.grading.progress import SILENT, Progress
from grader.grading.results import ungraded_result
from grader.grading.session import run_exam
from grader.model import Message, Submission, SubmissionResult
from grader.settings import Settings

__all__ = ["grade_batch"]


def grade_batch(
    submissions: Sequence[Submission], spawner: Spawner, settings: Settings, progress: Progress = SILENT
) -> list[SubmissionResult]:
    """Return the results of ``submissions``, in order; ``spawner`` makes the processes that hold them.

    They share one pytest session, which takes ten times as long to start as a submission takes to grade. If our own
    code fails, each is graded in a session of its own, so that only the one at fault is ungraded.
    """
    try:
        records = _recorded(submissions, spawner, settings, progress)
        return [
            submission_result(one, record, settings) for one, record in zip(submissions, records, strict=True)
        ]
    except Exception as error:  # noqa: BLE001 - whatever it is, the others are graded
        if len(submissions) == 1:
            (only,) = submissions
            return [ungraded_result(only, settings, Message.verbatim(ungraded_by(error, only.id)))]
        return [result for one in submissions for result in grade_batch([one], spawner, settings, progress)]


def _recorded(
    submissions: Sequence[Submission], spawner: Spawner, settings: Settings, progress: Progress
) -> list[Record]:
    """Return what the exam recorded of each submission; if something got in the way, from a second attempt."""
    records = run_exam(submissions, spawner, settings, progress)
    disturbed = [number for number, record in enumerate(records) if record.is_disturbed]
    again = run_exam([submissions[number] for number in disturbed], spawner, settings, progress)
    for number, record in zip(disturbed, again, strict=True):
        records[number] = record
    return records
