"""What runs on Gradescope: marks one submission, and writes its ``results.json``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from grader.candidate.isolation import Isolation
from grader.candidate.launcher import ForkingParent
from grader.errors import UngradedError
from grader.files import replace_file
from grader.grading.progress import Progress
from grader.grading.results import unreadable_result
from grader.intake import read_folder
from grader.model import CriterionResult, Submission, SubmissionResult, SubmissionStatus, Unreadable
from grader.report.gradescope import render_failure, render_gradescope, render_unfinished
from grader.settings import Settings

__all__ = ["BY_STRENGTH", "NOT_GRADED", "autograde"]

BY_STRENGTH = (Isolation.STRICT, Isolation.USER)
"""The kinds of isolation that hold against whoever means harm, the strongest first."""
_NAME = "submission"
NOT_GRADED = render_failure("The course staff find the reason in what the autograder printed.")
"""The document without a mark; students see it, and a reason of ours might quote the exam."""


def autograde(root: Path, settings: Settings, kinds: Sequence[Isolation], say: Callable[[str], None]) -> bool:
    """Mark the files in ``root/submission`` as one submission, and write ``root/results/results.json``.

    Of ``kinds`` of isolation the first that is to be had is used. Returns whether there is a mark. Where there is
    none, the document has neither a score nor tests, and ``say`` is told why. Such a document is there first, and is
    written anew with what is known as criteria are judged: something may end this process.
    """
    results = root / "results" / "results.json"
    _write(results, NOT_GRADED)
    try:
        result = _examined(root / _NAME, settings, kinds, _Unfinished(results, len(settings.rubric.points)))
    except UngradedError as error:
        say(str(error))
        return False
    if result.status is SubmissionStatus.UNGRADED:
        say(result.message)
        return False
    say(f"isolation: {', '.join(result.isolation) or 'none, since there was nothing to run'}")
    _write(results, render_gradescope(result))
    return True


class _Unfinished(Progress):
    """Writes the criteria that were judged so far."""

    def __init__(self, results: Path, count: int) -> None:
        self._results, self._count = results, count
        self._judged: dict[str, CriterionResult] = {}

    def judged(self, submission: Submission, criterion: CriterionResult) -> None:  # noqa: ARG002
        if criterion.id in self._judged:
            self._judged.clear()
        self._judged[criterion.id] = criterion
        _write(self._results, render_unfinished(list(self._judged.values()), self._count))


def _examined(
    folder: Path, settings: Settings, kinds: Sequence[Isolation], progress: Progress
) -> SubmissionResult:
    # If NumPy or pytest cannot be imported, the document without a score has been written already.
    from grader.grading import batch, session  # noqa: PLC0415

    missing = []
    for kind in kinds:
        chosen = replace(settings, isolation=kind)
        with ForkingParent(kind) as parent:
            try:
                session.prepare(parent, chosen)
            except UngradedError as error:
                missing.append(f"{kind}: {error}")
                continue
            entry = read_folder(folder, _NAME)
            if isinstance(entry, Unreadable):
                return unreadable_result(entry, chosen)
            (result,) = batch.grade_batch([entry], parent, chosen, progress)
            return result
    raise UngradedError("\n".join(("submissions cannot be kept in here", *missing)))


def _write(path: Path, text: str) -> None:
    replace_file(path, text.encode("ascii"))
