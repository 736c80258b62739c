"""Reads what students handed in: files, notebooks, folders and archives, one or many.

Nothing of a submission is run here, and nothing of it is parsed as Python: that is asked of the far side of
the wall. What cannot be read becomes an ``Unreadable`` with its reason, never an exception.

A folder is one submission or many. It is many, named by entry, where it holds no script or notebook itself
but folders or archives, or where files that could each be examined lie in several of its entries. Files that
lie loose in one folder are one student's, and an error if there are several to choose from, where there are two of
them or one has the name of the released file; three or more are a class.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from grader.errors import UnreadableError, UsageError
from grader.intake.archives import archive_stem, is_archive, read_archive
from grader.intake.choosing import Outliner, candidates, chosen_submission, is_broken, submission_of
from grader.intake.folders import is_code, is_ignored, read_file, read_tree
from grader.model import Submission, Unreadable
from grader.text import printable

__all__ = ["Outliner", "read", "read_chosen"]

Entry = Submission | Unreadable

_RELEASED = "perceptron"
_NAMED = 8
_LEAST_CLASS = 3
"""Loose files from which on a folder is a class."""


def read(
    paths: Sequence[Path], outline: Outliner, notice: Callable[[str], None] = lambda _text: None
) -> list[Submission | Unreadable]:
    """Return the submissions in ``paths``, in order; the entries of a folder by name.

    ``notice`` is told, in one line for each folder of many, what was passed over in it.
    Raises ``UsageError`` for a path that does not exist, and where two submissions would have one id.
    """
    found = [(path, entry) for named in paths for path, entry in _read_path(named, outline, notice)]
    entries = _with_ids_apart(found)
    seen: dict[str, str] = {}
    for entry in entries:
        if entry.id in seen:
            raise UsageError(
                f"{seen[entry.id]} and {entry.path} would both be called '{entry.id}'; "
                "rename one, or grade them one by one"
            )
        seen[entry.id] = entry.path
    return entries


def read_chosen(folder: Path, main: str, id_: str) -> Submission | Unreadable:
    """Return the submission in ``folder`` of which the file ``main`` is examined, whatever lies beside it."""
    path = printable(str(folder), keep="")
    try:
        return chosen_submission(printable(id_, keep=""), path, main, read_tree(folder))
    except UnreadableError as error:
        return Unreadable(printable(id_, keep=""), path, "", str(error))


def _with_ids_apart(found: Sequence[tuple[Path, Entry]]) -> list[Entry]:
    """Return the entries; those whose id is another one's, too, are called by the whole name of their file."""
    count = Counter(entry.id for _, entry in found)
    return [
        entry if count[entry.id] == 1 else replace(entry, id=printable(path.name, keep=""))
        for path, entry in found
    ]


def _read_path(path: Path, outline: Outliner, notice: Callable[[str], None]) -> Iterator[tuple[Path, Entry]]:
    """Yield the submissions in ``path``, each with the path of its own."""
    if not path.exists():
        raise UsageError(f"{path} does not exist; name a file, a folder or an archive with a submission")
    if not path.is_dir():
        yield path, _read_entry(path, outline, follow=True)
        return
    entries = _class_entries(path, outline)
    if not entries:
        yield path, _read_entry(path, outline, follow=True)
        return
    if others := _others(path, entries):
        notice(f"passed over in {printable(str(path), keep='')}, being no submissions: {others}")
    for entry in entries:
        yield entry, _read_entry(entry, outline, follow=False)


def _others(folder: Path, entries: Sequence[Path]) -> str:
    """Return the names in a folder of many submissions that are none of ``entries``, as many as fit a line."""
    names = [
        printable(entry.name, keep="")
        for entry in sorted(folder.iterdir())
        if entry not in entries and not is_ignored(entry.name) and entry.name != "utils.py"
    ]
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _class_entries(folder: Path, outline: Outliner) -> list[Path]:
    """Return the entries of a folder of many submissions, or an empty list where it is one submission."""
    entries = [e for e in sorted(folder.iterdir()) if not is_ignored(e.name) and not e.is_symlink()]
    loose = [e for e in entries if is_code(e.name) and e.is_file() and e.name != "utils.py"]
    nested = [e for e in entries if e.is_dir() or (is_archive(e.name) and e.is_file())]
    if not loose:
        return nested
    if len(loose) == 1 and not nested:
        return []
    holders = [entry for entry in nested if _holds_a_submission(entry, outline)]
    try:
        texts = {e.name: read_file(e) for e in loose}
        own = [folder / name for name in candidates(texts, outline, are_one_students=False)]
    except UnreadableError:
        if not holders:
            return []
        return sorted([*(e for e in loose if is_broken(e.name, read_file(e), outline)), *nested])
    if holders and not _imports_from(own, outline):
        return sorted([*loose, *nested])
    is_class = len(own) >= _LEAST_CLASS and not any(e.stem.lower().startswith(_RELEASED) for e in own)
    return sorted([*loose, *holders]) if is_class else []


def _holds_a_submission(entry: Path, outline: Outliner) -> bool:
    try:
        candidates(_files(entry, follow=False), outline)
    except UnreadableError:
        return False
    return True


def _imports_from(own: Sequence[Path], outline: Outliner) -> bool:
    """Tell whether the only loose candidate imports what lies in the folders beside it."""
    if len(own) > 1:
        return False
    files = dict(read_tree(own[0].parent))
    try:
        return candidates(files, outline) == [own[0].name]
    except UnreadableError:
        return False


def _read_entry(entry: Path, outline: Outliner, *, follow: bool) -> Submission | Unreadable:
    path = printable(str(entry), keep="")
    id_ = printable(_id(entry), keep="")
    try:
        files = _files(entry, follow=follow)
        return submission_of(id_, path, files, outline)
    except UnreadableError as error:
        return Unreadable(id_, path, "", str(error))


def _files(entry: Path, *, follow: bool) -> Mapping[str, bytes]:
    if entry.is_dir():
        return read_tree(entry) or _files_of_the_only_archive(entry)
    if is_archive(entry.name):
        return read_archive(read_file(entry, follow=follow))
    if not is_code(entry.name):
        kinds = "a .py file, a notebook (.ipynb), a folder or an archive"
        raise UnreadableError(
            f"{printable(entry.name, keep='')} is none of the kinds that can be read: {kinds}"
        )
    return {entry.name: read_file(entry, follow=follow)}


def _files_of_the_only_archive(folder: Path) -> Mapping[str, bytes]:
    """Return what is in the archive that a folder holds and nothing else, as an LMS hands it out."""
    entries = [entry for entry in folder.iterdir() if not is_ignored(entry.name)]
    if len(entries) == 1 and is_archive(entries[0].name):
        return read_archive(read_file(entries[0]))
    return {}


def _id(entry: Path) -> str:
    if entry.is_dir():
        return entry.resolve().name
    return archive_stem(entry.name) if is_archive(entry.name) else PurePosixPath(entry.name).stem
