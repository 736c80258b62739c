"""Turn what the exam recorded of a submission into its result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from grader.candidate.client import LOADING_SECONDS
from grader.candidate.replies import LoadReply, SkippedStatement, SyntaxProblem
from grader.disclosure import for_instructors
from grader.exam.plugin import Outcome, Record
from grader.failures import undiagnosed_by, ungraded_by
from grader.grading.results import ungraded_result, zero_result
from grader.model import (
    CriterionResult,
    Finding,
    Message,
    Status,
    Submission,
    SubmissionResult,
    SubmissionStatus,
)
from grader.settings import Settings

__all__ = ["criterion_result", "lost_criteria", "submission_result"]

_SKIPPED_SHOWN = 5


def submission_result(submission: Submission, record: Record, settings: Settings) -> SubmissionResult:
    """Return the result of ``submission``, with as much as is told; it has no score if our own code failed."""
    result = _result(submission, record, settings)
    if record.source is not None:
        path = submission.paths.get(record.source.main, submission.path)
        result = replace(result, path=path, sha256=record.source.sha256)
    return for_instructors(replace(result, isolation=record.layers), settings.feedback)


def criterion_result(id_: str, outcomes: Iterable[Outcome], settings: Settings) -> CriterionResult:
    """Return the verdict on one criterion, that of the first of its laws that is broken, with all that was found."""
    own = [outcome for outcome in outcomes if outcome.criterion == id_]
    points, title = settings.rubric.points[id_], settings.rubric.title(id_)
    failure = next((outcome.failure for outcome in own if outcome.failure is not None), None)
    if failure is not None:
        return CriterionResult(id_, title, 0.0, points, failure.status, failure.finding)
    if all(outcome.is_skipped for outcome in own):
        return CriterionResult(id_, title, 0.0, points, Status.SKIPPED, Finding("", Message("Not judged.")))
    return CriterionResult(id_, title, points, points, Status.PASSED)


def lost_criteria(outcomes: Sequence[Outcome], settings: Settings) -> list[str]:
    """Return the criteria that were not passed, in the order of the rubric."""
    results = (criterion_result(id_, outcomes, settings) for id_ in settings.rubric.points)
    return [result.id for result in results if result.status is not Status.PASSED]


def _result(submission: Submission, record: Record, settings: Settings) -> SubmissionResult:
    if record.unreadable is not None:
        return zero_result(submission, settings, record.unreadable)
    bug = next((outcome.bug for outcome in record.outcomes if outcome.bug is not None), None)
    if bug is not None:
        return ungraded_result(submission, settings, Message.verbatim(ungraded_by(bug, submission.id)))
    if record.loaded is None:
        return ungraded_result(submission, settings, Message("the exam was not run"))
    rubric = settings.rubric
    criteria = tuple(criterion_result(id_, record.outcomes, settings) for id_ in rubric.points)
    return SubmissionResult(
        submission.id,
        submission.path,
        "",
        SubmissionStatus.GRADED,
        rubric.score(criterion.id for criterion in criteria if criterion.status is Status.PASSED),
        rubric.max_score,
        criteria=criteria,
        diagnoses=record.diagnoses,
        output=record.loaded.output + ("\n[cut here]" if record.loaded.output_cut else ""),
        reasons=(*_skipped(record.loaded), *_undiagnosed(submission, record)),
        aliases=submission.aliases,
        picture=record.picture,
    )


def _undiagnosed(submission: Submission, record: Record) -> Iterator[Message]:
    if record.undiagnosed is not None:
        yield undiagnosed_by(record.undiagnosed, submission.id)


def _skipped(loaded: LoadReply) -> Iterator[Message]:
    """Yield which statements of the submission were skipped when it was loaded, and why."""
    notes = [(problem.label, problem.line, _not_python(problem)) for problem in loaded.syntax]
    notes += [(event.label, event.line, _reason(event)) for event in loaded.skipped]
    for label, line, reason in notes[:_SKIPPED_SHOWN]:
        yield Message(
            "Skipped when the file was run: {file}, line {line}: {reason}",
            {"file": label, "line": line, "reason": reason},
        )
    if (more := len(notes) - _SKIPPED_SHOWN) > 0:
        yield Message("Skipped when the file was run: {number} more statements", {"number": more})


def _not_python(problem: SyntaxProblem) -> Message:
    if not problem.version:
        return Message("not valid Python ({reason})", {"reason": problem.claim})
    return Message(
        "not valid Python {version}; it may be of a newer version ({reason})",
        {"version": problem.version, "reason": problem.claim},
    )


def _reason(event: SkippedStatement) -> Message:
    if event.raised is not None:
        return Message("raised {type}", {"type": event.raised.type})
    if event.was_late:
        return Message(
            "the {seconds} s for all statements of the file were used up", {"seconds": LOADING_SECONDS}
        )
    return Message("ended the program, or needed too much memory")
