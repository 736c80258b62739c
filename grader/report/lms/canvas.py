"""Fill the column of one assignment in the gradebook that Canvas exports.

How Canvas reads it back (lib/gradebook_importer.rb of canvas-lms): it finds a student by ID, then SIS User ID, SIS
Login ID and name. It finds an assignment by the number in parentheses after its title; without one, it may make a new
assignment. It takes an empty cell over a score for a change. So only rows that get a score are written.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from grader.errors import UsageError
from grader.model import Report
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
from grader.report.words import points_text, score_of
from grader.text import printable

__all__ = ["render_canvas"]

_NEEDED = "the gradebook that Canvas exports"
_ASSIGNMENT = re.compile(r"(.+) \((\d+)\)")
"""The title of a column and the number that Canvas knows its assignment by."""
_WITHOUT_SCORE = {"EX": "is excused", "N/A": "is not assigned this"}
_POINTS_POSSIBLE = "Points Possible"
_SHOWN_COLUMNS = 8


def render_canvas(report: Report, options: Options) -> str:
    """Return the gradebook with scores, without the students who get none.

    Raises ``UsageError`` if the template is not a gradebook, or if several columns could be meant.
    """
    sheet = read_sheet(options, _NEEDED)
    section = _section(sheet)
    column = _column(sheet, section, options.column)
    students = {position: row for position, row in enumerate(sheet.rows) if _is_student(row, section)}
    possible = _points_possible(sheet, column)
    results = assigned(report, students, *_keys(sheet), sheet, options.notice)
    _say_points(report, possible, sheet, options)
    rows, left_out = [], 0
    for position, row in enumerate(sheet.rows):
        if position not in students:
            rows.append(row)
        elif (result := results.get(position)) is None:
            left_out += 1
        elif (why := _WITHOUT_SCORE.get(sheet.cell(row, column).upper())) is not None:
            name = printable(result.id)
            options.notice(
                f"{name} {why}, according to {sheet.name}; the score is not in it: {score_of(result)}"
            )
        else:
            score = scaled_score(result, possible)
            say_replaced(result, sheet.cell(row, column), score, sheet, options.notice)
            padded = row + [""] * (column + 1 - len(row))
            rows.append([*padded[:column], score, *padded[column + 1 :]])
    if left_out and report.submissions:
        options.notice(
            f"no score for {left_out} of the {len(students)} students in {sheet.name}; their rows are left out"
        )
    return sheet.written(rows, byte_order_mark=sheet.byte_order_mark)


def _section(sheet: Sheet) -> int:
    """Return the last column that says who a student is."""
    if is_canvas_gradebook(sheet):
        return [title.strip() for title in sheet.header].index("Section")
    if is_moodle_worksheet(sheet):
        raise UsageError(
            f"{sheet.name} looks like a grading worksheet of Moodle; use --format moodle to fill it"
        )
    raise UsageError(
        f"{sheet.name} has no columns Student, ID and Section; it should be {_NEEDED}, as downloaded"
    )


def _is_student(row: list[str], section: int) -> bool:
    """Tell a student's row from those with the points possible and the posting policy."""
    return any(cell.strip() for cell in row[: section + 1]) and _POINTS_POSSIBLE not in row[0]


def _points_possible(sheet: Sheet, column: int) -> str:
    """Return the points of the assignment as Canvas writes them; empty if it does not say."""
    row = next((row for row in sheet.rows if row and _POINTS_POSSIBLE in row[0]), [])
    possible = sheet.cell(row, column)
    points = decimal_of(possible)
    if possible and (points is None or points <= 0):
        raise UsageError(
            f"{sheet.name}: the points possible in {sheet.header[column]} are '{possible}', not a "
            "number above 0; set the assignment's points in Canvas and export again"
        )
    return possible


def _say_points(report: Report, possible: str, sheet: Sheet, options: Options) -> None:
    points = decimal_of(possible)
    if points is not None:
        say_scaled(report, [points], f"points possible in {sheet.name}", options.notice)
    elif report.submissions:
        options.notice(
            f"{sheet.name} has no points possible; scores are out of {points_text(report.max_score)}"
        )


def _column(sheet: Sheet, section: int, wanted: str | None) -> int:
    """Return the column of the assignment with the title or number ``wanted``, or of the only one there is."""
    columns = {
        column: match
        for column, title in enumerate(sheet.header)
        if column > section and (match := _ASSIGNMENT.fullmatch(title.strip()))
    }
    fitting = [
        column
        for column, match in columns.items()
        if wanted is None or wanted.strip() in {match[0], match[1], match[2]}
    ]
    if len(fitting) == 1:
        return fitting[0]
    titles = [match[0] for match in columns.values()]
    listed = ", ".join(titles[:_SHOWN_COLUMNS]) + (", …" if len(titles) > _SHOWN_COLUMNS else "")
    if not titles:
        what = "no column of an assignment, such as 'Perceptron (1234)'; make the assignment in Canvas first"
    elif wanted is None:
        what = f"several assignments; name one with --column: {listed}"
    elif fitting:
        what = f"several assignments '{wanted}'; give --column the number of one: {listed}"
    else:
        what = f"no assignment '{wanted}'; it has {listed}"
    raise UsageError(f"{sheet.name} has {what}")


def _keys(sheet: Sheet) -> tuple[list[Key], Key]:
    """Return the keys that identify a student, and the name."""
    columns = {title.strip(): column for column, title in enumerate(sheet.header)}

    def of(title: str) -> Callable[[list[str]], str]:
        return lambda row: folded(sheet.cell(row, columns.get(title)))

    def name(row: list[str]) -> str:
        if "Student" in columns:
            return same_name(sheet.cell(row, columns["Student"]))
        return same_name(f"{of('LastName')(row)}, {of('FirstName')(row)}")

    identifiers = [Key(title, of(title), folded) for title in ("ID", "SIS User ID", "SIS Login ID")]
    return identifiers, Key("name", name, same_name)
