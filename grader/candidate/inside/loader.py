"""Runs a submission's statements one after another, and its helper modules when they are imported."""

from __future__ import annotations
import __future__

import ast
import builtins
import importlib.abc
import importlib.machinery
import linecache
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import FrameType, ModuleType, TracebackType
from typing import Any

from .parsing import NotPythonError, parsed

__all__ = ["Loaded", "error_of", "load"]

_FUTURES = {name: getattr(__future__, name).compiler_flag for name in __future__.all_feature_names}
_OUT_OF_MEMORY = 1
_TEXT_LIMIT = 250
"""Characters of what an exception says: many may be in one reply."""


class OutOfTime(BaseException):
    """Raised in a submission's statement when its time is over."""


@dataclass(frozen=True)
class _Statement:
    label: str
    node: ast.stmt

    @property
    def line(self) -> int:
        """The first line of the statement, decorators included."""
        decorators: list[ast.expr] = getattr(self.node, "decorator_list", [])
        return min([self.node.lineno, *(decorator.lineno for decorator in decorators)])


@dataclass(frozen=True)
class Loaded:
    """A submission's module after its statements were run."""

    module: ModuleType
    events: list[dict[str, Any]]
    """What was passed over: ``index``, ``label``, ``line``, and ``error`` or ``stopped``."""
    syntax: list[dict[str, Any]]
    """The cells that are not Python: ``label``, ``line``, ``message`` and ``version`` (see ``parsing``)."""


class HelperFinder(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Finds the modules that came beside a submission, after everything that is installed."""

    def __init__(self, helpers: Sequence[tuple[str, bool, str, str]]) -> None:
        self._helpers = {module: (package, file, text) for module, package, file, text in helpers}

    def find_spec(
        self, fullname: str, _path: Any = None, _target: Any = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return a spec for a helper module, or for a folder that holds some."""
        if fullname in self._helpers:
            package, file, _ = self._helpers[fullname]
            return importlib.machinery.ModuleSpec(fullname, self, origin=file, is_package=package)
        if any(module.startswith(f"{fullname}.") for module in self._helpers):
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def get_source(self, fullname: str) -> str:
        """Return a helper module's text."""
        return self._helpers[fullname][2] if fullname in self._helpers else ""

    def exec_module(self, module: ModuleType) -> None:
        """Run a helper module as a whole, as Python does."""
        if module.__name__ not in self._helpers:
            return
        _, file, text = self._helpers[module.__name__]
        module.__file__ = file
        _remember(file, text)
        exec(compile(text, file, "exec", dont_inherit=True), module.__dict__)  # noqa: S102


def load(
    file: str,
    cells: Sequence[tuple[str, str]],
    helpers: Sequence[tuple[str, bool, str, str]],
    skip: Sequence[int],
    starting: Callable[[int], None],
) -> Loaded:
    """Run the statements of ``cells`` in a new module, until SIGALRM says that their time is over.

    ``starting`` is called with the number of each statement before it runs; those in ``skip`` are passed
    over. A statement that fails is passed over too; once the time is over, only definitions still run.
    """
    module = _new_module(file)
    sys.meta_path.append(HelperFinder(helpers))
    syntax: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    flags = 0
    alarm = _Alarm()
    for index, statement in enumerate(_statements(cells, syntax)):
        if index in skip:
            events.append(_event(index, statement, stopped=True))
            continue
        if isinstance(statement.node, ast.ImportFrom) and statement.node.module == "__future__":
            flags |= sum(_FUTURES.get(alias.name, 0) for alias in statement.node.names)
        if alarm.has_rung and not _defines(statement.node):
            events.append(_event(index, statement, stopped=True))
            continue
        starting(index)
        try:
            _run(statement, module, flags, alarm)
        except OutOfTime:
            events.append(_event(index, statement, stopped=True))
        except MemoryError:
            # What fills the memory may hold on to it: a new process begins without this statement.
            os._exit(_OUT_OF_MEMORY)
        except BaseException as error:  # noqa: BLE001 - a submission may raise anything
            events.append(_event(index, statement, error=error_of(error)))
    return Loaded(module, events, syntax)


def error_of(error: BaseException) -> dict[str, Any]:
    """Return type and text of an exception, and the innermost place in the submission that it passed through."""
    place: tuple[str, int] | None = None
    for frame, line in _walk(error.__traceback__):
        if frame.f_code.co_filename in _SOURCES:
            place = (frame.f_code.co_filename, line)
    label, number = place or (None, None)
    return {"type": type(error).__name__, "text": _text_of(error), "label": label, "line": number}


def _text_of(error: BaseException) -> str:
    """Return what an exception says, cut; an empty text if its own ``__str__`` fails."""
    try:
        return str.__str__(str(error))[:_TEXT_LIMIT]
    except BaseException:  # noqa: BLE001 - a submission's __str__ may raise anything
        return ""


_SOURCES: set[str] = set()


def _walk(entry: TracebackType | None) -> Iterator[tuple[FrameType, int]]:
    return traceback.walk_tb(entry)


def _statements(cells: Sequence[tuple[str, str]], syntax: list[dict[str, Any]]) -> Iterator[_Statement]:
    for label, text in cells:
        _remember(label, text)
        try:
            body = parsed(text, label)
        except NotPythonError as error:
            syntax.append(
                {"label": label, "line": error.line, "message": error.message, "version": error.version}
            )
        else:
            yield from (_Statement(label, node) for node in body)


class _Alarm:
    """What SIGALRM does: it stops the statement that runs, and is remembered."""

    def __init__(self) -> None:
        self.has_rung = False
        self._interrupts = False

    def set(self) -> None:
        """Have the next ring raise ``OutOfTime``, whatever the submission has made of the signal."""
        self._interrupts = True
        signal.signal(signal.SIGALRM, self._ring)

    def mute(self) -> None:
        """Have rings remembered only."""
        self._interrupts = False

    def _ring(self, _number: int, _frame: FrameType | None) -> None:
        self.has_rung = True
        if self._interrupts:
            self._interrupts = False
            raise OutOfTime


def _run(statement: _Statement, module: ModuleType, flags: int, alarm: _Alarm) -> None:
    tree = ast.Module([statement.node], type_ignores=[])
    code = compile(tree, statement.label, "exec", flags=flags, dont_inherit=True)
    try:
        alarm.set()
        exec(code, module.__dict__)  # noqa: S102
    finally:
        alarm.mute()


def _defines(node: ast.stmt) -> bool:
    """Tell whether a statement only gives a name to something, without a call that could take long."""
    if isinstance(node, ast.Assign | ast.AnnAssign):
        return not any(isinstance(part, ast.Call) for part in ast.walk(node))
    return isinstance(
        node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom
    )


def _event(index: int, statement: _Statement, **what: Any) -> dict[str, Any]:
    return {"index": index, "label": statement.label, "line": statement.line, **what}


def _remember(label: str, text: str) -> None:
    _SOURCES.add(label)
    linecache.cache[label] = (len(text), None, text.splitlines(keepends=True), label)


def _new_module(file: str) -> ModuleType:
    stem = file.rpartition(".")[0]
    taken = (
        stem in sys.stdlib_module_names or stem in ("numpy", "utils", "__main__") or not stem.isidentifier()
    )
    module = ModuleType("submission" if taken else stem)
    # Python puts them there at every start but ours, which goes without ``site``.
    vars(builtins).update(exit=sys.exit, quit=sys.exit)
    module.__file__ = file
    sys.modules[module.__name__] = module
    sys.argv[:] = [file]
    return module
