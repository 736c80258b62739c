"""Tell whether what was named is one submission or many.

Several paths that were named are one submission each. A single folder or archive may be a class: a folder that a
learning platform filled is many submissions, and so is any other that holds no script or notebook itself but folders
or archives. If scripts and notebooks lie loose, and in an archive, names do not tell: then each entry has a vote,
and nothing but what it defines itself counts (see ``grader.intake.voting``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.errors import BrokenArchiveError, UnreadableError, UsageError
from grader.intake.archives import is_archive
from grader.intake.class_archives import ClassArchive, InArchive
from grader.intake.folders import Kind, Node, OnDisk, is_code, visible
from grader.intake.locating import (
    Located,
    Notice,
    assignment_of,
    by_platform,
    handed_in,
    located,
    located_by_nbgrader,
    named,
    passed_over,
)
from grader.intake.platforms import handed, is_most, platform_of
from grader.intake.voting import LEAST_CLASS, are_many, is_attempt, look_like_classes
from grader.protocol.names import UTILS

__all__ = ["locate_in"]

_RELEASED = "perceptron"
_SUBMITTED, _TIMESTAMP = "submitted", "timestamp.txt"


def locate_in(paths: Sequence[Path], notice: Notice) -> list[Located]:
    """Return the submissions in ``paths``, in order.

    Only what is named alone is looked through for a class. Of several paths each is one student's, who must not be
    able to hand in for others. Raises ``UsageError`` if a path does not exist or cannot be opened.
    """
    nodes = []
    for path in paths:
        if not path.exists():
            raise UsageError(f"{path} does not exist; name a file, a folder or an archive with a submission")
        nodes.append(OnDisk.named(path))
    if len(nodes) != 1:
        return _each(nodes, notice)
    (node,) = nodes
    try:
        return _alone(node, notice)
    except UnreadableError as error:
        raise UsageError(f"{node.location} cannot be read: {error}") from None


# --- Several paths -----------------------------------------------------------------------------------


def _each(nodes: Sequence[OnDisk], notice: Notice) -> list[Located]:
    """Return each of several paths as one submission; one platform has named all of them, or none."""
    collected = _collected_by_nbgrader(nodes)
    platform = platform_of([node.name for node in nodes])
    found = []
    for node in nodes:
        hand = platform.handed(node.name) if platform else None
        own = handed_in(node, hand) if hand else located(node)
        found.append(collected.get(node, own))
    _tell_of_classes([node for node in nodes if node not in collected], notice, "name it alone")
    return found


def _collected_by_nbgrader(nodes: Sequence[OnDisk]) -> Mapping[OnDisk, Located]:
    """Return those that were named below nbgrader's ``submitted/``, if by far most of their level look so."""
    found: dict[OnDisk, Located] = {}
    collected = {node: student for node in nodes if (student := _student_of(node)) is not None}
    if is_most(sum(map(_is_collected, collected)), sum(not _is_collected(node) for node in collected)):
        found |= {node: _of_student(node, student) for node, student in collected.items()}
    students = {node: _assignments_of(node) for node in nodes if _is_in_submitted(node)}
    try:
        names = {str(node.location): list(assignments) for node, assignments in students.items()}
        chosen = assignment_of(names, f"{_SUBMITTED}/*/{{}}")
    except UsageError:
        return found
    return found | {
        node: located_by_nbgrader(assignments[chosen], node.name)
        for node, assignments in students.items()
        if chosen in assignments
    }


def _tell_of_classes(nodes: Sequence[Node], notice: Notice, hint: str) -> None:
    """Tell ``notice`` what looks like a class and is read as one submission, and what to do about it."""
    for entry in look_like_classes(n for n in nodes if n.kind is Kind.FOLDER or is_archive(n.name)):
        notice(
            f"{entry.path} is read as one submission, though {LEAST_CLASS} or more files in it define Layer or "
            f"Perceptron; if it is a class, {hint}"
        )


# --- nbgrader's levels -------------------------------------------------------------------------------


def _student_of(node: OnDisk) -> str | None:
    """Return whose folder ``submitted/STUDENT/ASSIGNMENT`` is, or a file in it; ``None`` for anything else."""
    student = _assignment_folder(node).parent
    return student.name if student.parent.name == _SUBMITTED else None


def _is_collected(node: OnDisk) -> bool:
    """Tell whether the folder of an assignment is what nbgrader has collected, by its name or nbgrader's file."""
    assignment = _assignment_folder(node)
    return _RELEASED in assignment.name.lower() or (assignment / _TIMESTAMP).exists()


def _assignment_folder(node: OnDisk) -> Path:
    location = node.location.resolve()
    return location if node.kind is Kind.FOLDER else location.parent


def _of_student(node: OnDisk, student: str) -> Located:
    return located(node, student) if node.kind is Kind.FILE else located_by_nbgrader(node, student)


def _is_in_submitted(node: OnDisk) -> bool:
    return node.kind is Kind.FOLDER and node.location.resolve().parent.name == _SUBMITTED


def _assignments_of(student: OnDisk) -> Mapping[str, Node]:
    """Return the folders of a student by name; nothing if there is anything else among them."""
    try:
        inside = visible(student)
    except UnreadableError:
        return {}
    return {node.name: node for node in inside} if all(node.kind is Kind.FOLDER for node in inside) else {}


# --- What is named alone -----------------------------------------------------------------------------


def _alone(node: OnDisk, notice: Notice) -> list[Located]:
    student = _student_of(node)
    if student is not None and _is_collected(node):
        return [_of_student(node, student)]
    if _is_in_submitted(node) and (assignments := _assignments_of(node)):
        chosen = assignment_of({node.name: assignments}, f"{node.path}/{{}}")
        if others := sorted(assignments.keys() - {chosen}):
            notice(f"skipped in {node.path}, as they are other assignments: {named(others)}")
        return [located_by_nbgrader(assignments[chosen], node.name)]
    if node.kind is Kind.FOLDER:
        found = _in_folder(node, notice)
    else:
        found = _in_archive(node, notice) if is_archive(node.name) else []
    if found:
        return found
    _tell_of_classes([node], notice, "put the work of each student into a folder of its own")
    hand = handed(node.name)
    return [handed_in(node, hand) if hand else located(node)]


def _in_folder(folder: OnDisk, notice: Notice) -> list[Located]:
    """Return the submissions in a folder, or an empty list if it is one submission."""
    return (
        by_platform(folder, notice)
        or _in_the_only_entry(folder, notice)
        or _located_apart(folder, _entries_of_a_class(folder), notice)
    )


def _in_the_only_entry(folder: Node, notice: Notice) -> list[Located]:
    """Return the submissions in a platform's folder, or in the archive of a class, that lies alone in a folder."""
    entries = visible(folder)
    if len(entries) != 1:
        return []
    (only,) = entries
    if only.kind is Kind.FOLDER:
        return by_platform(only, notice)
    return _in_archive(only, notice) if isinstance(only, OnDisk) and is_archive(only.name) else []


def _entries_of_a_class(folder: Node) -> list[Node]:
    """Return the entries of a folder of many submissions, or an empty list if it is one submission."""
    loose, nested = _entries(folder)
    if not loose:
        return nested
    return _those_handed_in(loose, nested) if are_many(loose, nested, in_archive=False) else []


def _entries(folder: Node) -> tuple[list[Node], list[Node]]:
    """Return the scripts and notebooks in a folder, and the folders and archives beside them."""
    entries = [node for node in visible(folder) if node.name != UTILS]
    loose = [node for node in entries if node.kind is Kind.FILE and is_code(node.name)]
    nested = [node for node in entries if node.kind is Kind.FOLDER or is_archive(node.name)]
    return loose, nested


def _those_handed_in(loose: Sequence[Node], nested: Sequence[Node]) -> list[Node]:
    """Return the submissions of a class; of scripts beside as many folders or more, those that are an attempt."""
    own = [node for node in loose if is_attempt(node)] if len(nested) >= len(loose) else loose
    return sorted([*own, *nested], key=lambda node: node.name)


def _located_apart(folder: Node, entries: Sequence[Node], notice: Notice) -> list[Located]:
    if entries:
        passed_over(folder, [entry.name for entry in entries], notice)
    return [located(entry) for entry in entries]


# --- Archives ----------------------------------------------------------------------------------------


def _in_archive(file: OnDisk, notice: Notice) -> list[Located]:
    """Return the submissions in the archive of a class, or nothing if it is one submission or cannot be read.

    Raises ``UsageError`` if it is cut or damaged: files may be missing, and nobody may get a score for that.
    """
    archive: ClassArchive | None = None
    found: list[Located] = []
    try:
        archive = ClassArchive(file.location)
        archive.verify()
        if not handed(file.name):
            found = _in_archived_folders(InArchive(archive), notice)
    except BrokenArchiveError as error:
        raise UsageError(f"{file.path}: {error}. Download it again; nothing was graded") from None
    except UnreadableError:
        return []
    finally:
        if archive and not found:
            archive.close()
    if found and archive.refused:
        notice(f"skipped in {file.path}, as their paths lead out of it or too deep: {named(archive.refused)}")
    return found


def _in_archived_folders(folder: Node, notice: Notice) -> list[Located]:
    """Return the submissions in an archive, however many folders are around all of them."""
    while not (found := by_platform(folder, notice)):
        entries = visible(folder)
        if len(entries) != 1 or entries[0].kind is not Kind.FOLDER:
            loose, nested = _entries(folder)
            are_students = are_many(loose, nested, in_archive=True)
            return _located_apart(folder, _those_handed_in(loose, nested) if are_students else [], notice)
        (folder,) = entries
    return found
