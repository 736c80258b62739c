"""Reads a class's roster, adds those who handed in nothing, and says who is in no roster."""

from __future__ import annotations

import csv
import io
import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from grader.errors import UnreadableError, UsageError
from grader.intake.folders import read_file
from grader.intake.locating import Located, Notice, named
from grader.text import printable

__all__ = ["Roster", "Student"]

_COLUMNS = Path(__file__).with_name("roster.toml")
_DELIMITERS = ",;\t|"
_SHOWN = 8
_ALIKE = 0.75
"""From which ratio of difflib's on an id is like another."""
_NUMBERED = re.compile(r"\D+ (\d+)")
"""Moodle's identifiers: ``Participant 12345``, in the language of the site."""


@dataclass(frozen=True)
class Student:
    """One row of a roster."""

    line: int
    known_as: tuple[str, ...]
    """What says who it is, in the order of the roster's columns, first choice first; empty where a cell is."""
    names: tuple[str, ...]

    @property
    def id(self) -> str:
        """The first thing that says who it is."""
        return next(filter(None, self.known_as))


Match = tuple[Student, int | None]
"""A student, and the column that an entry was found by; none where it was by name."""


@dataclass(frozen=True)
class Roster:
    """Who is in a class."""

    path: str
    students: tuple[Student, ...]

    @classmethod
    def load(cls, path: Path) -> Roster:
        """Read a CSV file; raises ``UsageError`` for one that is no roster, with the line that is wrong."""
        shown = printable(str(path))
        try:
            text = read_file(path, follow=True).decode("utf-8-sig")
        except UnreadableError as error:
            raise UsageError(f"the roster {shown} cannot be read: {error}") from None
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            raise UsageError(
                f"the roster {shown} is no UTF-8 text (line {line}); save it as CSV in UTF-8"
            ) from None
        students = tuple(_students(shown, text))
        seen: dict[str, Student] = {}
        for student in students:
            first = seen.setdefault(_plain(student.id), student)
            if first is not student:
                raise UsageError(
                    f"the roster {shown} has {printable(student.id)} twice, in lines {first.line} "
                    f"and {student.line}; leave one of them out"
                )
        if not students:
            raise UsageError(f"the roster {shown} has no students: there is nothing under its header")
        return cls(shown, students)

    def complete(self, entries: Sequence[Located], notice: Notice) -> list[Located]:
        """Return the entries, what the roster knows of them added, and those who handed in nothing.

        The latter are called by the column that most of the others were found by. ``notice`` is told who is in no
        roster. Raises ``UsageError`` where nobody is in it, or two entries are one student's.
        """
        known = self._known(entries)
        strangers = [entry.id for entry in entries if entry.id not in known]
        if entries and not known:
            raise UsageError(
                f"none of {named(strangers)} is in the roster {self.path}, whose students are "
                f"{named([student.id for student in self.students])}; see that one of its columns has the same ids"
            )
        self._check_apart({id_: student for id_, (student, _) in known.items()})
        present = {student for student, _ in known.values()}
        missing = [student for student in self.students if student not in present]
        if strangers:
            notice(f"not in the roster {self.path}: {_strangers(strangers, missing)}")
        columns = [column for _, column in known.values() if column is not None]
        usual = max(sorted(set(columns)), key=columns.count, default=0)
        return [
            *(_completed(entry, known[entry.id][0]) if entry.id in known else entry for entry in entries),
            *(_nothing(student, usual) for student in missing),
        ]

    def _known(self, entries: Sequence[Located]) -> dict[str, Match]:
        """Return who the entries are; of two that go by one student, the one that the platform knows better.

        A student can take another one's name, but not the number that the platform has for them. Several of whom one
        has nothing but a name that fits, and none anything better, are strangers.
        """
        found = {entry.id: match for entry in entries if (match := self._match(entry)) is not None}
        best: dict[Student, int] = {}
        for rank, (student, _column) in found.values():
            best[student] = min(rank, best.get(student, rank))
        known = {id_: match for id_, (rank, match) in found.items() if rank == best[match[0]]}
        of_student = Counter(student for student, _column in known.values())
        by_name = {student for student, column in known.values() if column is None}
        return {
            id_: match for id_, match in known.items() if of_student[match[0]] == 1 or match[0] not in by_name
        }

    def _match(self, entry: Located) -> tuple[int, Match] | None:
        """Return who an entry is, and how far down the list of what it goes by that was found."""
        by_id, by_name = self._indexes
        for rank, key in enumerate((entry.id, *entry.aliases)):
            if match := by_id.get(_plain(key)) or by_name.get(_letters(key)):
                return rank, match
        return None

    @cached_property
    def _indexes(self) -> tuple[Mapping[str, Match], Mapping[str, Match]]:
        """The students by what says who they are, and by their names: each value that is one student's alone."""
        keys = [
            (key, student, column)
            for student in self.students
            for column, value in enumerate(student.known_as)
            for key in _keys(value)
        ]
        names = [(_letters(name), student, None) for student in self.students for name in student.names]
        return _unique(keys), _unique(names)

    def _check_apart(self, found: Mapping[str, Student]) -> None:
        seen: dict[Student, str] = {}
        for id_, student in found.items():
            if (first := seen.setdefault(student, id_)) != id_:
                raise UsageError(
                    f"{first} and {id_} are both {printable(student.id)} in line {student.line} of the roster "
                    f"{self.path}; leave one of them out"
                )


def _unique(found: Iterable[tuple[str, Student, int | None]]) -> Mapping[str, Match]:
    matches: dict[str, Match] = {}
    shared = {""}
    for key, student, column in found:
        first, _ = matches.setdefault(key, (student, column))
        if first is not student:
            shared.add(key)
    return {key: match for key, match in matches.items() if key not in shared}


def _keys(value: str) -> Iterator[str]:
    yield _plain(value)
    if match := _NUMBERED.fullmatch(value):
        yield match[1]


def _completed(entry: Located, student: Student) -> Located:
    values = (*entry.aliases, *filter(None, student.known_as))
    return replace(entry, aliases=tuple(dict.fromkeys(value for value in values if value != entry.id)))


def _nothing(student: Student, column: int) -> Located:
    id_ = student.known_as[column] or student.id
    others = tuple(value for value in student.known_as if value not in ("", id_))
    name = f" ({printable(student.names[0])})" if student.names else ""
    return Located(printable(id_), "", (), others, f"nothing was handed in{name}")


def _strangers(ids: Sequence[str], missing: Sequence[Student]) -> str:
    """Return the ids that no roster has, each with one like it of somebody who handed in nothing."""
    from difflib import get_close_matches  # noqa: PLC0415 - only for what does not fit

    by_id = {
        _plain(value): student.id
        for student in missing
        for value in (*filter(None, student.known_as), *student.names)
    }
    shown = []
    for id_ in ids[:_SHOWN]:
        like = get_close_matches(_plain(id_), by_id, n=1, cutoff=_ALIKE)
        hint = f" (is it {printable(by_id[like[0]])}, who handed in nothing?)" if like else ""
        shown.append(id_ + hint)
    more = len(ids) - _SHOWN
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


# --- The file ------------------------------------------------------------------------------------------


def _students(shown: str, text: str) -> Iterator[Student]:
    columns = _columns()
    rows = _rows(shown, text)
    _, header = next(rows, (1, []))
    titles = [title.strip().casefold() for title in header]
    ids = [titles.index(title) for title in columns["id"] if title in titles]
    if not ids:
        raise UsageError(
            f"the roster {shown} has no column that says who a student is: it has {named(header) or 'none'}; "
            f"name one id, or one of {', '.join(_written()['id'][1:])}"
        )
    names = [[titles.index(title)] for title in columns["name"] if title in titles]
    names += [
        [titles.index(part) for part in parts] for parts in columns["names"] if set(parts) <= set(titles)
    ]
    for line, row in rows:
        if any(cell.strip() for cell in row[len(header) :]):
            raise UsageError(
                f"line {line} of the roster {shown} has {len(row)} cells, but the header has {len(header)}; "
                "put quotation marks around cells in which there is a comma"
            )
        cells = [cell.strip() for cell in row] + [""] * (len(header) - len(row))
        called = tuple(" ".join(cells[place] for place in places).strip() for places in names)
        if any(cell.casefold() in columns["not_students"] for cell in cells):
            continue
        known_as = tuple(unicodedata.normalize("NFC", cells[place]) for place in ids)
        if any(known_as):
            yield Student(line, known_as, tuple(filter(None, called)))
        elif any(called):
            raise UsageError(
                f"line {line} of the roster {shown} has nothing under '{header[ids[0]].strip()}'"
            )


def _rows(shown: str, text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows in which there is something, each with the line that it ends in."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    try:
        delimiter = csv.Sniffer().sniff(first, _DELIMITERS).delimiter
    except csv.Error:
        delimiter = ","  # there is a single column
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num, row
    except csv.Error as error:
        raise UsageError(f"line {reader.line_num} of the roster {shown} is no CSV ({error})") from None


@cache
def _written() -> dict[str, Any]:
    return tomllib.loads(_COLUMNS.read_text(encoding="utf-8"))


@cache
def _columns() -> dict[str, Any]:
    """Return what columns are called, in small letters."""

    def small(value: Any) -> Any:
        return [small(item) for item in value] if isinstance(value, list) else value.casefold()

    return {key: small(value) for key, value in _written().items()}


def _plain(text: str) -> str:
    """Return a text as it is compared: composed, without regard to capitals."""
    return unicodedata.normalize("NFC", text.strip()).casefold()


def _letters(text: str) -> str:
    """Return the letters and digits of a name."""
    return "".join(character for character in _plain(text) if character.isalnum())
