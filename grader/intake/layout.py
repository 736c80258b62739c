"""Tells whether what was named is one submission or many.

A folder that a learning platform filled is many. So is any other that holds no script or notebook itself but folders
or archives, or where files that could each be examined lie in several of its entries. Files that lie loose in one
folder are one student's, and an error if there are several to choose from, where there are two of them or one has the
name of the released file; three or more are a class. An archive is many where a platform filled it, or where files
that could each be examined lie in several of its folders.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path, PurePosixPath

from grader.errors import BrokenArchiveError, UnreadableError, UsageError
from grader.intake import limits
from grader.intake.archives import is_archive
from grader.intake.choosing import Outliner, candidates, is_broken, is_test
from grader.intake.class_archives import ClassArchive, InArchive
from grader.intake.folders import Kind, Node, OnDisk, is_code, visible
from grader.intake.locating import (
    Located,
    Notice,
    by_platform,
    located,
    located_by_nbgrader,
    named,
    passed_over,
    which_assignment,
)
from grader.intake.platforms import handed
from grader.intake.reading import files_of

__all__ = ["locate_in"]

_GIVEN = "utils.py"
_RELEASED = "perceptron"
_SUBMITTED, _TIMESTAMP = "submitted", "timestamp.txt"
_CLASSES = (b"Layer", b"Perceptron")
_LEAST_CLASS = 3
"""Loose files, or folders of an archive, from which on they are a class."""
_LOOKED_INTO = 20
"""Folders of a large archive that are looked into to tell whether it is a class."""


def locate_in(path: Path, outline: Outliner, notice: Notice, *, is_alone: bool) -> list[Located]:
    """Return the submissions in ``path``.

    An archive is looked through for a class only where it ``is_alone``: of several, each is one student's, who must
    not be able to hand in for others. Raises ``UsageError`` where the path does not exist or cannot be opened.
    """
    if not path.exists():
        raise UsageError(f"{path} does not exist; name a file, a folder or an archive with a submission")
    node = OnDisk.named(path)
    try:
        if found := _collected_by_nbgrader(node, notice):
            return found
        if node.kind is Kind.FOLDER:
            return _in_folder(node, outline, notice, is_alone=is_alone)
    except UnreadableError as error:
        raise UsageError(f"{path} cannot be read: {error}") from None
    if is_alone and is_archive(node.name) and (found := _in_archive(node, outline, notice)):
        return found
    return [located(node)]


def _collected_by_nbgrader(node: OnDisk, notice: Notice) -> list[Located]:
    """Return what was named below nbgrader's ``submitted/STUDENT/ASSIGNMENT``: a file, or one of these folders."""
    parents = list(node.location.resolve().parents)
    if node.kind is Kind.FILE:
        is_student = _is_collected(parents[0], parents[1:3]) if len(parents) > 2 else False  # noqa: PLR2004
        return [located(node, parents[1].name)] if is_student else []
    if _is_collected(node.location, parents[:2]):
        return [located_by_nbgrader(node, parents[0].name)]
    inside = visible(node)
    if parents[0].name != _SUBMITTED or not inside or any(inner.kind is not Kind.FOLDER for inner in inside):
        return []
    assignments = {inner.name: inner for inner in inside}
    chosen = which_assignment(assignments, f"{node.path}/{{}}")
    if others := sorted(assignments.keys() - {chosen}):
        notice(f"passed over in {node.path}, being other assignments: {named(others)}")
    return [located_by_nbgrader(assignments[chosen], node.name)]


def _is_collected(assignment: Path, above: Sequence[Path]) -> bool:
    """Tell whether a folder is what nbgrader has collected of one student, by its name, its file or those above."""
    is_assignment = _RELEASED in assignment.name.lower() or (assignment / _TIMESTAMP).exists()
    return is_assignment and [folder.name for folder in above[1:]] == [_SUBMITTED]


def _in_folder(folder: Node, outline: Outliner, notice: Notice, *, is_alone: bool) -> list[Located]:
    if found := by_platform(folder, notice):
        return found
    if is_alone and (found := _in_the_only_entry(folder, outline, notice)):
        return found
    entries = _entries_of_a_class(folder, outline)
    if not entries:
        return [located(folder)]
    passed_over(folder, [entry.name for entry in entries], notice)
    return [located(entry) for entry in entries]


def _in_the_only_entry(folder: Node, outline: Outliner, notice: Notice) -> list[Located]:
    """Return the submissions in a platform's folder, or in the archive of a class, that lies alone in a folder."""
    entries = visible(folder)
    if len(entries) != 1:
        return []
    (only,) = entries
    if only.kind is Kind.FOLDER:
        return by_platform(only, notice)
    return _in_archive(only, outline, notice) if isinstance(only, OnDisk) and is_archive(only.name) else []


# --- Folders -----------------------------------------------------------------------------------------


def _entries_of_a_class(folder: Node, outline: Outliner) -> list[Node]:
    """Return the entries of a folder of many submissions, or an empty list where it is one submission."""
    entries = [node for node in visible(folder) if node.name != _GIVEN]
    loose = [node for node in entries if node.kind is Kind.FILE and is_code(node.name)]
    nested = [node for node in entries if node.kind is Kind.FOLDER or is_archive(node.name)]
    if not loose:
        return nested
    if len(loose) == 1 and not nested:
        return []
    if len(loose) > limits.SCRIPTS and _are_most_whole(loose):
        return _sorted([*loose, *nested])
    return _sorted(_mixed(folder, loose, nested, outline))


def _mixed(folder: Node, loose: Sequence[Node], nested: Sequence[Node], outline: Outliner) -> list[Node]:
    """Return which of the loose files and the entries beside them are submissions; none where all are one."""
    try:
        own = candidates({node.name: node.read() for node in loose}, outline, are_one_students=False)
    except UnreadableError:
        own = []
    if any(_holds_a_submission(node, outline) for node in nested):
        if not own:
            return [*(node for node in loose if _is_broken(node, outline)), *nested]
        return [] if _imports_from(folder, own, outline) else [*loose, *nested]
    names = [PurePosixPath(name).stem.lower() for name in own]
    is_class = len(own) >= _LEAST_CLASS and not any(name.startswith(_RELEASED) for name in names)
    return list(loose) if is_class else []


def _sorted(nodes: Iterable[Node]) -> list[Node]:
    return sorted(nodes, key=lambda node: node.name)


def _are_most_whole(loose: Sequence[Node]) -> bool:
    """Tell whether most of so many files speak of the classes, each of which is then one student's."""
    speaking = 0
    for node in loose:
        try:
            content = node.read()
        except UnreadableError:
            continue
        speaking += any(name in content for name in _CLASSES)
    return 2 * speaking > len(loose)


def _is_broken(node: Node, outline: Outliner) -> bool:
    try:
        return is_broken(node.name, node.read(), outline)
    except UnreadableError:
        return True


def _holds_a_submission(node: Node, outline: Outliner) -> bool:
    """Tell whether there is a file to examine in an entry, tests and folders of very many scripts aside."""
    try:
        files, _ = files_of([("" if node.kind is Kind.FOLDER else node.name, node)])
        return len(files) <= limits.SCRIPTS and not all(map(is_test, candidates(files, outline)))
    except UnreadableError:
        return False


def _imports_from(folder: Node, own: Sequence[str], outline: Outliner) -> bool:
    """Tell whether the only loose candidate imports what lies in the folders beside it."""
    if len(own) > 1:
        return False
    try:
        files, _ = files_of([("", folder)])
        return len(files) <= limits.SCRIPTS and candidates(files, outline) == list(own)
    except UnreadableError:
        return False


# --- Archives ----------------------------------------------------------------------------------------


def _in_archive(file: OnDisk, outline: Outliner, notice: Notice) -> list[Located]:
    """Return the submissions in the archive of a class, or nothing if it is one submission or cannot be read.

    Raises ``UsageError`` if it is cut or damaged: files may be missing, and nobody may get a score for that.
    """
    archive: ClassArchive | None = None
    found: list[Located] = []
    try:
        archive = ClassArchive(file.location)
        archive.verify()
        if not handed(file.name):
            found = _in_archived_folders(InArchive(archive), outline, notice)
    except BrokenArchiveError as error:
        raise UsageError(f"{file.path}: {error}. Download it again; nothing was graded") from None
    except UnreadableError:
        return []
    finally:
        if archive and not found:
            archive.close()
    if found and archive.refused:
        notice(
            f"passed over in {file.path}, as their paths lead out of it or too deep: {named(archive.refused)}"
        )
    return found


def _in_archived_folders(folder: Node, outline: Outliner, notice: Notice) -> list[Located]:
    """Return the submissions in an archive, however many folders are around all of them."""
    while not (found := by_platform(folder, notice)):
        entries = visible(folder)
        if len(entries) != 1 or entries[0].kind is not Kind.FOLDER:
            return _in_archived_folder(folder, outline, notice)
        (folder,) = entries
    return found


def _in_archived_folder(folder: Node, outline: Outliner, notice: Notice) -> list[Located]:
    entries = visible(folder)
    files = [node for node in entries if node.kind is Kind.FILE and node.name != _GIVEN]
    loose = [node for node in files if is_code(node.name)]
    archives = [node for node in files if is_archive(node.name)]
    nested = [node for node in entries if node.kind is Kind.FOLDER] + archives
    if loose or len(nested) < 2:  # noqa: PLR2004 - one of them is no class
        chosen = _entries_of_a_class(folder, outline) if len(loose) >= _LEAST_CLASS else []
    else:
        chosen = nested if _are_several_students(folder, nested, outline) else []
    if chosen:
        passed_over(folder, [node.name for node in chosen], notice)
    return [located(node) for node in _sorted(chosen)]


def _are_several_students(folder: Node, nested: Sequence[Node], outline: Outliner) -> bool:
    """Tell whether what lies side by side in an archive is several students', and not the parts of one's work."""
    has_archives = any(node.kind is Kind.FILE for node in nested)
    files: Mapping[str, bytes] = {}
    try:
        files, _ = files_of([("", folder)])
        if not has_archives and len(files) <= limits.SCRIPTS:
            own = candidates(files, outline, are_one_students=False)
            students = {name.partition("/")[0] for name in own}
            return len(students) >= _LEAST_CLASS or (
                len(students) > 1 and len(candidates(files, outline)) > 1
            )
    except UnreadableError:
        if files:
            return False
    # It is too much for one student, or holds archives.
    holding = sum(_holds_a_submission(node, outline) for node in islice(nested, _LOOKED_INTO))
    return holding >= (2 if has_archives else _LEAST_CLASS)
