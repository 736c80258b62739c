"""Exceptions in a student's code: their text, and the student's own line."""

from __future__ import annotations

import linecache
import sysconfig
import traceback
from difflib import get_close_matches
from pathlib import Path

import numpy as np

from checks.results import Wrong
from checks.words import _

_NOT_THEIRS = [
    Path(path).resolve() for path in (*map(sysconfig.get_path, ("stdlib", "purelib")), np.__path__[0])
]
_HERE = Path(__file__).resolve().parent
_OWN = (_HERE, _HERE.with_name("check.py"), _HERE.with_name("criteria.py"))


class NotWritten(Exception):  # noqa: N818 - it is no error, but work to do
    """A method still raises the NotImplementedError of the skeleton."""


def raised(error: BaseException, method: str, facts: list[tuple[str, str]]) -> Wrong:
    """Describe an exception by its type, its text and the student's own line."""
    text = " ".join(str(error).split())[:300]
    what = f"{type(error).__name__}: {text}" if text else type(error).__name__
    says = _("{method} raised {error}").format(method=method, error=what)
    return Wrong(says, facts=facts, place=place_of(error), hint=_hint(error))


_OF_A_LAYER = ("weights", "biases", "inputs", "outputs", "activation", "layers")


def _hint(error: BaseException) -> str:
    """Return what to look at for the exceptions that are met most often."""
    text, name = str(error), getattr(error, "name", None)
    if isinstance(error, NameError) and name in _OF_A_LAYER:
        return _("Is it self.{name}?").format(name=name)
    if isinstance(error, NameError) and not isinstance(error, UnboundLocalError):
        return _("A method knows its own names, its parameters, and what is defined above the classes.")
    if isinstance(error, AttributeError) and name and (like := get_close_matches(name, dir(error.obj), 1)):
        return _("Did you mean {name}?").format(name=like[0])
    if isinstance(error, EOFError):
        return _("Nobody can type anything in here: leave input() out.")
    if isinstance(error, TypeError) and "positional argument" in text:
        return _("Is the parameter self missing, or another one?")
    if isinstance(error, ImportError):
        return _("Grading has NumPy and the standard library, no other packages.")
    if is_of_shapes(error):
        return _("The shapes on this line do not fit. Which shape does the task sheet give each factor?")
    if isinstance(error, TypeError) and any(
        words in text for words in ("Python scalars", "ndarray.__format__")
    ):
        return _("A number is needed, but an array was given: .item() returns the number in an array of one.")
    return ""


def is_of_shapes(error: BaseException) -> bool:
    """Tell whether NumPy refused arrays because their shapes do not fit."""
    words = ("not aligned", "mismatch", "broadcast")
    return isinstance(error, ValueError) and any(each in str(error) for each in words)


def place_of(error: BaseException) -> str:
    """Return the student's own line that an exception came from; empty if it passed none."""
    place = ""
    for frame, line in traceback.walk_tb(error.__traceback__):
        file = frame.f_code.co_filename
        if is_theirs(file):
            source = linecache.getline(file, line).strip()
            where = _("cell") if "ipykernel" in file or file.startswith("<ipython") else Path(file).name
            place = _("{file}, line {line}: {source}").format(file=where, line=line, source=source)
    return place


def is_theirs(file: str) -> bool:
    """Tell whether a file is the student's: neither of these checks, nor of Python, nor of a package."""
    if file.startswith("<") and not file.startswith("<ipython"):
        return False
    return not is_own(file) and not any(map(Path(file).resolve().is_relative_to, _NOT_THEIRS))


def is_own(file: str) -> bool:
    """Tell whether a file is one of these checks."""
    return any(map(Path(file).resolve().is_relative_to, _OWN))


def is_stub(error: BaseException, method: str) -> bool:
    """Tell whether an exception is that of the skeleton's stub, which says nothing in a notebook from nbgrader."""
    text = str(error)
    return isinstance(error, NotImplementedError) and (
        not text or text.startswith(f"{method} is not written")
    )
