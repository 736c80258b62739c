"""Finds and reads what students handed in: files, notebooks, folders and archives, of one or of a class.

Nothing of a submission is run here, and nothing of it decoded or parsed: that is asked of the far side of the
wall. What cannot be read becomes an ``Unreadable`` with its reason, never an exception.

``locate`` finds what there is, by names and without holding any of it; ``read_located`` reads one when its turn
comes. ``read`` does both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from grader.errors import UsageError
from grader.intake.layout import locate_in
from grader.intake.locating import Located, Notice
from grader.intake.reading import read_chosen, read_folder, read_located
from grader.model import Submission, Unreadable
from grader.text import printable

if TYPE_CHECKING:
    from grader.intake.roster import Roster

__all__ = [
    "Located",
    "Notice",
    "locate",
    "read",
    "read_chosen",
    "read_folder",
    "read_located",
]


def read(
    paths: Sequence[Path], notice: Notice = lambda _text: None, roster: Path | None = None
) -> list[Submission | Unreadable]:
    """Return the submissions in ``paths``, as ``locate`` finds them."""
    return [read_located(found) for found in locate(paths, notice, roster)]


def locate(
    paths: Sequence[Path], notice: Notice = lambda _text: None, roster: Path | None = None
) -> list[Located]:
    """Return what was handed in in ``paths``, in order; the entries of a folder by name.

    Those who are in the CSV file ``roster`` and handed in nothing come last, as ones that cannot be read. ``notice``
    is told, in one line each, what was passed over and who is in no roster.

    Raises ``UsageError`` for a path that does not exist, where two submissions would have one id, and for a roster
    that cannot be used.
    """
    listed = None if roster is None else _listed(roster)
    is_alone = len(paths) == 1
    found = [one for path in paths for one in locate_in(path, lambda: None, notice, is_alone=is_alone)]
    entries = _with_ids_apart(found)
    seen: dict[str, str] = {}
    for entry in entries:
        if entry.id in seen:
            raise UsageError(
                f"{seen[entry.id]} and {entry.path} would both be called '{entry.id}'; "
                "rename one, or grade them one by one"
            )
        seen[entry.id] = entry.path
    return entries if listed is None else listed.complete(entries, notice)


def _listed(roster: Path) -> Roster:
    from grader.intake.roster import Roster  # noqa: PLC0415 - for the few runs that have one

    return Roster.load(roster)


def _with_ids_apart(entries: Sequence[Located]) -> list[Located]:
    """Return the entries; those named like another one after their files are called by the files' whole names."""
    count = Counter(entry.id for entry in entries)
    return [entry if count[entry.id] == 1 else replace(entry, id=_whole_name(entry)) for entry in entries]


def _whole_name(entry: Located) -> str:
    name = printable(entry.parts[0][1].name, keep="")
    return name if name.startswith(entry.id) else entry.id
