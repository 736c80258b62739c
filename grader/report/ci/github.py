"""Results for GitHub: of one submission for Classroom, of any number as annotations of a workflow.

What submissions wrote must not become a command of the workflow. The commands, and how their values are escaped,
are those of https://docs.github.com/actions/reference/workflow-commands-for-github-actions; the runner takes a
line for one that begins with ``::``, and, in an older form, any that holds ``##[``.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from grader.languages import translated
from grader.model import Place, Report, Status, SubmissionResult, SubmissionStatus
from grader.report.formats import Options
from grader.report.words import (
    cause_of,
    causes_of,
    diagnosis_text,
    explained,
    lost_of,
    message_of,
    points_of,
    score_of,
    status_text,
    title_of,
    told,
)
from grader.text import printable

__all__ = ["render_actions", "render_classroom"]

_PASS_FAIL_ERROR = {
    Status.PASSED: "pass",
    Status.FAILED: "fail",
    Status.ERROR: "error",
    Status.TIMEOUT: "error",
    Status.SKIPPED: "fail",
}
_SHOWN_FILES = (".py", ".ipynb")
"""What GitHub can show an annotation beside; it cannot for files inside an archive."""


def render_classroom(report: Report, _options: Options) -> str:
    """Return what a grader's step sets as ``result`` for Classroom's reporter: JSON in base64, on a line.

    The report must have one submission. The reporter adds up the scores of the tests, and passes on no points if
    ``max_score`` is 0; so it is 0 if there is no score.
    """
    (result,) = report.submissions
    graded = result.status is not SubmissionStatus.UNGRADED
    whole = {
        "version": 1,
        "status": _overall(result),
        "max_score": result.max_score if graded else 0,
        "tests": list(_tests(result)),
    }
    content = json.dumps(whole, ensure_ascii=True, allow_nan=False)
    return base64.b64encode(content.encode("ascii")).decode("ascii") + "\n"


def render_actions(report: Report, _options: Options) -> str:
    """Return workflow commands, a line each: scores as notices, lost criteria as errors at their files and lines."""
    return "".join(f"{line}\n" for result in report.submissions for line in _annotations(result))


def _overall(result: SubmissionResult) -> str:
    if result.status is SubmissionStatus.UNGRADED:
        return "error"
    return "pass" if result.score == result.max_score else "fail"


def _tests(result: SubmissionResult) -> Iterator[dict[str, Any]]:
    if result.status is not SubmissionStatus.GRADED:
        status = "fail" if result.status is SubmissionStatus.UNREADABLE else "error"
        yield {"name": "examination", "status": status, "score": 0, "message": _inert(message_of(result))}
    causes = causes_of(result)
    for criterion in result.criteria:
        test = {
            "name": f"{criterion.id} ({points_of(criterion)})",
            "status": _PASS_FAIL_ERROR[criterion.status],
            "score": criterion.points,
        }
        said = [*map(diagnosis_text, causes.get(criterion.id, ())), explained(criterion)]
        message = _inert("\n\n".join(filter(None, said)))
        yield test | ({"message": message} if message else {})
    if result.status is SubmissionStatus.GRADED and not result.criteria:
        yield {"name": "score", "status": _overall(result), "score": result.score}


def _inert(text: str) -> str:
    """Return ``text`` without what the runner would take for a command when the reporter prints it."""
    return re.sub(r"(?m)^(\s*):(?=:)", r"\1: ", printable(text, keep="\n\t")).replace("##[", "## [")


def _annotations(result: SubmissionResult) -> Iterator[str]:
    path = result.path if result.path.endswith(_SHOWN_FILES) else None
    if result.status is SubmissionStatus.UNGRADED:
        yield _command(
            "error", message_of(result), title=translated("{id} was not graded").format(id=result.id)
        )
        return
    yield _command("notice", score_of(result), title=result.id)
    if result.status is SubmissionStatus.UNREADABLE:
        yield _command("error", message_of(result), file=path, title=f"{result.id}: {status_text(result)}")
        return
    for diagnosis in result.diagnoses:
        title = f"{result.id}: {cause_of(diagnosis)}"
        line = _line(diagnosis.place, path)
        yield _command("notice", told(diagnosis), file=path, line=line, title=title)
    for criterion in lost_of(result):
        kind = "warning" if criterion.status is Status.SKIPPED else "error"
        title = f"{result.id}: {criterion.id}, {points_of(criterion)}"
        message = explained(criterion) or title_of(criterion)
        place = None if criterion.finding is None else criterion.finding.place
        yield _command(
            kind,
            message,
            file=path,
            line=_line(place, path),
            title=title,
        )


def _line(place: Place | None, path: str | None) -> int | None:
    """Return the line of ``place``, if it lies in the file at ``path``: not in a helper or a notebook's cell."""
    return place.line if place and path and PurePath(path).name == place.file else None


def _command(name: str, message: str, **properties: str | int | None) -> str:
    values = ",".join(
        f"{key}={_data(printable(str(value))).replace(':', '%3A').replace(',', '%2C')}"
        for key, value in properties.items()
        if value is not None
    )
    return f"::{name} {values}::{_data(message)}"


def _data(text: str) -> str:
    return printable(text, keep="\n\t").replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
