"""Find the submissions in the paths that were named, by names alone: nothing is parsed, and no content is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from grader.errors import UnreadableError, UsageError
from grader.intake.finding.one_or_many import find_alone, find_each
from grader.intake.folders import OnDisk
from grader.intake.found import FoundSubmission, Notice, clean_id
from grader.intake.roster import Roster
from grader.text import alphabetical

__all__ = ["find_submissions"]


def find_submissions(
    paths: Sequence[Path], notice: Notice = lambda _text: None, roster: Path | None = None
) -> list[FoundSubmission]:
    """Return what was handed in in several ``paths``, in their order, or in a single one, by id.

    Students in the CSV file ``roster`` who handed in nothing come last. ``notice`` is told what was skipped and who
    is missing from the roster.

    Raises ``UsageError`` if a path does not exist, if there is nothing to grade in a folder, if two submissions would
    have one id, or if the roster cannot be used.
    """
    listed = None if roster is None else Roster.load(roster)
    entries = _with_unique_ids(_find(paths, notice))
    seen: dict[str, str] = {}
    for entry in entries:
        if entry.id in seen:
            raise UsageError(
                f"{seen[entry.id]} and {entry.path} would both be called '{entry.id}'; "
                "rename one, or grade them one by one"
            )
        seen[entry.id] = entry.path
    return entries if listed is None else listed.complete(entries, notice)


def _find(paths: Sequence[Path], notice: Notice) -> list[FoundSubmission]:
    """Only a single path is searched for a class: a student's must not hand in for others."""
    for path in paths:
        if not path.exists():
            raise UsageError(f"{path} does not exist; name a file, a folder or an archive with a submission")
    nodes = [OnDisk.named(path) for path in paths]
    if len(nodes) != 1:
        return find_each(nodes, notice)
    try:
        return sorted(find_alone(nodes[0], notice), key=lambda found: (*alphabetical(found.id), found.path))
    except UnreadableError as error:
        raise UsageError(f"{paths[0]} cannot be read: {error}") from None


def _with_unique_ids(entries: Sequence[FoundSubmission]) -> list[FoundSubmission]:
    """Return the entries; those with one id are called by the whole names of their files.

    If even these look alike (an accent written in two ways, for example), they are called by all their characters.
    """
    names = [(entry.id, *_longer_ids(entry)) for entry in entries]
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


def _longer_ids(entry: FoundSubmission) -> tuple[str, ...]:
    """Return what an entry may be called instead of its id; nothing if a platform's metadata gave it the id."""
    name = entry.parts[0][1].name
    whole = clean_id(name)
    return (whole, ascii(name)[1:-1]) if entry.id in whole else ()
