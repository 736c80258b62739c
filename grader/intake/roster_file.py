"""Read a roster from a CSV file, as a teacher keeps it or a learning platform exports it."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from grader.errors import UnreadableError, UsageError
from grader.intake.folders import read_file
from grader.intake.found import name_list
from grader.text import printable

__all__ = ["Student", "folded", "read_students"]

_DELIMITERS = ",;\t|"
_ID_COLUMNS = (
    "id",  # your own list; also Canvas's number, which is in the names of its downloads
    "SIS Login ID",  # Canvas
    "SIS User ID",
    "Username",  # Moodle, Blackboard
    "Identifier",  # Moodle's grading worksheet, GitHub Classroom's roster
    "Email address",  # Moodle
    "Email",  # Gradescope
    "ID number",  # Moodle
    "SID",  # Gradescope
    "student_id",
    "Student ID",
    "login",
    "github_username",  # GitHub Classroom
)
"""Columns that say who a student is, first choice first. Capitals, and blanks at the ends, do not count.

The first that a roster has gives the id of students who handed in nothing. Any of them can match a submission.
"""
_NAME_COLUMNS = (
    ("Student",),  # Canvas: "Liddell, Alice"
    ("Full name",),  # Moodle's grading worksheet
    ("Name",),  # Gradescope
    ("First name", "Surname"),
    ("First name", "Last name"),
)
"""Columns that make up a name. Only letters and digits count, since platforms leave out the rest in names of files."""
_NOT_STUDENTS = frozenset({"points possible", "student, test"})
"""What a row that is not a student's holds, in small letters, as Canvas's second row and its last."""


class Student(Struct, frozen=True):
    """One row of a roster."""

    line: int
    ids: tuple[str, ...]
    """What says who it is, first choice first; an empty string for an empty cell."""
    names: tuple[str, ...]

    @property
    def id(self) -> str:
        """The first id that is not empty."""
        return next(filter(None, self.ids))


def read_students(path: Path) -> tuple[Student, ...]:
    """Return the students in a CSV file.

    Raises ``UsageError`` for a file that is not a roster or has a student twice, with the line that is wrong.
    """
    shown = printable(str(path))
    try:
        text = read_file(path, follow=True).decode("utf-8-sig")
    except UnreadableError as error:
        raise UsageError(f"the roster {shown} cannot be read: {error}") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise UsageError(
            f"the roster {shown} is not UTF-8 text (line {line}); save it as CSV in UTF-8"
        ) from None
    rows = _rows(shown, text)
    students = tuple(_students(shown, next(rows, (1, []))[1], rows))
    seen: dict[str, Student] = {}
    for student in students:
        if (first := seen.setdefault(folded(student.id), student)) is not student:
            raise UsageError(
                f"the roster {shown} has {printable(student.id)} twice, in lines {first.line} "
                f"and {student.line}; leave one of them out"
            )
    if not students:
        raise UsageError(f"the roster {shown} has no students: there is nothing under its header")
    return students


def folded(text: str) -> str:
    """Return a text as it is compared: composed, and without regard to capitals."""
    return unicodedata.normalize("NFC", text.strip()).casefold()


def _rows(shown: str, text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not empty, each with the line that it ends in."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    try:
        delimiter = csv.Sniffer().sniff(first, _DELIMITERS).delimiter
    except csv.Error:
        delimiter = ","  # There is a single column.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num, row
    except csv.Error as error:
        raise UsageError(f"line {reader.line_num} of the roster {shown} is not CSV ({error})") from None


def _students(shown: str, header: list[str], rows: Iterator[tuple[int, list[str]]]) -> Iterator[Student]:
    ids = [places[0] for title in _ID_COLUMNS if (places := _places(header, [title]))]
    names = [places for titles in _NAME_COLUMNS if (places := _places(header, titles))]
    if not ids:
        raise UsageError(
            f"the roster {shown} has no column that says who a student is, only "
            f"{name_list(header) or 'an empty line'}; call one of its columns id, or "
            f"{', '.join(_ID_COLUMNS[1:-1])} or {_ID_COLUMNS[-1]}"
        )
    for line, row in rows:
        if any(cell.strip() for cell in row[len(header) :]):
            raise UsageError(
                f"line {line} of the roster {shown} has {len(row)} cells, but the header has {len(header)}; "
                "put quotation marks around cells in which there is a comma"
            )
        cells = [cell.strip() for cell in row] + [""] * (len(header) - len(row))
        if any(cell.casefold() in _NOT_STUDENTS for cell in cells):
            continue
        called = [" ".join(cells[place] for place in places).strip() for places in names]
        student = Student(
            line,
            tuple(unicodedata.normalize("NFC", cells[place]) for place in ids),
            tuple(filter(None, called)),
        )
        if any(student.ids):
            yield student
        elif student.names:
            raise UsageError(
                f"line {line} of the roster {shown} has nothing under '{header[ids[0]].strip()}'"
            )


def _places(header: Sequence[str], titles: Sequence[str]) -> list[int]:
    """Return the places of the columns with these titles, from 0; nothing if one of them is missing."""
    places = {title.strip().casefold(): place for place, title in reversed(list(enumerate(header)))}
    wanted = [title.casefold() for title in titles]
    return [places[title] for title in wanted] if places.keys() >= set(wanted) else []
