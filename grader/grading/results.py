"""The results of submissions that the exam could not judge."""

from __future__ import annotations

from grader.model import (
    CriterionResult,
    Message,
    Status,
    Submission,
    SubmissionResult,
    SubmissionStatus,
    Unreadable,
)
from grader.settings import Settings

__all__ = ["ungraded_result", "unreadable_result", "zero_result"]


def unreadable_result(entry: Unreadable, settings: Settings) -> SubmissionResult:
    """Return the result of a submission that could not be read: 0, or no score if that is the kit's fault."""
    make = ungraded_result if entry.is_ours else zero_result
    return make(entry, settings, entry.reason)


def ungraded_result(entry: Submission | Unreadable, settings: Settings, reason: Message) -> SubmissionResult:
    """Return a result without a score, for a ``reason`` that is not the submission's fault."""
    return SubmissionResult(
        entry.id,
        entry.path,
        "",
        SubmissionStatus.UNGRADED,
        None,
        settings.rubric.max_score,
        reasons=(reason,),
        aliases=entry.aliases,
    )


def zero_result(entry: Submission | Unreadable, settings: Settings, reason: Message) -> SubmissionResult:
    """Return a result with score 0, for a ``reason`` that is the submission's fault."""
    rubric = settings.rubric
    return SubmissionResult(
        entry.id,
        entry.path,
        "",
        SubmissionStatus.UNREADABLE,
        0.0,
        rubric.max_score,
        criteria=tuple(
            CriterionResult(id_, rubric.title(id_), 0.0, points, Status.SKIPPED)
            for id_, points in rubric.points.items()
        ),
        reasons=(reason,),
        aliases=entry.aliases,
    )
