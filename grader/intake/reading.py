"""Read the submissions that were found, one by one and under limits, as bytes.

Decoding and parsing is left to the far side of the wall, under the submission's own clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from grader.errors import UnreadableError
from grader.failures import ungraded_by
from grader.intake import limits
from grader.intake.archives.submission_archive import read_archive
from grader.intake.folders import Node, OnDisk, is_archive, is_code
from grader.intake.found import FoundSubmission, name_list_message
from grader.model import Message, Submission, Unreadable
from grader.protocol.names import UTILS
from grader.text import printable

__all__ = ["Entries", "is_slow", "read_files", "read_folder", "read_submission"]


class Entries:
    """The submissions of a class, in order; each is read when it is asked for, and not held in memory."""

    def __init__(self, found: Sequence[FoundSubmission]) -> None:
        self._found = found

    def __len__(self) -> int:
        return len(self._found)

    def __getitem__(self, place: int) -> Submission | Unreadable:
        found = self._found[place]
        try:
            return read_submission(found)
        except Exception as error:  # noqa: BLE001 - whatever it is, the others are graded
            reason = Message.verbatim(ungraded_by(error, found.id))
            return Unreadable(found.id, found.path, "", reason, found.aliases, is_ours=True)

    def is_slow(self, place: int) -> bool:
        """Tell, by names and sizes, whether reading the submission at ``place`` may take seconds."""
        return is_slow(self._found[place])


def read_submission(found: FoundSubmission, main: str = "") -> Submission | Unreadable:
    """Return the submission that was found, or ``Unreadable`` with the reason.

    With ``main``, that file is examined and must be there. Otherwise it is the one that ``found`` names, if that is
    there, or the only one, or one that the far side chooses.
    """
    try:
        if found.problem is not None:
            return Unreadable(found.id, found.path, "", found.problem, found.aliases)
        files, paths = read_files(found)
        if main and main not in files:
            raise UnreadableError(
                "there is no {file} in it, or it is not a regular file", file=printable(main)
            )
        main = main or (found.main if found.main in files else _only(files))
        return Submission(found.id, found.path, files, paths, main, found.aliases)
    except UnreadableError as error:
        return Unreadable(found.id, found.path, "", error.message, found.aliases)
    finally:
        # They would stay in memory as long as the list of all submissions, and be sent to other processes.
        vars(found).pop("files", None)


def read_folder(folder: Path, id_: str, main: str = "") -> Submission | Unreadable:
    """Return everything in ``folder`` as one submission called ``id_``, whatever it looks like.

    With ``main``, that file is examined and must be there.
    """
    node = OnDisk.named(folder)
    return read_submission(FoundSubmission(printable(id_), node.path, (("", node),)), main)


def is_slow(found: FoundSubmission) -> bool:
    """Tell, by names and sizes, whether unpacking a submission may take seconds."""
    try:
        return any(is_archive(name) and node.size > limits.QUICK for name, node in found.files)
    except UnreadableError:
        return False


def read_files(found: FoundSubmission) -> tuple[Mapping[str, bytes], Mapping[str, str]]:
    """Return a student's scripts and notebooks, and their paths, both by the names that the student gave them.

    If there are none, they are those in the only archive. Raises ``UnreadableError`` if there is neither, or too much.
    """
    members = sorted(found.files, key=lambda member: member[0])
    code = [member for member in members if is_code(member[0])]
    archives = [member for member in members if is_archive(member[0])]
    if len(archives) == 1 and all(name == UTILS for name, _ in code):
        ((_, archive),) = archives
        with archive.open(limits.PACKED) as file:
            files = read_archive(file)
        return files, {name: f"{archive.path}/{printable(name)}" for name in files}
    if members and not code:
        names = [name for name, _ in members]
        raise _nothing(names, is_file=[name for name, _ in found.parts] == names)
    return _read(code), {name: node.path for name, node in code}


def _only(files: Mapping[str, bytes]) -> str:
    """Return the name of the only file to examine; empty if there are several.

    Raises ``UnreadableError`` if there is none, or if there are too many.
    """
    code = [name for name in files if PurePosixPath(name).name != UTILS]
    if not code:
        raise UnreadableError(
            "there is no .py file and no notebook in it but utils.py"
            if files
            else "there is no .py file and no notebook in it"
        )
    if len(code) > limits.SCRIPTS:
        raise UnreadableError(
            "it has more than {limit} scripts and notebooks; hand in the one to examine", limit=limits.SCRIPTS
        )
    return code[0] if len(code) == 1 else ""


def _read(code: Iterable[tuple[str, Node]]) -> Mapping[str, bytes]:
    files: dict[str, bytes] = {}
    total = 0
    for name, node in code:
        if name in files:
            raise UnreadableError("it has two files named {file}", file=printable(name))
        files[name] = node.read()
        total += len(files[name])
        if total > limits.BYTES:
            raise UnreadableError(
                "its files are larger than {limit} MB together", limit=limits.BYTES // 10**6
            )
    return files


def _nothing(names: Sequence[str], *, is_file: bool) -> UnreadableError:
    if is_file and len(names) == 1:
        return UnreadableError(
            "{file} is not a .py file, a notebook (.ipynb), a folder or an archive (zip, tar)",
            file=printable(names[0]),
        )
    return UnreadableError(
        "there is no .py file and no notebook in it, only {files}", files=name_list_message(names)
    )
