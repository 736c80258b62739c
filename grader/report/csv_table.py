"""The report as a table of comma-separated values, with a row for each submission.

It is for spreadsheets: UTF-8 with the byte order mark that they recognise, and no cell that they would run.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO

from grader.model import Report, SubmissionResult
from grader.report.formats import Options
from grader.report.words import feedback_text, message_of, points_text
from grader.text import printable

__all__ = ["BYTE_ORDER_MARK", "harmless", "render_csv"]

BYTE_ORDER_MARK = "\ufeff"

_FORMULA_SIGNS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a formula begins with; the last four are the full-width forms, which some spreadsheets take as well."""


def render_csv(report: Report, _options: Options) -> str:
    """Return the table: who, the score, the points of each criterion, why there is no score or a 0, and the feedback.

    Cells without a score or points are empty.
    """
    criteria = list(
        dict.fromkeys(criterion.id for result in report.submissions for criterion in result.criteria)
    )
    file = StringIO()
    writer = csv.writer(file)
    writer.writerow(
        ["id", "path", "sha256", "status", "score", "max_score", *criteria, "message", "feedback"]
    )
    for result in report.submissions:
        writer.writerow(_row(result, criteria))
    return BYTE_ORDER_MARK + file.getvalue()


def harmless(text: str) -> str:
    """Return ``text`` as a cell that no spreadsheet runs.

    Control characters are shown as escapes, and an apostrophe comes before what would be a formula
    (https://owasp.org/www-community/attacks/CSV_Injection).
    """
    shown = printable(text, keep="\n")
    return f"'{shown}" if shown.lstrip().startswith(_FORMULA_SIGNS) else shown


def _row(result: SubmissionResult, criteria: list[str]) -> Iterator[str]:
    yield from (harmless(text) for text in (result.id, result.path, result.sha256))
    yield str(result.status)
    yield "" if result.score is None else points_text(result.score)
    yield points_text(result.max_score)
    points = {criterion.id: points_text(criterion.points) for criterion in result.criteria}
    yield from (points.get(criterion, "") for criterion in criteria)
    yield harmless(message_of(result))
    yield harmless(feedback_text(result))
