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
from typing import Any

from grader.model import Report, Status, SubmissionResult, SubmissionStatus
from grader.report.numbers import mark_of, points_of
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
"""What GitHub can show an annotation beside: not what lies in an archive."""


def render_classroom(result: SubmissionResult) -> str:
    """Return what the step of a grader sets as ``result`` for Classroom's reporter: JSON in base64, on a line.

    The reporter adds up the scores of the tests, and passes on no points where ``max_score`` is 0: so it is where
    there is no mark.
    """
    graded = result.status is not SubmissionStatus.UNGRADED
    whole = {
        "version": 1,
        "status": _overall(result),
        "max_score": result.max_score if graded else 0,
        "tests": list(_tests(result)),
    }
    content = json.dumps(whole, ensure_ascii=True, allow_nan=False)
    return base64.b64encode(content.encode("ascii")).decode("ascii") + "\n"


def render_actions(report: Report) -> str:
    """Return workflow commands, a line each: the marks as notices, what was lost as errors at the files."""
    return "".join(f"{line}\n" for result in report.submissions for line in _annotations(result))


def _overall(result: SubmissionResult) -> str:
    if result.status is SubmissionStatus.UNGRADED:
        return "error"
    return "pass" if all(criterion.status is Status.PASSED for criterion in result.criteria) else "fail"


def _tests(result: SubmissionResult) -> Iterator[dict[str, Any]]:
    if result.status is not SubmissionStatus.GRADED:
        status = "fail" if result.status is SubmissionStatus.UNREADABLE else "error"
        yield {"name": "examination", "status": status, "score": 0, "message": _inert(result.message)}
    for criterion in result.criteria:
        test = {
            "name": f"{criterion.id} ({points_of(criterion)})",
            "status": _PASS_FAIL_ERROR[criterion.status],
            "score": criterion.points,
        }
        yield test | ({"message": _inert(criterion.message)} if criterion.message else {})


def _inert(text: str) -> str:
    """Return ``text`` without what the runner would take for a command when the reporter prints it."""
    return re.sub(r"(?m)^(\s*):(?=:)", r"\1: ", printable(text, keep="\n\t")).replace("##[", "## [")


def _annotations(result: SubmissionResult) -> Iterator[str]:
    path = result.path if result.path.endswith(_SHOWN_FILES) else None
    if result.status is SubmissionStatus.UNGRADED:
        yield _command("error", result.message, title=f"{result.id} was not graded")
        return
    yield _command("notice", mark_of(result), title=result.id)
    if result.status is SubmissionStatus.UNREADABLE:
        yield _command("error", result.message, file=path, title=f"{result.id} cannot be examined")
        return
    for criterion in result.criteria:
        if criterion.status is not Status.PASSED:
            kind = "warning" if criterion.status is Status.SKIPPED else "error"
            title = f"{result.id}: {criterion.id}, {points_of(criterion)}"
            yield _command(kind, criterion.message or criterion.title, file=path, title=title)
    for diagnosis in result.diagnoses:
        line = None if diagnosis.line is None else str(diagnosis.line)
        title = f"{result.id}: likely cause, in {diagnosis.method}"
        yield _command("notice", diagnosis.message, file=path, line=line, title=title)


def _command(name: str, message: str, **properties: str | None) -> str:
    values = ",".join(f"{key}={_property(value)}" for key, value in properties.items() if value is not None)
    return f"::{name} {values}::{_data(message)}"


def _data(text: str) -> str:
    return printable(text, keep="\n\t").replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(printable(text)).replace(":", "%3A").replace(",", "%2C")
