"""Tells what the files in a folder could be, where names do not tell whether it is one submission or many."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

from grader.candidate.inside import choosing
from grader.candidate.inside.decoding import ProblemError
from grader.candidate.inside.parsing import NotPythonError
from grader.errors import UnreadableError
from grader.resources import assignment_path
from grader.text import printable

__all__ = ["Outliner", "candidates", "is_broken", "is_test"]

Outliner = Callable[[], None]


def candidates(files: Mapping[str, bytes], _outline: Outliner, *, are_one_students: bool = True) -> list[str]:
    """Return the names of the files that could be the one to examine; raises ``UnreadableError`` for none."""
    try:
        return choosing.candidates(_files(files), _skeletons(), are_one_students=are_one_students)
    except ProblemError as error:
        raise UnreadableError(str(error)) from None


def is_test(name: str) -> bool:
    """Tell whether a file of this name holds tests."""
    return choosing._is_test(name)


def is_broken(name: str, content: bytes, _outline: Outliner) -> bool:
    """Tell whether a file is no text or no Python, so that nobody can say what it defines."""
    try:
        return isinstance(_files({name: content}).outlined(name).problem, NotPythonError)
    except ProblemError:
        return True


def _files(files: Mapping[str, bytes]) -> choosing.Files:
    return choosing.Files(files, {name: printable(str(PurePosixPath(name)), keep="") for name in files})


def _skeletons() -> list[str]:
    released = sorted(assignment_path().glob("perceptron.*"))
    return [choosing.digest_of_code(p.name, p.read_bytes()) for p in released]
