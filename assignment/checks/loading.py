"""Run a student's file as grading does: statement by statement, so that one that fails does not hide the others.

Training code may take three seconds in all; plots are not shown.

There is nothing to change here.
"""

from __future__ import annotations
import __future__

import ast
import json
import linecache
import re
import sys
import tokenize
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from checks import calls, stand_ins, trainings
from checks.exceptions import is_stub
from checks.limits import TimeUp, time_limit
from checks.words import _

SECONDS = 3.0
"""Seconds for all statements at the top level of a file."""
_OWN_FILES = ("check.py", "criteria.py", "test_", "utils.py")
_STUBS = ("Layer.backward is not written yet", "Perceptron.fit is not written yet")
_LEFT_OUT = {f"perceptron-kit:{name}" for name in ("training", "plot", "check")}
_CODE_MAGICS = ("%%time", "%%timeit", "%%capture")
_PERCEPTRON = re.compile(r"class\s+Perceptron\b")
_MAGIC = re.compile(
    r"^(?P<indent>[ \t]*)(?:(?P<name>[^\W\d]\w*[ \t]*=)[ \t]*)?[%!?](?=\S).*$|^[ \t]*\S+\?{1,2}[ \t]*$",
    re.MULTILINE,
)


class Loaded(NamedTuple):
    """What a file defines, and what could not be run of it."""

    names: dict[str, Any]
    notes: list[str]


def files_to_check(folder: Path) -> list[Path]:
    """Return the files in which the student has begun, or else the skeleton."""
    texts = {
        path: path.read_text(encoding="utf-8", errors="replace")
        for path in sorted(folder.iterdir())
        if path.suffix in {".py", ".ipynb"} and not path.name.startswith(_OWN_FILES)
    }
    files = [path for path, text in texts.items() if _PERCEPTRON.search(text)]
    begun = [path for path in files if not all(stub in texts[path] for stub in _STUBS)]
    scripts = [path for path in files if path.suffix == ".py"]
    return begun or scripts[:1] or files[:1]


def load(path: Path, skip: Collection[int], starting: Callable[[int], None]) -> Loaded:
    """Run the statements of a file but those in `skip`; `starting` is called with the number of each."""
    stand_ins.install()
    sys.path.append(str(path.parent))
    file = _File(path, skip, starting)
    statements = list(enumerate(_statements(path, file.notes)))
    try:
        with time_limit(SECONDS):
            while statements:
                number, (label, node) = statements.pop(0)
                file.run(number, label, node)
    except TimeUp:
        text = _("Line {line} of {file} was stopped: all lines outside of functions have {seconds} seconds.")
        file.notes.append(text.format(line=node.lineno, file=label, seconds=f"{SECONDS:g}"))
        for number, (label, node) in statements:
            if _only_defines(node):
                file.run(number, label, node)
    return Loaded(vars(file.module), file.notes)


class _File:
    """Runs the statements of a file in one module, and notes which fail."""

    def __init__(self, path: Path, skip: Collection[int], starting: Callable[[int], None]) -> None:
        self.module = _new_module(path)
        self.notes: list[str] = []
        self._skip, self._starting = skip, starting
        self._flags = 0

    def run(self, number: int, label: str, node: ast.stmt) -> None:
        """Run a statement, or note why not."""
        if number in self._skip:
            self.notes.append(_("Line {line} of {file} ended Python.").format(line=node.lineno, file=label))
            return
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            self._flags |= sum(getattr(__future__, name.name).compiler_flag for name in node.names)
        self._starting(number)
        try:
            code = compile(ast.Module([node], type_ignores=[]), label, "exec", self._flags, dont_inherit=True)
            exec(code, vars(self.module))
        except TimeUp:
            raise
        except (
            BaseException
        ) as error:  # whatever goes wrong in the student's code, the next statement goes on
            if not any(is_stub(error, method) for method in (calls.METHOD, trainings.METHOD)):
                what = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
                text = _("Line {line} of {file} was skipped: {error}")
                self.notes.append(text.format(line=node.lineno, file=label, error=what))


def _only_defines(node: ast.stmt) -> bool:
    if isinstance(node, ast.Assign | ast.AnnAssign):
        return not any(isinstance(part, ast.Call) for part in ast.walk(node))
    return isinstance(
        node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom
    )


def _new_module(path: Path) -> ModuleType:
    taken = path.stem in sys.stdlib_module_names or path.stem in sys.modules or not path.stem.isidentifier()
    module = ModuleType("submission" if taken else path.stem)
    module.__file__ = str(path)
    sys.modules[module.__name__] = module
    sys.argv[:] = [str(path)]
    return module


# --- The text of a file ---------------------------------------------------------------------------------


def _statements(path: Path, notes: list[str]) -> Iterator[tuple[str, ast.stmt]]:
    for label, text in _cells(path):
        linecache.cache[label] = len(text), None, text.splitlines(keepends=True), label
        try:
            yield from ((label, node) for node in ast.parse(text, label).body)
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None) or 1
            what = getattr(error, "msg", str(error))
            says = _("Line {line} of {file} is not valid Python: {error}")
            notes.append(says.format(line=line, file=label, error=what))


def _cells(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the code of a script, or of each cell of a notebook but the kit's own."""
    if path.suffix != ".ipynb":
        text = _text(path)
        yield path.name, text if _is_python(text) else _without_magics(text)
        return
    code = [cell for cell in json.loads(_text(path))["cells"] if cell["cell_type"] == "code"]
    for number, cell in enumerate(code, 1):
        is_test = all(cell["metadata"].get("nbgrader", {}).get(key) for key in ("grade", "locked"))
        is_own = is_test or not _LEFT_OUT.isdisjoint(cell["metadata"].get("tags", []))
        source = "".join(cell["source"])
        if is_own and not re.search(
            r"^\s*(class (Layer|Perceptron)|def (backward|fit))\b", source, re.MULTILINE
        ):
            continue
        first, _newline, rest = source.lstrip().partition("\n")
        if first.startswith("%%"):
            source = "\n" + rest if first.startswith(_CODE_MAGICS) else ""
        label = _("{file}, cell {number}").format(file=path.name, number=number)
        yield label, source if _is_python(source) else _without_magics(source)


def _text(path: Path) -> str:
    try:
        with tokenize.open(path) as file:
            return file.read()
    except (SyntaxError, UnicodeDecodeError):
        return path.read_text(encoding="latin-1")


def _is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


def _without_magics(text: str) -> str:
    """Replace the magics, shell lines and questions of a notebook, in the same lines."""
    return _MAGIC.sub(
        lambda line: f"{line['indent'] or ''}{line['name'] + ' []' if line['name'] else 'pass'}", text
    )
