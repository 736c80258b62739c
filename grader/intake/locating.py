"""Find what a class handed in, by names and levels alone: nothing that a student wrote is opened."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from os.path import commonprefix
from pathlib import PurePosixPath

from grader.candidate.inside.names import UTILS
from grader.errors import UnreadableError, UsageError
from grader.intake import limits
from grader.intake.archives import archive_stem, is_archive
from grader.intake.folders import Kind, Node, is_code, is_ignored, visible
from grader.intake.platforms import Handed, is_most, platform_of
from grader.text import printable

__all__ = [
    "Located",
    "Notice",
    "assignment_of",
    "by_platform",
    "handed_in",
    "is_countable",
    "located",
    "located_by_nbgrader",
    "named",
    "passed_over",
    "shown",
]

Notice = Callable[[str], None]

_NAMED = 8
_LEAST_SHARED = 3
"""Students whose assignment is called alike, from which on a name that only one has is not the assignment's."""
_ASSIGNMENT = "perceptron"
_METADATA = "submission_metadata.yml"
_SUBMISSION = re.compile(r"submission_\d+")
_EXERCISE = re.compile(rf".*?{_ASSIGNMENT}[^-]*-(?:\d+-)*", re.IGNORECASE)
_SUBMITTED, _TIMESTAMP = "submitted", "timestamp.txt"
_NOTEBOOK = "perceptron.ipynb"
_COURSE = frozenset({"source", "release", "autograded", "feedback", "gradebook.db", "nbgrader_config.py"})


@dataclass(frozen=True)
class Located:
    """What one student handed in, found but not read."""

    id: str
    path: str
    """The file, folder or archive, as the person who grades would name it."""
    parts: tuple[tuple[str, Node], ...]
    """Files by the names that the student gave them, and folders that are the whole (without a name)."""
    aliases: tuple[str, ...] = ()
    """Other names that the student goes by: the number or the e-mail address in a gradebook, say."""
    problem: str = ""
    """Why there is nothing to read, if there is nothing."""
    main: str = ""
    """The file to examine, if it is there, whatever lies beside it."""


def located(node: Node, id_: str | None = None, aliases: Iterable[str] = ()) -> Located:
    """Return a file, folder or archive as one student's: called ``id_``, else after itself."""
    name = "" if node.kind is Kind.FOLDER else node.name
    called = shown(_id_of(node) if id_ is None else id_)
    return Located(called, node.path, ((name, node),), tuple(map(shown, aliases)))


def handed_in(node: Node, hand: Handed) -> Located:
    """Return what is called as a platform calls it as that student's, under the name that the student gave it."""
    return replace(located(node, hand.id, hand.aliases), parts=((_given_name(node, hand), node),))


def _given_name(node: Node, hand: Handed) -> str:
    return hand.file or ("" if node.kind is Kind.FOLDER else node.name)


def located_by_nbgrader(node: Node, student: str) -> Located:
    """Return what nbgrader has collected of a student, of which it grades the released notebook alone."""
    return replace(located(node, student), main=_NOTEBOOK)


def _id_of(node: Node) -> str:
    """Return what a file, folder or archive is called without its ending."""
    if node.kind is Kind.FOLDER:
        return node.name
    return archive_stem(node.name) if is_archive(node.name) else PurePosixPath(node.name).stem


def passed_over(folder: Node, taken: Iterable[str], notice: Notice) -> None:
    """Tell ``notice`` what lies in a folder of many submissions and is not among those ``taken``, by name."""
    left_out = {*taken, UTILS}
    names = [
        node.name for node in folder.children() if node.name not in left_out and not is_ignored(node.name)
    ]
    if names:
        notice(f"skipped in {folder.path}, as they are not submissions: {named(names)}")


def named(names: Sequence[str]) -> str:
    """Return as many of the names as fit a line, and how many more there are."""
    more = len(names) - _NAMED
    shown = ", ".join(printable(name) for name in names[:_NAMED])
    return shown + (f" and {more} more" if more > 0 else "")


def by_platform(folder: Node, notice: Notice) -> list[Located]:
    """Return what is in a folder that a learning platform filled, or nothing if it is another."""
    for find in (_gradescope, _by_names, _nbgrader, _clones):
        if found := find(folder, notice):
            return found
    return []


# --- Gradescope --------------------------------------------------------------------------------------


def _gradescope(folder: Node, notice: Notice) -> list[Located]:
    """Return what Gradescope exported: folders of its own names beside its metadata."""
    children = {node.name: node for node in visible(folder)}
    metadata = children.get(_METADATA)
    entries = [node for node in children.values() if is_countable(node)]
    named_so = [node for node in entries if node.kind is Kind.FOLDER and _SUBMISSION.fullmatch(node.name)]
    if metadata is None or not named_so or not is_most(len(named_so), len(entries) - len(named_so)):
        return []
    from grader.intake.gradescope import submitters  # noqa: PLC0415 - imports yaml

    try:
        people = submitters(metadata.read(limits.METADATA))
    except UnreadableError as error:
        notice(f"{_METADATA} {error}; the submissions in {folder.path} are named by their folders")
        people = {}
    found, taken = [], [_METADATA]
    for node in entries:
        name = node.name
        taken.append(name)
        who = [person for person in people.get(name, []) if person.id]
        for person in who:
            aliases = dict.fromkeys((person.email, person.sid, person.name, name))
            found.append(located(node, person.id, filter(None, aliases)))
        if not who:
            found.append(located(node))
    passed_over(folder, taken, notice)
    if missing := sorted(people.keys() - children.keys()):
        notice(f"named in {_METADATA}, but not in {folder.path}: {named(missing)}")
    return found


# --- nbgrader ----------------------------------------------------------------------------------------


def _nbgrader(folder: Node, notice: Notice) -> list[Located]:
    """Return what lies in a course's folder or in its folder of what was collected."""
    children = {node.name: node for node in visible(folder)}
    submitted = children.get(_SUBMITTED)
    if (
        submitted is not None
        and submitted.kind is Kind.FOLDER
        and (len(children) == 1 or _COURSE & set(children))
    ):
        return _students(submitted, notice)
    return _students(folder, notice) if _is_collected(folder) else []


def _is_collected(folder: Node) -> bool:
    """Tell whether most entries of a folder are students with assignments, by what nbgrader puts beside them.

    In a folder of nbgrader's name it is enough that most have one that is called as the exercise is.
    """
    students = _folders_in(folder)
    if folder.name == _SUBMITTED and not _has_code(folder):
        assignments = Counter(
            assignment.name
            for student in students
            if not _has_code(student)
            for assignment in _folders_in(student)
        )
        if any(
            _ASSIGNMENT in name.lower() and 2 * count > len(students) for name, count in assignments.items()
        ):
            return True
    entries = sum(map(is_countable, visible(folder)))
    return 0 < entries < 2 * sum(map(_has_a_timestamp, students))


def _has_code(folder: Node) -> bool:
    return any(is_countable(node) and node.kind is Kind.FILE for node in _inside(folder))


def _has_a_timestamp(student: Node) -> bool:
    return any(
        _TIMESTAMP in (node.name for node in _inside(assignment)) for assignment in _folders_in(student)
    )


def _students(submitted: Node, notice: Notice) -> list[Located]:
    """Return each student's folder of the assignment out of those that nbgrader has collected."""
    students = {
        node.name: {inner.name: inner for inner in _folders_in(node)} for node in _folders_in(submitted)
    }
    names = {name for assignments in students.values() for name in assignments}
    assignment = assignment_of(students, f"{submitted.path}/*/{{}}")
    found = [
        located_by_nbgrader(assignments[assignment], student)
        for student, assignments in students.items()
        if assignment in assignments
    ]
    passed_over(submitted, students, notice)
    if without := [student for student, assignments in students.items() if assignment not in assignments]:
        notice(f"without {printable(assignment)} in {submitted.path}: {named(without)}")
    if others := sorted(names - {assignment}):
        notice(f"skipped in {submitted.path}, as they are other assignments: {named(others)}")
    return found


def assignment_of(students: Mapping[str, Iterable[str]], path: str) -> str:
    """Return which of the students' assignments is meant: the only one, or the one that has the exercise's name.

    A name that only one of them has decides nothing if three or more share another. Raises ``UsageError`` if it
    cannot be told; ``path`` is where each assignment lies, with ``{}`` for its name.
    """
    count = Counter(name for names in students.values() for name in set(names))
    is_shared = max(count.values(), default=0) >= _LEAST_SHARED
    known = sorted(name for name in count if count[name] > 1 or not is_shared)
    fitting = [name for name in known if name.lower() == _ASSIGNMENT] or [
        name for name in known if _ASSIGNMENT in name.lower()
    ]
    chosen = known if len(known) == 1 else fitting
    if len(chosen) == 1:
        return chosen[0]
    if not known:
        raise UsageError(f"{path.replace('{}', '*')} is not there: nothing has been collected")
    raise UsageError(
        f"{path.replace('{}', '*')} are several assignments ({named(known)}), and none of them alone is called "
        f"{_ASSIGNMENT}; name one, as in {path.replace('{}', printable((chosen or known)[0]))}"
    )


# --- GitHub Classroom ----------------------------------------------------------------------------------


def _clones(folder: Node, notice: Notice) -> list[Located]:
    """Return the clones of a class's repositories, named without what their names have in common.

    All folders must be clones: a student may have handed in a ``.git``, and must not rename others by it.
    """
    children = [node for node in visible(folder) if is_countable(node)]
    folders = [node for node in children if node.kind is Kind.FOLDER]
    if not folders or 2 * len(folders) <= len(children) or not all(map(_is_clone, folders)):
        return []
    prefix = _prefix([node.name for node in folders], folder.name)
    found = [
        located(node, _id_of(node).removeprefix(prefix), [node.name] if node.name.startswith(prefix) else [])
        for node in children
    ]
    passed_over(folder, [node.name for node in children], notice)
    return found


def _is_clone(folder: Node) -> bool:
    return any(node.name == ".git" for node in _inside(folder))


def _prefix(names: Sequence[str], folder: str) -> str:
    """Return the assignment's name as all repositories have it, up to its hyphen.

    The folder says it, or the exercise's name and a number after it do. What is only common to all may be longer: it
    depends on who else is there.
    """
    announced = f"{folder.removesuffix('-submissions')}-"
    if all(name.startswith(announced) and name != announced for name in names):
        return announced
    common = commonprefix(names)  # noqa: RUF071 - names, not paths
    common = common[: common.rfind("-") + 1]
    if exercise := _EXERCISE.match(common):
        return exercise[0]
    return common if len(names) > 1 else ""


# --- Moodle, Canvas, the exchange of nbgrader ------------------------------------------------------------


def _by_names(folder: Node, notice: Notice) -> list[Located]:
    """Return what is in a folder where by far most names are one platform's; the others are named by themselves."""
    nodes = visible(folder)
    platform = platform_of(
        [node.name for node in nodes if is_countable(node)],
        [node.name for node in nodes if not is_countable(node)],
    )
    if platform is None:
        return []
    named_so = {node: platform.handed(node.name) for node in nodes}
    hands = [(node, hand) for node, hand in named_so.items() if hand]
    others = [node for node, hand in named_so.items() if hand is None and is_countable(node)]
    taken = [node.name for node in [*(node for node, _ in hands), *others]]
    if len({hand.assignment for _, hand in hands}) > 1:
        hands = _of_one_assignment(folder, hands, notice)
    found = list(_by_student(folder, hands, notice))
    ids = {one.id for one in found}
    for node in others:
        one = located(node)
        found.append(replace(one, id=shown(node.name)) if one.id in ids else one)
    passed_over(folder, taken, notice)
    return sorted(found, key=lambda one: one.path)


def _of_one_assignment(
    folder: Node, hands: Sequence[tuple[Node, Handed]], notice: Notice
) -> list[tuple[Node, Handed]]:
    students: dict[str, list[str]] = {}
    for _, hand in hands:
        students.setdefault(hand.id, []).append(hand.assignment)
    assignment = assignment_of(students, f"{folder.path}/*+{{}}+*")
    others = sorted({hand.assignment for _, hand in hands} - {assignment})
    notice(f"skipped in {folder.path}, as they are other assignments: {named(others)}")
    return [(node, hand) for node, hand in hands if hand.assignment == assignment]


def _by_student(folder: Node, hands: Sequence[tuple[Node, Handed]], notice: Notice) -> Iterator[Located]:
    of_student: dict[str, list[tuple[Node, Handed]]] = {}
    for node, hand in hands:
        of_student.setdefault(hand.id, []).append((node, hand))
    older: list[str] = []
    for id_, things in of_student.items():
        newest: dict[str, tuple[Node, Handed]] = {}
        parts = []
        for node, hand in sorted(things, key=lambda thing: thing[1].turn):
            if hand.turn and hand.file in newest:
                older.append(newest[hand.file][0].name)
            elif not hand.turn:
                parts.append((_given_name(node, hand), node))
                continue
            newest[hand.file] = node, hand
        parts += [(file, node) for file, (node, _) in newest.items()]
        parts.sort(key=lambda part: (part[0], part[1].name))
        path = parts[0][1].path if len(parts) == 1 else f"{folder.path}/{shown(id_)}"
        yield Located(shown(id_), path, tuple(parts), tuple(map(shown, things[0][1].aliases)))
    if older:
        notice(f"skipped in {folder.path}, as the same students handed in newer ones: {named(sorted(older))}")


# --- What all of them need -------------------------------------------------------------------------------


def is_countable(node: Node) -> bool:
    """Tell whether a node could be what a student handed in."""
    if node.kind is Kind.FOLDER:
        return True
    return node.kind is Kind.FILE and node.name != UTILS and (is_code(node.name) or is_archive(node.name))


def _inside(folder: Node) -> Sequence[Node]:
    try:
        return folder.children()
    except UnreadableError:
        return []


def _folders_in(folder: Node) -> list[Node]:
    try:
        return [node for node in visible(folder) if node.kind is Kind.FOLDER]
    except UnreadableError:
        return []


def shown(text: str) -> str:
    """Return an id as it is written wherever it was typed: composed, and harmless to print."""
    return printable(unicodedata.normalize("NFC", text))
