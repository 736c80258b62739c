"""Find and read what students handed in: files, notebooks, folders and archives, of one or of a class.

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
from grader.intake.locating import Located, Notice, shown
from grader.intake.reading import is_slow, read_chosen, read_folder, read_located
from grader.model import Submission, Unreadable

if TYPE_CHECKING:
    from grader.intake.roster import Roster

__all__ = [
    "Located",
    "Notice",
    "is_slow",
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
    is told, in one line each, what was skipped and who is missing from the roster. Nothing is parsed.

    Raises ``UsageError`` for a path that does not exist, if two submissions would have one id, and for a roster
    that cannot be used.
    """
    listed = None if roster is None else _listed(roster)
    entries = _with_ids_apart(locate_in(paths, notice))
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
    """Return the entries; those that would be called alike are called by the whole names of their files.

    If even these look alike (an accent written in two ways, say), they are called by all their characters.
    """
    names = [(entry.id, *_longer_names(entry)) for entry in entries]
    level = [0] * len(entries)
    while alike := _alike([name[at] for name, at in zip(names, level, strict=True)]):
        longer = [place for place in alike if level[place] + 1 < len(names[place])]
        if not longer:
            break
        for place in longer:
            level[place] += 1
    return [replace(entry, id=name[at]) for entry, name, at in zip(entries, names, level, strict=True)]


def _alike(ids: Sequence[str]) -> list[int]:
    count = Counter(ids)
    return [place for place, id_ in enumerate(ids) if count[id_] > 1]


def _longer_names(entry: Located) -> tuple[str, ...]:
    """Return what an entry may be called rather than by its id; nothing if a platform's metadata gave it that."""
    name = entry.parts[0][1].name
    whole = shown(name)
    return (whole, ascii(name)[1:-1]) if entry.id in whole else ()
