"""Grade one submission on Gradescope, and write its ``results.json``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from grader.candidate.isolation import Isolation
from grader.candidate.launcher import ForkingParent
from grader.errors import UngradedError
from grader.examiner import Finished, Settings, examine_entries, prepare
from grader.files import replace_file
from grader.intake import read_folder
from grader.model import CriterionResult, Submission, SubmissionResult, SubmissionStatus
from grader.report.gradescope import render_failure, render_gradescope, render_unfinished

__all__ = ["NOT_GRADED", "SAFE_ISOLATIONS", "run_autograder"]

SAFE_ISOLATIONS = (Isolation.STRICT, Isolation.USER)
"""The kinds of isolation that stop a hostile submission, the strongest first."""
NOT_GRADED = render_failure("The course staff find the reason in what the autograder printed.")
"""The document without a score. Students see it, so it gives no reason: ours might quote the exam."""
_SUBMISSION = "submission"


def run_autograder(
    root: Path, settings: Settings, isolations: Sequence[Isolation], say: Callable[[str], None]
) -> bool:
    """Grade the files in ``root/submission`` as one submission, and write ``root/results/results.json``.

    The first of ``isolations`` that is available is used. Returns whether there is a score. If there is none, the
    document has neither a score nor tests, and ``say`` is given the reason. The document is there from the start, and
    is written again after each criterion, because something may stop this process.
    """
    results = root / "results" / "results.json"
    judged: dict[str, CriterionResult] = {}

    def note(_submission: Submission, criterion: CriterionResult) -> None:
        if criterion.id in judged:  # the submission is examined again
            judged.clear()
        judged[criterion.id] = criterion
        _write(results, render_unfinished(list(judged.values()), len(settings.rubric.points)))

    _write(results, NOT_GRADED)
    try:
        result = _result(root / _SUBMISSION, settings, isolations, note)
    except UngradedError as error:
        say(str(error))
        return False
    if result.status is SubmissionStatus.UNGRADED:
        say(result.message)
        return False
    say(f"isolation: {', '.join(result.isolation) or 'none, since there was nothing to run'}")
    _write(results, render_gradescope(result))
    return True


def _result(
    folder: Path, settings: Settings, isolations: Sequence[Isolation], finished: Finished
) -> SubmissionResult:
    missing = []
    for isolation in isolations:
        chosen = replace(settings, isolation=isolation)
        with ForkingParent(isolation) as parent:
            try:
                prepare(parent, chosen)
            except UngradedError as error:
                missing.append(f"{isolation}: {error}")
                continue
            (result,) = examine_entries([read_folder(folder, _SUBMISSION)], parent, chosen, finished)
            return result
    raise UngradedError("\n".join(("no isolation is available here; choose another base image", *missing)))


def _write(path: Path, text: str) -> None:
    replace_file(path, text.encode("ascii"))
