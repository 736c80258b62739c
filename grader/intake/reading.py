"""Read what was found: the files of one student, under limits, as bytes.

Nothing is decoded and nothing parsed here: that is done on the far side of the wall, under the submission's own clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from grader.candidate.inside.names import UTILS
from grader.errors import UnreadableError
from grader.intake import limits
from grader.intake.archives import is_archive, read_archive
from grader.intake.folders import Kind, Node, OnDisk, is_code, walk
from grader.intake.locating import Located, named
from grader.model import Submission, Unreadable
from grader.text import printable

__all__ = ["files_of", "is_slow", "read_chosen", "read_folder", "read_located"]


def read_located(found: Located) -> Submission | Unreadable:
    """Return the submission that was found; ``Unreadable`` with its reason if it cannot be read."""
    try:
        if found.problem:
            raise UnreadableError(found.problem)
        files, paths = files_of(found.parts)
        main = found.main if found.main in files else _only(files)
        return Submission(found.id, found.path, files, paths, main, found.aliases)
    except UnreadableError as error:
        return Unreadable(found.id, found.path, "", str(error), found.aliases)


def is_slow(found: Located) -> bool:
    """Tell, by names and sizes, whether unpacking what was found may take seconds."""
    try:
        return any(is_archive(name) and node.size > limits.QUICK for name, node in _members(found.parts))
    except UnreadableError:
        return False


def read_chosen(folder: Path, main: str, id_: str) -> Submission | Unreadable:
    """Return the submission in ``folder`` of which the file ``main`` is examined, whatever lies beside it."""
    node, shown = OnDisk.named(folder), printable(id_)
    try:
        files, paths = files_of([("", node)])
        if main not in files:
            file = printable(main)
            raise UnreadableError(f"there is no {file} in it, or it is not a regular file")
        return Submission(shown, node.path, files, paths, main)
    except UnreadableError as error:
        return Unreadable(shown, node.path, "", str(error))


def read_folder(folder: Path, id_: str) -> Submission | Unreadable:
    """Return what is in ``folder`` as one submission, whatever it looks like; ``id_`` is what it is called."""
    node = OnDisk.named(folder)
    return read_located(Located(printable(id_), node.path, (("", node),)))


def _only(files: Mapping[str, bytes]) -> str:
    """Return the name of the only file that could be meant; an empty one if it is to be chosen from several.

    Raises ``UnreadableError`` if there is nothing to choose from, or too much.
    """
    code = [name for name in files if PurePosixPath(name).name != UTILS]
    if not code:
        raise UnreadableError(
            "there is no .py file and no notebook in it" + (" but utils.py" if files else "")
        )
    if len(code) > limits.SCRIPTS:
        raise UnreadableError(
            f"it has more than {limits.SCRIPTS} scripts and notebooks; hand in the one to examine"
        )
    return code[0] if len(code) == 1 else ""


def files_of(parts: Iterable[tuple[str, Node]]) -> tuple[Mapping[str, bytes], Mapping[str, str]]:
    """Return a student's scripts and notebooks, and where they lie, both by the names that the student gave them.

    If there are none, they are those of the only archive. Raises ``UnreadableError`` if there is neither, or too
    much.
    """
    parts = list(parts)
    members = sorted(_members(parts), key=lambda member: member[0])
    code = [member for member in members if is_code(member[0])]
    archives = [member for member in members if is_archive(member[0])]
    if len(archives) == 1 and all(name == UTILS for name, _ in code):
        ((_, archive),) = archives
        with archive.open(limits.PACKED) as file:
            files = read_archive(file)
        return files, {name: f"{archive.path}/{printable(name)}" for name in files}
    if members and not code:
        names = [name for name, _ in members]
        raise UnreadableError(_nothing(names, is_file=[name for name, _ in parts] == names))
    return _read(code), {name: node.path for name, node in code}


def _members(parts: Iterable[tuple[str, Node]]) -> Iterable[tuple[str, Node]]:
    for name, node in parts:
        if node.kind is Kind.FOLDER:
            yield from walk(node)
        else:
            yield name, node


def _read(code: Iterable[tuple[str, Node]]) -> Mapping[str, bytes]:
    files: dict[str, bytes] = {}
    total = 0
    for name, node in code:
        if name in files:
            raise UnreadableError(f"it has two files named {printable(name)}")
        files[name] = node.read()
        total += len(files[name])
        if total > limits.BYTES:
            raise UnreadableError(f"its files are larger than {limits.BYTES // 10**6} MB together")
    return files


def _nothing(names: Sequence[str], *, is_file: bool) -> str:
    if is_file and len(names) == 1:
        kinds = "a .py file, a notebook (.ipynb), a folder or an archive (zip, tar)"
        return f"{printable(names[0])} is none of the kinds that can be read: {kinds}"
    return f"there is no .py file and no notebook in it, only {named(names)}"
