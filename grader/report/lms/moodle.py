"""The grading worksheet of a Moodle assignment, with grades and feedback comments filled.

How Moodle reads it back (mod/assign/feedback/offline of moodle): by the headers of the language it runs in, a
participant by the number at the end of the identifier; a grade that has not changed, or is empty, is passed over;
the comments are HTML. So all rows are written, and those without a mark stay as they were.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from grader.errors import UsageError
from grader.model import Report, SubmissionResult
from grader.report.formats import Options
from grader.report.lms.worksheet import (
    Key,
    Sheet,
    assigned,
    decimal_of,
    folded,
    marked,
    read_sheet,
    same_name,
    say_replaced,
    say_scaled,
)
from grader.report.words import cause_of, explained, lost_of, points_of, score_of
from grader.templating import template
from grader.text import printable

__all__ = ["render_moodle"]

_NEEDED = "the grading worksheet that Moodle exports for an assignment"
_ROLES = ("identifier", "grade", "maximum", "modified")
"""The columns that a worksheet must have: without the last, Moodle refuses it."""
_OURS = "<p>perceptron-kit: "
"""What our feedback begins with, by which it is known when the worksheet is filled again."""


def render_moodle(report: Report, options: Options) -> str:
    """Return the worksheet with marks and, where it has a column for comments, with feedback.

    Comments that somebody else has written are kept. Raises ``UsageError`` where the template is no worksheet.
    """
    sheet = read_sheet(options, _NEEDED)
    columns = _columns(sheet)
    rows = [row + [""] * (len(sheet.header) - len(row)) for row in sheet.rows]
    results = assigned(report, dict(enumerate(rows)), *_keys(sheet, columns), sheet, options.notice)
    maxima = []
    for position, result in sorted(results.items()):
        row = rows[position]
        maximum = decimal_of(row[columns["maximum"]])
        if maximum is None or maximum <= 0:
            options.notice(
                f"row {position + 2} of {sheet.name} has no maximum grade above 0; the mark of "
                f"{printable(result.id)} is left over: {score_of(result)}"
            )
            continue
        maxima.append(maximum)
        mark = marked(result, row[columns["maximum"]])
        say_replaced(result, row[columns["grade"]], mark, sheet, options.notice)
        row[columns["grade"]] = mark
        if "feedback" in columns and not _comment(row, columns["feedback"], result):
            options.notice(f"row {position + 2} of {sheet.name} has comments already, which are kept")
    say_scaled(report, maxima, f"maximum grade in {sheet.name}", options.notice)
    return sheet.written(rows, byte_order_mark=True)


def _comment(row: list[str], column: int, result: SubmissionResult) -> bool:
    """Write the feedback into a row, unless somebody else's is there."""
    if row[column].strip() and not row[column].lstrip().startswith(_OURS):
        return False
    row[column] = _feedback(result)
    return True


@cache
def _languages() -> Mapping[str, Mapping[str, list[str]]]:
    return tomllib.loads((Path(__file__).parent / "moodle.toml").read_text(encoding="utf-8"))


def _columns(sheet: Sheet) -> Mapping[str, int]:
    """Return the columns by what they hold, as the language says that has all that are needed."""
    headers = {folded(title): column for column, title in enumerate(sheet.header)}
    read = {
        language: {
            role: headers[folded(title)]
            for role, titles in roles.items()
            for title in titles
            if folded(title) in headers
        }
        for language, roles in _languages().items()
    }
    nearest = max(read, key=lambda language: len(read[language]))
    if all(role in read[nearest] for role in _ROLES):
        return read[nearest]
    for columns in read.values():
        if all(role in columns for role in _ROLES):
            return columns
    missing = [_languages()[nearest][role][0] for role in _ROLES if role not in read[nearest]]
    raise UsageError(
        f"{sheet.name} has no column {', '.join(missing)}, as {nearest} calls it; it should be {_NEEDED}, "
        f"with points and not a scale, in {', '.join(_languages())}"
    )


def _keys(sheet: Sheet, columns: Mapping[str, int]) -> tuple[list[Key], Key]:
    """Return what identifies a participant, and the name."""

    def of(role: str) -> Callable[[list[str]], str]:
        return lambda row: folded(sheet.cell(row, columns.get(role)))

    def participant(row: list[str]) -> str:
        """Return the number at the end of an identifier such as ``Participant 12`` or ``Teilnehmer/in12``."""
        number = re.search(r"\d+$", of("identifier")(row))
        return number[0] if number else ""

    identifiers = [
        Key("identifier", of("identifier"), folded),
        Key("participant number", participant, lambda name: name.strip() if name.strip().isdecimal() else ""),
        Key("email address", of("email"), folded),
        Key("username", of("username"), folded),
        Key("ID number", of("number"), folded),
    ]
    return identifiers, Key(
        "full name", lambda row: same_name(sheet.cell(row, columns.get("name"))), same_name
    )


def _feedback(result: SubmissionResult) -> str:
    """Return the comments as HTML: the score, what was lost and why, and nothing that a student wrote unescaped."""
    comment = template(
        "report/lms/moodle_comment.html.jinja",
        score_of=score_of,
        points_of=points_of,
        explained=explained,
        cause_of=cause_of,
    )
    return comment.render(result=result, lost=lost_of(result), begins=_OURS).strip()
