"""Grade one submission on Gradescope, and write its ``results.json``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from grader.candidate.isolation import Isolation
from grader.candidate.launcher import ForkingParent
from grader.disclosure import disclosed
from grader.errors import UngradedError
from grader.files import replace_file
from grader.grading.progress import Progress
from grader.grading.results import unreadable_result
from grader.intake import read_folder
from grader.languages import ENGLISH, speaking, translated
from grader.messages import lines_text
from grader.model import (
    CriterionResult,
    Feedback,
    Submission,
    SubmissionResult,
    SubmissionStatus,
    Unreadable,
)
from grader.report.lms.gradescope_results import render_failure, render_result, render_unfinished
from grader.settings import Settings

__all__ = ["SAFE_ISOLATIONS", "not_graded", "run_autograder"]

SAFE_ISOLATIONS = (Isolation.STRICT, Isolation.USER)
"""The kinds of isolation that stop a hostile submission, the strongest first."""
_SUBMISSION = "submission"


def not_graded(language: str) -> str:
    """Return the document without a score. Students see it, so it gives no reason: ours might quote the exam."""
    with speaking(language):
        return render_failure(translated("The course staff find the reason in what the autograder printed."))


def run_autograder(
    root: Path,
    settings: Settings,
    isolations: Sequence[Isolation],
    say: Callable[[str], None],
    language: str = ENGLISH,
) -> bool:
    """Grade the files in ``root/submission`` as one submission, and write ``root/results/results.json``.

    The first of ``isolations`` that is available is used. Returns whether there is a score. If there is none, the
    document has neither a score nor tests, and ``say`` is given the reason. The document is there from the start, and
    is written again after each criterion, because something may stop this process.
    """
    results = root / "results" / "results.json"
    _write(results, not_graded(language))
    try:
        result = _result(root / _SUBMISSION, settings, isolations, _Unfinished(results, settings, language))
    except UngradedError as error:
        say(str(error))
        return False
    if result.status is SubmissionStatus.UNGRADED:
        say(lines_text(result.reasons))
        return False
    say(f"isolation: {', '.join(result.isolation) or 'none, since there was nothing to run'}")
    with speaking(language):
        _write(results, render_result(disclosed(result, settings.feedback)))
    return True


class _Unfinished(Progress):
    """Writes the criteria that have been judged so far, unless points are all that is told."""

    def __init__(self, results: Path, settings: Settings, language: str) -> None:
        self._results, self._count, self._language = results, len(settings.rubric.points), language
        self._tells_criteria = settings.feedback is not Feedback.SCORE
        self._judged: dict[str, CriterionResult] = {}

    def judged(self, submission: Submission, criterion: CriterionResult) -> None:  # noqa: ARG002
        if criterion.id in self._judged:  # the submission is examined again
            self._judged.clear()
        self._judged[criterion.id] = criterion
        known = list(self._judged.values()) if self._tells_criteria else []
        with speaking(self._language):
            _write(self._results, render_unfinished(known, self._count))


def _result(
    folder: Path, settings: Settings, isolations: Sequence[Isolation], progress: Progress
) -> SubmissionResult:
    # If NumPy or pytest cannot be imported, the document without a score has been written already.
    from grader.grading import batch, session  # noqa: PLC0415

    missing = []
    for isolation in isolations:
        chosen = replace(settings, isolation=isolation)
        with ForkingParent(isolation) as parent:
            try:
                session.prepare(parent, chosen)
            except UngradedError as error:
                missing.append(f"{isolation}: {error}")
                continue
            entry = read_folder(folder, _SUBMISSION)
            if isinstance(entry, Unreadable):
                return unreadable_result(entry, chosen)
            (result,) = batch.grade_batch([entry], parent, chosen, progress)
            return result
    raise UngradedError("\n".join(("no isolation is available here; choose another base image", *missing)))


def _write(path: Path, text: str) -> None:
    replace_file(path, text.encode("ascii"))
