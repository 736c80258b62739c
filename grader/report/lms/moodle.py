"""Fill the grading worksheet of a Moodle assignment with grades and feedback comments.

How Moodle reads it back (mod/assign/feedback/offline of moodle): by the headers of the language it runs in, and a
participant by the number at the end of the identifier. It skips a grade that is empty or has not changed, and takes the
comments as HTML. So all rows are written, and those without a score stay as they were.
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
    is_canvas_gradebook,
    is_moodle_worksheet,
    read_sheet,
    same_name,
    say_replaced,
    say_scaled,
    scaled_score,
)
from grader.report.words import FOR_TEMPLATES, lost_of, score_of
from grader.templating import template
from grader.text import printable

__all__ = ["render_moodle"]

_NEEDED = "the grading worksheet that Moodle exports for an assignment"
_ROLES = ("identifier", "grade", "maximum", "modified")
"""The columns that a worksheet must have; Moodle refuses it without the last."""
_OURS = "<p>perceptron-kit: "
"""The beginning of our feedback, which tells it from other comments when the worksheet is filled again."""


def render_moodle(report: Report, options: Options) -> str:
    """Return the worksheet with scores and, if it has a column for comments, with feedback.

    Comments that somebody else wrote are kept. Raises ``UsageError`` if the template is not such a worksheet.
    """
    sheet = read_sheet(options, _NEEDED)
    columns = _columns(sheet, options.column)
    rows = [row + [""] * (len(sheet.header) - len(row)) for row in sheet.rows]
    results = assigned(report, dict(enumerate(rows)), *_keys(sheet, columns), sheet, options.notice)
    maxima = []
    for position, result in sorted(results.items()):
        row = rows[position]
        maximum = decimal_of(row[columns["maximum"]])
        if maximum is None or maximum <= 0:
            options.notice(
                f"row {position + 2} of {sheet.name} has no maximum grade above 0; the score of "
                f"{printable(result.id)} is not in it: {score_of(result)}"
            )
            continue
        maxima.append(maximum)
        score = scaled_score(result, row[columns["maximum"]])
        say_replaced(result, row[columns["grade"]], score, sheet, options.notice)
        row[columns["grade"]] = score
        if (column := columns.get("feedback")) is not None:
            # Comments that somebody else wrote stay.
            if row[column].strip() and not row[column].lstrip().startswith(_OURS):
                options.notice(f"row {position + 2} of {sheet.name} has comments already, which are kept")
            else:
                row[column] = _feedback(result)
    say_scaled(report, maxima, f"maximum grade in {sheet.name}", options.notice)
    return sheet.written(rows, byte_order_mark=True)


@cache
def _languages() -> Mapping[str, Mapping[str, list[str]]]:
    return tomllib.loads((Path(__file__).parent / "moodle.toml").read_text(encoding="utf-8"))


def _columns(sheet: Sheet, wanted: str | None) -> Mapping[str, int]:
    """Return the columns by what they hold, in the language that has all that are needed.

    ``wanted`` is the title of the column of grades, which is enough if the language is unknown.
    """
    read = {language: _read_in(roles, sheet) for language, roles in _languages().items()}
    by_fit = sorted(read, key=lambda language: len(read[language]), reverse=True)
    complete = next((read[one] for one in by_fit if read[one].keys() >= set(_ROLES)), None)
    if wanted is not None:
        grade = _titled(sheet, wanted)
        if complete:
            return {**complete, "grade": grade}
        if is_moodle_worksheet(sheet) and _holds_points(sheet, grade + 1):
            # Moodle writes the identifier first, and the maximum grade right after the grade.
            return {**read[by_fit[0]], "identifier": 0, "grade": grade, "maximum": grade + 1}
    elif complete:
        return complete
    if is_canvas_gradebook(sheet):
        raise UsageError(f"{sheet.name} looks like a gradebook of Canvas; use --format canvas to fill it")
    nearest = by_fit[0]
    missing = [_languages()[nearest][role][0] for role in _ROLES if role not in read[nearest]]
    raise UsageError(
        f"{sheet.name} has no column called {', '.join(missing)} (in {nearest}); it should be {_NEEDED}, "
        f"with points and not a scale, in {', '.join(_languages())}; for another language, name the column of grades "
        "with --column"
    )


def _read_in(roles: Mapping[str, list[str]], sheet: Sheet) -> dict[str, int]:
    headers = {folded(title): column for column, title in enumerate(sheet.header)}
    return {
        role: headers[folded(title)]
        for role, titles in roles.items()
        for title in titles
        if folded(title) in headers
    }


def _titled(sheet: Sheet, wanted: str) -> int:
    titles = [folded(title) for title in sheet.header]
    if folded(wanted) not in titles:
        raise UsageError(f"{sheet.name} has no column '{wanted}'; it has {', '.join(sheet.header)}")
    return titles.index(folded(wanted))


def _holds_points(sheet: Sheet, column: int) -> bool:
    return all((decimal_of(sheet.cell(row, column)) or 0) > 0 for row in sheet.rows)


def _keys(sheet: Sheet, columns: Mapping[str, int]) -> tuple[list[Key], Key]:
    """Return the keys that identify a participant, and the name."""

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
    comment = template("report/lms/moodle_comment.html.jinja", **FOR_TEMPLATES)
    return comment.render(result=result, lost=lost_of(result), begins=_OURS).strip()
