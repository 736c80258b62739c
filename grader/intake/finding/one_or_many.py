"""Tell whether a path holds one submission or many.

Of several named paths, each is one submission. A single folder or archive may be a class. A folder that a learning
platform filled holds many submissions, and so does any other that holds no script or notebook itself, but folders or
archives. If scripts and notebooks lie loose, and in an archive, names do not decide, but ``class_detection`` does.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.errors import BrokenArchiveError, UnreadableError, UsageError
from grader.intake.archives.class_archive import ClassArchive, InArchive
from grader.intake.finding.class_detection import LEAST_CLASS, are_many, is_attempt, look_like_classes
from grader.intake.folders import Kind, Node, OnDisk, is_archive, is_code, visible, walk
from grader.intake.found import FoundSubmission, Notice, is_gradable, name_list, tell_skipped
from grader.intake.platforms import find_by_platform, nbgrader_course
from grader.intake.platforms.uploads import names_of_platform, parse_alone
from grader.protocol.names import UTILS

__all__ = ["find_alone", "find_each"]


def find_each(nodes: Sequence[OnDisk], notice: Notice) -> list[FoundSubmission]:
    """Return each of several named paths as one submission; one platform has named all of them, or none has."""
    collected = nbgrader_course.find_named(nodes)
    platform = names_of_platform([node.name for node in nodes])
    found = []
    for node in nodes:
        upload = platform.parse(node.name) if platform else None
        own = upload.submission(node) if upload else FoundSubmission.of(node)
        found.append(collected.get(node, own))
    _tell_of_classes([node for node in nodes if node not in collected], notice, "name it alone")
    return found


def find_alone(node: OnDisk, notice: Notice) -> list[FoundSubmission]:
    """Return the submissions in the only path that was named.

    Raises ``UsageError`` for a folder in which there is nothing to grade, and for a broken archive.
    """
    if (collected := nbgrader_course.find_of_student(node, notice)) is not None:
        return [collected]
    if node.kind is Kind.FOLDER:
        found = _in_folder(node, notice)
    else:
        found = _in_archive(node, notice) if is_archive(node.name) else []
    if found:
        return found
    _tell_of_classes([node], notice, "put the work of each student into a folder of its own")
    upload = parse_alone(node.name)
    return [upload.submission(node) if upload else FoundSubmission.of(node)]


def _tell_of_classes(nodes: Sequence[Node], notice: Notice, advice: str) -> None:
    """Say which nodes look like a class, although each is read as one submission."""
    for node in look_like_classes(n for n in nodes if n.kind is Kind.FOLDER or is_archive(n.name)):
        notice(
            f"{node.path} is read as one submission, though {LEAST_CLASS} or more files in it define Layer or "
            f"Perceptron; if it is a class, {advice}"
        )


# --- Folders -----------------------------------------------------------------------------------------


def _in_folder(folder: OnDisk, notice: Notice) -> list[FoundSubmission]:
    """Return the submissions in a folder, or an empty list if it is one submission."""
    if found := find_by_platform(folder, notice) or _in_the_only_entry(folder, notice):
        return found
    if not _has_gradable_files(folder):
        raise UsageError(
            f"{folder.path} has nothing to grade: there is no .py file, no notebook and no archive in it"
        )
    loose, nested = _candidates(folder)
    if loose:
        nested = _attempts(loose, nested) if are_many(loose, nested, in_archive=False) else []
    return _each_in(folder, nested, notice)


def _in_the_only_entry(folder: Node, notice: Notice) -> list[FoundSubmission]:
    """Return the submissions in a platform's folder, or in the archive of a class, that lies alone in a folder."""
    entries = visible(folder)
    if len(entries) != 1:
        return []
    (only,) = entries
    if only.kind is Kind.FOLDER:
        return find_by_platform(only, notice)
    return _in_archive(only, notice) if isinstance(only, OnDisk) and is_archive(only.name) else []


def _has_gradable_files(folder: Node) -> bool:
    try:
        return any(is_gradable(name) for name, _ in walk(folder))
    except UnreadableError:
        return True  # There is too much to tell; what is too much for one student is said when it is read.


def _candidates(folder: Node) -> tuple[list[Node], list[Node]]:
    """Return the scripts and notebooks in a folder, and the folders and archives beside them."""
    entries = [node for node in visible(folder) if node.name != UTILS]
    loose = [node for node in entries if node.kind is Kind.FILE and is_code(node.name)]
    nested = [node for node in entries if node.kind is Kind.FOLDER or is_archive(node.name)]
    return loose, nested


def _attempts(loose: Sequence[Node], nested: Sequence[Node]) -> list[Node]:
    """Return the submissions of a class; of scripts beside as many folders or more, those that are an attempt."""
    own = [node for node in loose if is_attempt(node)] if len(nested) >= len(loose) else loose
    return [*own, *nested]


def _each_in(folder: Node, entries: Sequence[Node], notice: Notice) -> list[FoundSubmission]:
    if entries:
        tell_skipped(folder, [entry.name for entry in entries], notice)
    return [FoundSubmission.of(entry) for entry in entries]


# --- Archives ----------------------------------------------------------------------------------------


def _in_archive(file: OnDisk, notice: Notice) -> list[FoundSubmission]:
    """Return the submissions in the archive of a class, or an empty list if it is one submission or unreadable.

    Raises ``UsageError`` if it is cut or damaged: files may be missing, and nobody may get a score for that.
    """
    archive: ClassArchive | None = None
    found: list[FoundSubmission] = []
    try:
        archive = ClassArchive(file.location)
        archive.verify()
        if not parse_alone(file.name):
            found = _in_archived_folders(InArchive(archive), notice)
    except BrokenArchiveError as error:
        raise UsageError(f"{file.path}: {error}. Download it again; nothing was graded") from None
    except UnreadableError:
        return []
    finally:
        if archive and not found:
            archive.close()
    if found and archive.refused:
        notice(
            f"skipped in {file.path}, as their paths lead out of it or too deep: {name_list(archive.refused)}"
        )
    return found


def _in_archived_folders(folder: Node, notice: Notice) -> list[FoundSubmission]:
    """Return the submissions in an archive, however many folders are around all of them."""
    while not (found := find_by_platform(folder, notice)):
        entries = visible(folder)
        if len(entries) != 1 or entries[0].kind is not Kind.FOLDER:
            loose, nested = _candidates(folder)
            are_students = are_many(loose, nested, in_archive=True)
            return _each_in(folder, _attempts(loose, nested) if are_students else [], notice)
        (folder,) = entries
    return found
