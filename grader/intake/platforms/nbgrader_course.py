"""What nbgrader has collected: a course's folder, its ``submitted/``, or folders below that.

The levels are ``submitted/STUDENT/ASSIGNMENT``, with a ``timestamp.txt`` of nbgrader's in the last.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.errors import UnreadableError, UsageError
from grader.intake.folders import Kind, Node, OnDisk, children_of, is_ignored, visible
from grader.intake.found import FoundSubmission, Notice, could_be_submission, name_list, tell_skipped
from grader.intake.platforms.assignments import EXERCISE, choose_assignment, is_clear_majority
from grader.text import printable

__all__ = ["find", "find_named", "find_of_student"]

_SUBMITTED, _TIMESTAMP = "submitted", "timestamp.txt"
_NOTEBOOK = "perceptron.ipynb"
"""The released notebook, the only file that nbgrader grades."""
_COURSE = frozenset({"source", "release", "autograded", "feedback", "gradebook.db", "nbgrader_config.py"})


# --- A folder with everybody -------------------------------------------------------------------------


def find(folder: Node, notice: Notice) -> list[FoundSubmission]:
    """Return what lies in a course's folder, or in its folder of collected submissions."""
    nodes = {node.name: node for node in visible(folder)}
    submitted = nodes.get(_SUBMITTED)
    is_course = len(nodes) == 1 or not _COURSE.isdisjoint(nodes)
    if submitted is not None and submitted.kind is Kind.FOLDER and is_course:
        return _of_everybody(submitted, notice)
    return _of_everybody(folder, notice) if _looks_collected(folder) else []


def _looks_collected(folder: Node) -> bool:
    """Tell whether most entries of a folder are students, by the timestamps that nbgrader puts into assignments.

    In a folder called ``submitted``, it is enough that most students have an assignment called like the exercise.
    """
    students = _folders_in(folder)
    if folder.name == _SUBMITTED and not _has_code(folder):
        without_code = [student for student in students if not _has_code(student)]
        count = Counter(inner.name for student in without_code for inner in _folders_in(student))
        if any(EXERCISE in name.lower() and 2 * count[name] > len(students) for name in count):
            return True
    entries = sum(map(could_be_submission, visible(folder)))
    return 0 < entries < 2 * sum(map(_has_timestamp, students))


def _of_everybody(submitted: Node, notice: Notice) -> list[FoundSubmission]:
    """Return each student's folder of the one assignment that is meant."""
    students = {
        node.name: {inner.name: inner for inner in _folders_in(node)} for node in _folders_in(submitted)
    }
    chosen = choose_assignment(students, f"{submitted.path}/*/{{}}")
    found = [_collected(inner[chosen], name) for name, inner in students.items() if chosen in inner]
    tell_skipped(submitted, students, notice)
    if without := [name for name, inner in students.items() if chosen not in inner]:
        notice(f"without {printable(chosen)} in {submitted.path}: {name_list(without)}")
    _tell_others({name for inner in students.values() for name in inner}, chosen, submitted, notice)
    return found


def _tell_others(names: set[str], chosen: str, folder: Node, notice: Notice) -> None:
    if others := sorted(names - {chosen}):
        notice(f"skipped in {folder.path}, as they are other assignments: {name_list(others)}")


# --- Folders and files that were named one by one ----------------------------------------------------


def find_named(nodes: Sequence[OnDisk]) -> Mapping[OnDisk, FoundSubmission]:
    """Return those of several named paths that lie below ``submitted/``, if a clear majority looks collected."""
    found: dict[OnDisk, FoundSubmission] = {}
    collected = {node: student for node in nodes if (student := _student_of(node)) is not None}
    fitting = sum(map(_is_collected, collected))
    if is_clear_majority(fitting, len(collected) - fitting):
        found |= {node: _of_student(node, student) for node, student in collected.items()}
    students = {node: _assignments_of(node) for node in nodes if _is_in_submitted(node)}
    try:
        chosen = choose_assignment(
            {str(node.location): list(inner) for node, inner in students.items()}, f"{_SUBMITTED}/*/{{}}"
        )
    except UsageError:
        return found
    return found | {
        node: _collected(inner[chosen], node.name) for node, inner in students.items() if chosen in inner
    }


def find_of_student(node: OnDisk, notice: Notice) -> FoundSubmission | None:
    """Return a student's folder below ``submitted/``, an assignment in it, or a file of that; ``None`` for others."""
    student = _student_of(node)
    if student is not None and _is_collected(node):
        return _of_student(node, student)
    assignments = _assignments_of(node) if _is_in_submitted(node) else {}
    if not assignments:
        return None
    chosen = choose_assignment({node.name: assignments}, f"{node.path}/{{}}")
    _tell_others(set(assignments), chosen, node, notice)
    return _collected(assignments[chosen], node.name)


def _student_of(node: OnDisk) -> str | None:
    """Return whose assignment a folder is, or a file in it; ``None`` if it does not lie in ``submitted/*/``."""
    student = _assignment_folder(node).parent
    return student.name if student.parent.name == _SUBMITTED else None


def _is_collected(node: OnDisk) -> bool:
    assignment = _assignment_folder(node)
    return EXERCISE in assignment.name.lower() or (assignment / _TIMESTAMP).exists()


def _assignment_folder(node: OnDisk) -> Path:
    location = node.location.resolve()
    return location if node.kind is Kind.FOLDER else location.parent


def _is_in_submitted(node: OnDisk) -> bool:
    return node.kind is Kind.FOLDER and node.location.resolve().parent.name == _SUBMITTED


def _assignments_of(student: OnDisk) -> Mapping[str, Node]:
    """Return a student's folders by name; nothing if there is anything else among them."""
    try:
        nodes = visible(student)
    except UnreadableError:
        return {}
    return {node.name: node for node in nodes} if all(node.kind is Kind.FOLDER for node in nodes) else {}


def _of_student(node: OnDisk, student: str) -> FoundSubmission:
    return FoundSubmission.of(node, student) if node.kind is Kind.FILE else _collected(node, student)


def _collected(node: Node, student: str) -> FoundSubmission:
    return FoundSubmission.of(node, student, main=_NOTEBOOK)


# --- What lies in a folder ---------------------------------------------------------------------------


def _folders_in(folder: Node) -> list[Node]:
    return [node for node in children_of(folder) if node.kind is Kind.FOLDER and not is_ignored(node.name)]


def _has_code(folder: Node) -> bool:
    return any(could_be_submission(node) and node.kind is Kind.FILE for node in children_of(folder))


def _has_timestamp(student: Node) -> bool:
    return any(
        node.name == _TIMESTAMP for assignment in _folders_in(student) for node in children_of(assignment)
    )
