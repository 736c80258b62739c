"""Match what was handed in with a class's roster: who handed in nothing, and who is not in the roster."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from msgspec import Struct

from grader.errors import UsageError
from grader.intake.found import SHOWN, FoundSubmission, Notice, name_list
from grader.intake.roster_file import Student, folded, read_students
from grader.model import Message
from grader.text import printable

__all__ = ["Roster"]

_ALIKE = 0.75
"""How alike two names are, by difflib's ratio, that may be the same."""
_NUMBERED = re.compile(r"\D+ (\d+)")
"""Moodle's identifiers: ``Participant 12345``, in the language of the site."""

_Match = tuple[Student, int | None]
"""A student, and the column that the submission was found by; ``None`` if that was a name."""


class Roster(Struct, frozen=True, dict=True):
    """The students of a class."""

    path: str
    students: tuple[Student, ...]

    @classmethod
    def load(cls, path: Path) -> Roster:
        """Read a CSV file; raises ``UsageError`` if it is not a roster or has a student twice."""
        return cls(printable(str(path)), read_students(path))

    def complete(self, entries: Sequence[FoundSubmission], notice: Notice) -> list[FoundSubmission]:
        """Return the entries, with what the roster knows of them, and then the students who handed in nothing.

        These are called by the column that most of the others were found by. ``notice`` is told who is not in the
        roster. Raises ``UsageError`` if nobody is in it, or if two entries are one student's.
        """
        known = self._known(entries)
        strangers = [entry for entry in entries if entry.id not in known]
        if entries and not known:
            raise UsageError(
                f"none of {name_list([entry.id for entry in strangers])} is in the roster {self.path}, whose students "
                f"are {name_list([student.id for student in self.students])}; check that one of its columns has the "
                "same ids"
            )
        self._check_unique({id_: student for id_, (student, _) in known.items()})
        present = {student for student, _ in known.values()}
        missing = [student for student in self.students if student not in present]
        if strangers:
            notice(f"not in the roster {self.path}: {_described(strangers, missing)}")
        columns = [column for _, column in known.values() if column is not None]
        usual = max(sorted(set(columns)), key=columns.count, default=0)
        return [
            *(_completed(entry, known[entry.id][0]) if entry.id in known else entry for entry in entries),
            *(_missing(student, usual) for student in missing),
        ]

    def _known(self, entries: Sequence[FoundSubmission]) -> dict[str, _Match]:
        """Return who the entries are; if two fit one student, the one that the platform knows better.

        A student can take another one's name, but not the number that the platform has for them. If several entries fit
        a student equally well, and one of them only by name, all of them are strangers.
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

    def _match(self, entry: FoundSubmission) -> tuple[int, _Match] | None:
        """Return who an entry is, and which of its id and aliases, from 0, said so."""
        by_id, by_name = self._indexes
        for rank, key in enumerate((entry.id, *entry.aliases)):
            if match := by_id.get(folded(key)) or by_name.get(_letters(key)):
                return rank, match
        return None

    @cached_property
    def _indexes(self) -> tuple[Mapping[str, _Match], Mapping[str, _Match]]:
        """The students by id and by name, without values that several students share."""
        ids = [
            (key, student, column)
            for student in self.students
            for column, value in enumerate(student.ids)
            for key in _keys(value)
        ]
        names = [(_letters(name), student, None) for student in self.students for name in student.names]
        return _unshared(ids), _unshared(names)

    def _check_unique(self, found: Mapping[str, Student]) -> None:
        seen: dict[Student, str] = {}
        for id_, student in found.items():
            if (first := seen.setdefault(student, id_)) != id_:
                raise UsageError(
                    f"{first} and {id_} are both {printable(student.id)} in line {student.line} of the roster "
                    f"{self.path}; leave one of them out"
                )


def _unshared(found: Iterable[tuple[str, Student, int | None]]) -> Mapping[str, _Match]:
    matches: dict[str, _Match] = {}
    shared = {""}
    for key, student, column in found:
        first, _ = matches.setdefault(key, (student, column))
        if first is not student:
            shared.add(key)
    return {key: match for key, match in matches.items() if key not in shared}


def _keys(value: str) -> Iterator[str]:
    yield folded(value)
    if match := _NUMBERED.fullmatch(value):
        yield match[1]


def _letters(text: str) -> str:
    """Return the letters and digits of a name."""
    return "".join(character for character in folded(text) if character.isalnum())


def _completed(entry: FoundSubmission, student: Student) -> FoundSubmission:
    values = (*entry.aliases, *filter(None, student.ids))
    return replace(entry, aliases=tuple(dict.fromkeys(value for value in values if value != entry.id)))


def _missing(student: Student, column: int) -> FoundSubmission:
    id_ = student.ids[column] or student.id
    others = tuple(value for value in student.ids if value not in ("", id_))
    problem = Message("nothing was handed in")
    if student.names:
        problem = Message("nothing was handed in ({name})", {"name": printable(student.names[0])})
    return FoundSubmission(printable(id_), "", (), others, problem)


def _name_in_brackets(student: Student) -> str:
    return f" ({printable(student.names[0])})" if student.names else ""


def _described(strangers: Sequence[FoundSubmission], missing: Sequence[Student]) -> str:
    """Return the ids of the strangers, each with a student who handed in nothing and has a name or an id like it."""
    from difflib import get_close_matches  # noqa: PLC0415 - only for strangers

    by_key = {
        folded(value): student
        for student in missing
        for value in (*filter(None, student.ids), *student.names)
    }
    described = []
    for entry in strangers[:SHOWN]:
        # An alias is the name alone, without the number that a platform adds to it in the id.
        alike = (
            get_close_matches(folded(key), by_key, n=1, cutoff=_ALIKE)
            for key in (entry.id, *entry.aliases)
            if not key.isdecimal()
        )
        hint = ""
        if found := next(filter(None, alike), None):
            student = by_key[found[0]]
            who = printable(student.id) + _name_in_brackets(student)
            hint = f" (is it {who}, who handed in nothing?)"
        described.append(entry.id + hint)
    return name_list([*described, *(entry.id for entry in strangers[SHOWN:])])
