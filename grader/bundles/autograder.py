"""What runs on Gradescope: marks one submission, and writes its ``results.json``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from grader.candidate.isolation import Isolation
from grader.candidate.launcher import ForkingParent
from grader.errors import UngradedError
from grader.examiner import Finished, Settings, examine_entries, prepare
from grader.intake import read_folder
from grader.model import CriterionResult, Submission, SubmissionResult, SubmissionStatus
from grader.report.lms.gradescope_results import render_failure, render_result, render_unfinished

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
    judged: dict[str, CriterionResult] = {}

    def note(_submission: Submission, criterion: CriterionResult) -> None:
        if criterion.id in judged:
            judged.clear()
        judged[criterion.id] = criterion
        _write(results, render_unfinished(list(judged.values()), len(settings.rubric.points)))

    _write(results, NOT_GRADED)
    try:
        result = _examined(root / _NAME, settings, kinds, note)
    except UngradedError as error:
        say(str(error))
        return False
    if result.status is SubmissionStatus.UNGRADED:
        say(result.message)
        return False
    say(f"isolation: {', '.join(result.isolation) or 'none, since there was nothing to run'}")
    _write(results, render_result(result))
    return True


def _examined(
    folder: Path, settings: Settings, kinds: Sequence[Isolation], finished: Finished
) -> SubmissionResult:
    missing = []
    for kind in kinds:
        chosen = replace(settings, isolation=kind)
        with ForkingParent(kind) as parent:
            try:
                prepare(parent, chosen)
            except UngradedError as error:
                missing.append(f"{kind}: {error}")
                continue
            entry = read_folder(folder, _NAME)
            (result,) = examine_entries([entry], parent, chosen, finished)
            return result
    raise UngradedError("\n".join(("submissions cannot be kept in here", *missing)))


def _write(path: Path, text: str) -> None:
    """Write ``text`` at once: nobody finds half of it."""
    path.parent.mkdir(exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, encoding="ascii")
    part.replace(path)
