"""What runs on Gradescope: marks one submission, and writes its ``results.json``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from grader.candidate.isolation import Isolation
from grader.candidate.launcher import ForkingParent
from grader.doctor.examination import layers_up
from grader.errors import UngradedError
from grader.examiner import Settings, examine_entries, prepare, read_folder
from grader.model import SubmissionResult, SubmissionStatus
from grader.report.gradescope import render_failure, render_gradescope

__all__ = ["autograde", "strongest_isolation"]

_BY_STRENGTH = (Isolation.STRICT, Isolation.USER)
"""What holds against whoever means harm, the strongest first."""
_NAME = "submission"
_REASON = "The course staff find the reason in what the autograder printed."
"""A reason of ours may quote the exam, which students see too."""


def autograde(
    root: Path, settings: Settings, isolation: Isolation | None, say: Callable[[str], None]
) -> bool:
    """Mark the files in ``root/submission`` as one submission, and write ``root/results/results.json``.

    ``isolation`` is none for the strongest that there is. Returns whether there is a mark. Where there is none, the
    document has neither a score nor tests, and ``say`` is told why. That document is there first, so that it stays
    if something ends this process.
    """
    results = root / "results" / "results.json"
    _write(results, render_failure(_REASON))
    try:
        chosen = strongest_isolation() if isolation is None else isolation
        result = _examined(root / _NAME, replace(settings, isolation=chosen))
    except UngradedError as error:
        say(str(error))
        return False
    if result.status is SubmissionStatus.UNGRADED:
        say(result.message)
        return False
    say(f"isolation: {', '.join(result.isolation)}")
    _write(results, render_gradescope(result))
    return True


def strongest_isolation() -> Isolation:
    """Return the strongest isolation that this machine has; raises ``UngradedError`` where none would hold."""
    reasons = []
    for isolation in _BY_STRENGTH:
        try:
            layers_up(isolation)
        except UngradedError as error:
            reasons.append(f"{isolation}: {error}")
        else:
            return isolation
    raise UngradedError("\n".join(("no isolation that would hold is to be had here", *reasons)))


def _examined(folder: Path, settings: Settings) -> SubmissionResult:
    with ForkingParent(settings.isolation) as parent:
        entry = read_folder(folder, _NAME, parent, settings)
        prepare(parent, settings)
        (result,) = examine_entries([entry], parent, settings)
    return result


def _write(path: Path, text: str) -> None:
    """Write ``text`` at once: nobody finds half of it."""
    path.parent.mkdir(exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, encoding="ascii")
    part.replace(path)
