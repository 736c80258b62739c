"""Run a submission's statements one after another, and its helper modules when they are imported."""

from __future__ import annotations
import __future__

import ast
import builtins
import importlib.machinery
import linecache
import os
import re
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import CodeType, FrameType, ModuleType
from typing import Any

from grader.candidate.sandbox.runtime.accounts import account_of
from grader.candidate.sandbox.runtime.ast_summary import empty_methods
from grader.candidate.sandbox.runtime.parsing import NotPythonError, first_line, parsed
from grader.protocol import limits

__all__ = ["SOURCES", "LoadedModule", "as_type_name", "error_of", "explained_error", "load"]

_FUTURES = {name: getattr(__future__, name).compiler_flag for name in __future__.all_feature_names}
_OUT_OF_MEMORY = 1


class OutOfTimeError(BaseException):
    """Raised in a statement when the time for all of them is over."""


@dataclass(frozen=True)
class _Statement:
    label: str
    node: ast.stmt


@dataclass(frozen=True)
class LoadedModule:
    """A submission's module after its statements were run."""

    module: ModuleType
    skipped: list[dict[str, Any]]
    """The statements that failed or were stopped: ``index``, ``label``, ``line`` and ``raised``."""
    syntax: list[dict[str, Any]]
    """The cells that are not valid Python: ``label``, ``line``, ``claim`` and ``version``."""
    empty: list[str]
    """The methods whose bodies do nothing."""


class HelperFinder:
    """Finds the modules beside a submission, after everything that is installed, and loads them.

    It has the methods of ``importlib.abc.InspectLoader``, but does not import that: it is slow, and loads much besides.
    """

    def __init__(self, helpers: Sequence[tuple[str, bool, str, str]]) -> None:
        self._helpers = {module: (package, file, text) for module, package, file, text in helpers}

    def find_spec(
        self, fullname: str, _path: Any = None, _target: Any = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return a spec for a helper module, or for a folder that holds some."""
        if fullname in self._helpers:
            package, file, _ = self._helpers[fullname]
            return importlib.machinery.ModuleSpec(fullname, self, origin=file, is_package=package)  # type: ignore[arg-type]
        if any(module.startswith(f"{fullname}.") for module in self._helpers):
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)  # type: ignore[arg-type]
        return None

    def get_source(self, fullname: str) -> str:
        """Return a helper module's text."""
        return self._helpers[fullname][2] if fullname in self._helpers else ""

    def get_code(self, fullname: str) -> CodeType:
        """Return a helper module's code."""
        return compile(self.get_source(fullname), "<string>", "exec", dont_inherit=True)

    def create_module(self, _spec: importlib.machinery.ModuleSpec) -> None:
        """Leave it to Python to make the module."""

    def exec_module(self, module: ModuleType) -> None:
        """Run a helper module as a whole, as Python does."""
        if module.__name__ not in self._helpers:
            return
        _, file, text = self._helpers[module.__name__]
        module.__file__ = file
        _keep_source(file, text)
        exec(compile(text, file, "exec", dont_inherit=True), module.__dict__)  # noqa: S102


def load(
    file: str,
    cells: Sequence[tuple[str, str]],
    helpers: Sequence[tuple[str, bool, str, str]],
    skip: Sequence[int],
    starting: Callable[[int], None],
) -> LoadedModule:
    """Run the statements of ``cells`` in a new module, until SIGALRM says that their time is over.

    ``starting`` is called with the number of each statement before it runs; those in ``skip`` do not run. A statement
    that fails is skipped. Once the time is over, only definitions still run.
    """
    module = _new_module(file)
    sys.meta_path.append(HelperFinder(helpers))
    syntax: list[dict[str, Any]] = []
    skipped: list[dict[str, Any]] = []
    empty: list[str] = []
    flags = 0
    alarm = _Alarm()
    for index, statement in enumerate(_statements(cells, syntax)):
        if index in skip:
            skipped.append(_described(index, statement))
            continue
        if isinstance(statement.node, ast.ImportFrom) and statement.node.module == "__future__":
            flags |= sum(_FUTURES.get(alias.name, 0) for alias in statement.node.names)
        if alarm.is_over and not _defines(statement.node):
            skipped.append(_described(index, statement))
            continue
        empty += empty_methods(statement.node)
        starting(index)
        try:
            _run(statement, module, flags, alarm)
        except OutOfTimeError:
            skipped.append(_described(index, statement))
        except MemoryError:
            # The memory may stay full: a new process starts without this statement.
            os._exit(_OUT_OF_MEMORY)
        except BaseException as error:  # noqa: BLE001 - a submission may raise anything
            skipped.append(_described(index, statement, error))
    return LoadedModule(module, skipped, syntax, empty)


def error_of(error: BaseException) -> dict[str, Any]:
    """Return the type and text of an exception, and the innermost place in the submission that it passed through."""
    label = line = None
    for frame, number in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename in SOURCES:
            label, line = frame.f_code.co_filename[: limits.TEXT], number
    name = as_type_name(type(error).__name__)
    return {"type": name, "text": _text_of(error), "label": label, "line": line}


def explained_error(error: BaseException) -> dict[str, Any]:
    """Return what ``error_of`` does, and the account of the exception."""
    return {**error_of(error), "account": account_of(error, SOURCES)}


def as_type_name(name: object) -> str:
    """Return the name of a type as a reply may contain it: cut, and with odd characters replaced."""
    return re.sub(r"[^A-Za-z0-9_ ]", "?", str(name))[: limits.TYPE_NAME]


def _text_of(error: BaseException) -> str:
    """Return the text of an exception, cut; an empty text if its own ``__str__`` fails."""
    try:
        text = str.__str__(str(error))
        if isinstance(error, ImportError) and error.path:
            # Where Python or the kit is installed tells a student nothing, and is different elsewhere.
            text = text.replace(f" ({error.path})", "")
        return text[: limits.EXCEPTION]
    except BaseException:  # noqa: BLE001 - a submission's __str__ may raise anything
        return ""


SOURCES: dict[str, str] = {}
"""The texts of the submission by their labels, as far as they were run."""


def _statements(cells: Sequence[tuple[str, str]], syntax: list[dict[str, Any]]) -> Iterator[_Statement]:
    for label, text in cells:
        _keep_source(label, text)
        try:
            body = parsed(text, label)
        except NotPythonError as error:
            where = {"label": label[: limits.TEXT], "line": error.line}
            syntax.append({**where, "claim": error.claim, "version": error.version})
        else:
            yield from (_Statement(label, node) for node in body)


class _Alarm:
    """Stops the running statement when SIGALRM comes."""

    def __init__(self) -> None:
        self.is_over = False
        self._interrupts = False

    def set(self) -> None:
        """Have the next signal raise ``OutOfTimeError``, even if the submission has its own handler."""
        self._interrupts = True
        signal.signal(signal.SIGALRM, self._handle)

    def mute(self) -> None:
        """Have the next signal end the time, but raise nothing."""
        self._interrupts = False

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        self.is_over = True
        if self._interrupts:
            self._interrupts = False
            raise OutOfTimeError


def _run(statement: _Statement, module: ModuleType, flags: int, alarm: _Alarm) -> None:
    tree = ast.Module([statement.node], type_ignores=[])
    code = compile(tree, statement.label, "exec", flags=flags, dont_inherit=True)
    try:
        alarm.set()
        exec(code, module.__dict__)  # noqa: S102
    finally:
        alarm.mute()


def _defines(node: ast.stmt) -> bool:
    """Tell whether a statement only binds names, without a call that could take long."""
    if isinstance(node, ast.Assign | ast.AnnAssign):
        return not any(isinstance(part, ast.Call) for part in ast.walk(node))
    return isinstance(
        node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom
    )


def _described(index: int, statement: _Statement, error: BaseException | None = None) -> dict[str, Any]:
    node = statement.node
    # What a definition raises may be why its name is not known later.
    describe = explained_error if isinstance(node, ast.FunctionDef | ast.ClassDef) else error_of
    return {
        "index": index,
        "label": statement.label[: limits.TEXT],
        "line": first_line(node),
        "raised": None if error is None else describe(error),
        "defines": node.name[: limits.TEXT] if isinstance(node, ast.ClassDef) else None,
    }


def _keep_source(label: str, text: str) -> None:
    SOURCES[label] = text
    linecache.cache[label] = (len(text), None, text.splitlines(keepends=True), label)


def _new_module(file: str) -> ModuleType:
    stem = file.rpartition(".")[0]
    taken = (
        stem in sys.stdlib_module_names or stem in ("numpy", "utils", "__main__") or not stem.isidentifier()
    )
    module = ModuleType("submission" if taken else stem)
    # Python's ``site`` adds them, and this process started without it.
    vars(builtins).update(exit=sys.exit, quit=sys.exit)
    module.__file__ = file
    sys.modules[module.__name__] = module
    sys.argv[:] = [file]
    return module
