"""Choose the file to examine among those of a submission; the others are its helpers."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice, takewhile
from pathlib import PurePosixPath

from grader.candidate.sandbox.runtime.ast_summary import Summary, summarise
from grader.candidate.sandbox.runtime.decoding import ProblemError, decode_script
from grader.candidate.sandbox.runtime.magics import MARK, without_magics
from grader.candidate.sandbox.runtime.notebooks import code_cells
from grader.candidate.sandbox.runtime.parsing import NotPythonError, parsed
from grader.protocol.names import CLASSES, UTILS, is_test, misspelt_class
from grader.protocol.problems import Problem

__all__ = ["Files", "chosen"]

_CLASS = re.compile(rf"^[ \t]*class[ \t]+(?:{'|'.join(CLASSES)})\b".encode(), re.MULTILINE)
_SHOWN = 6
_COMPARED = 100
"""Names of a file that are compared with those of the classes."""


@dataclass(frozen=True)
class _FileSummary:
    """What the valid cells of a file bind and import, and what is wrong with the first other one."""

    found: Summary
    problem: NotPythonError | None


class Files:
    """Scripts and notebooks by name, each decoded and parsed at most once.

    ``shown`` has the names as they may be shown.
    """

    def __init__(self, contents: Mapping[str, bytes], shown: Mapping[str, str]) -> None:
        self.contents, self._shown = contents, shown
        self._cells = cache(self._read_cells)
        self.code = cache(self._code)
        self.classes = cache(self._classes)

    def __iter__(self) -> Iterator[str]:
        """Yield the names of the student's own files."""
        return (name for name in self.contents if PurePosixPath(name).name != UTILS)

    def shown(self, name: str) -> str:
        """Return a file's name as it may be shown."""
        return self._shown[name]

    def file(self, name: str) -> str:
        """Return a file's name without its folder, as it may be shown."""
        return PurePosixPath(self._shown[name]).name

    def cells(self, name: str) -> Sequence[tuple[int, str]]:
        """Return the number, from 1, and the text of each cell; a script is one cell of number 0.

        Raises ``ProblemError`` if it cannot be read.
        """
        cells = self._cells(name)
        if isinstance(cells, ProblemError):
            raise cells
        return cells

    def summary(self, name: str) -> _FileSummary:
        """Summarise a file; raises ``ProblemError`` if it cannot be read."""
        found = Summary()
        problem: NotPythonError | None = None
        for _, text in self.cells(name):
            try:
                cell = summarise(parsed(text, self.file(name)))
            except NotPythonError as error:
                problem = problem or error
                continue
            found.names.update(cell.names)
            found.imports.update(cell.imports)
        return _FileSummary(found, problem)

    def _read_cells(self, name: str) -> Sequence[tuple[int, str]] | ProblemError:
        content, file = self.contents[name], self.file(name)
        try:
            if name.lower().endswith(".ipynb"):
                return code_cells(content, file)
            return [(0, without_magics(decode_script(content, file)))]
        except ProblemError as error:
            return error

    def _code(self, name: str) -> str:
        """Return the lines of code of a file, without comments and blank lines."""
        try:
            cells = self.cells(name)
        except ProblemError:
            return ""
        lines = (line.rstrip() for _, text in cells for line in text.splitlines())
        return "\n".join(line for line in lines if _is_own_code(line))

    def _classes(self, name: str) -> str | None:
        """Return the code of the two classes, without comments; None if other code of the file may change them."""
        try:
            body = [each for _, text in self.cells(name) for each in parsed(text, self.file(name))]
            classes = [each for each in body if isinstance(each, ast.ClassDef)]
            others = [each for each in body if not isinstance(each, ast.ClassDef)]
            if sorted(each.name for each in classes) == sorted(CLASSES) and not any(
                map(_changes_classes, others)
            ):
                return "\n".join(map(ast.unparse, classes))
        except (ProblemError, NotPythonError, RecursionError):
            pass
        return None


def _changes_classes(statement: ast.stmt) -> bool:
    """Tell whether a statement does more with a class than to make objects of it."""
    nodes = list(ast.walk(statement))
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    annotations = [
        node.annotation for node in nodes if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation
    ]
    harmless = called | {id(node) for annotation in annotations for node in ast.walk(annotation)}
    return any(
        isinstance(node, ast.Name) and node.id in CLASSES and id(node) not in harmless for node in nodes
    )


def _is_own_code(line: str) -> bool:
    """Tell whether a line is code, and not a replaced magic of this kit or of a tool that exports notebooks."""
    is_code = bool(line) and not line.lstrip().startswith("#")
    return is_code and "get_ipython()" not in line and MARK not in line


def chosen(files: Files, skeletons: Mapping[str, bytes]) -> str:
    """Return the name of the file to examine; raises ``ProblemError`` if there is none, or more than one.

    The only file is not parsed, because running it shows what it defines. ``skeletons`` are the files that students
    receive.
    """
    found = _only(files) or _candidates(files, skeletons)
    if len(found) > 1:
        *others, last = map(files.shown, found[:_SHOWN])
        raise ProblemError(Problem.SEVERAL_FILES, count=len(found), files=", ".join(others), last=last)
    return found[0]


def _only(files: Files) -> list[str]:
    """Return the only file except tests, if that is clear without parsing."""
    code = list(files)
    if len(code) == 1:
        return code
    own = [name for name in code if not is_test(name)]
    return own if len(own) == 1 and _CLASS.search(files.contents[own[0]]) else []


def _candidates(files: Files, skeletons: Mapping[str, bytes]) -> list[str]:
    """Return the names of the files that could be the one to examine; raises ``ProblemError`` if there is none.

    A candidate binds ``Layer`` or ``Perceptron``. Untouched skeletons and test files count only if there is nothing
    else. A file that another one imports is a helper. Duplicates count once, and so do a notebook and the script
    exported from it.
    """
    summaries: dict[str, _FileSummary] = {}
    problems: list[ProblemError] = []
    for name in files:
        try:
            summaries[name] = files.summary(name)
        except ProblemError as error:
            problems.append(error)
    binding = _binding(summaries)
    if not binding:
        raise _nothing(files, summaries, problems)
    found = _unless_all(binding, is_test)
    importable = _Importable(files.contents)
    imported = {target for name in found for target in importable.by(name, summaries[name].found)}
    found = _unless_all(found, lambda name: name in imported)
    received = Files(skeletons, {name: name for name in skeletons})
    untouched = {name for name in found if _is_among(name, files, received)}
    found = _unless_all(found, lambda name: name in untouched)
    if untouched.issuperset(found):
        return found[:1]
    return _without_duplicates(files, found)


def _is_among(name: str, files: Files, received: Files) -> bool:
    """Tell whether a file is one that students receive, perhaps with other code around the same two classes."""
    classes = files.classes(name)
    return files.code(name) in map(received.code, received.contents) or (
        classes is not None and classes in map(received.classes, received.contents)
    )


def _unless_all(names: list[str], unlikely: Callable[[str], bool]) -> list[str]:
    """Return ``names`` without those that are ``unlikely``, or all of them if none would be left."""
    return [name for name in names if not unlikely(name)] or names


def _binding(summaries: Mapping[str, _FileSummary]) -> list[str]:
    """Return the files that bind one of the classes, or import everything from one that does."""
    binding = {name for name, other in summaries.items() if not other.found.names.isdisjoint(CLASSES)}
    stems = {PurePosixPath(name).stem for name in binding}
    return [name for name, other in summaries.items() if name in binding or _stars(other.found, stems)]


def _stars(found: Summary, stems: Collection[str]) -> bool:
    return any(m.endswith(".*") and m.removesuffix(".*").rpartition(".")[2] in stems for m in found.imports)


def _nothing(
    files: Files, summaries: Mapping[str, _FileSummary], problems: Sequence[ProblemError]
) -> ProblemError:
    for name, summary in summaries.items():
        if (found := summary.problem) is not None:
            values: dict[str, str | int] = {
                "line": found.line,
                "file": files.shown(name),
                "reason": found.claim,
            }
            if found.version:
                return ProblemError(Problem.NOT_THIS_PYTHON, **values, version=found.version)
            return ProblemError(Problem.NOT_PYTHON, **values)
    if problems:
        return problems[0]
    shown = ", ".join(files.shown(name) for name in list(files)[:_SHOWN])
    names = (
        name for summary in summaries.values() for name in islice(sorted(summary.found.names), _COMPARED)
    )
    if (alike := misspelt_class(names)) is None:
        return ProblemError(Problem.NO_CLASS, files=shown)
    name, wanted = alike
    return ProblemError(Problem.NO_CLASS_BUT_ALIKE, files=shown, name=name, wanted=wanted)


class _Importable:
    """The modules among some files, by the names under which each folder imports them.

    A file can import what lies in its own folder and in those above it.
    """

    def __init__(self, names: Collection[str]) -> None:
        self._files = [
            (
                name,
                path.parts,
                path.with_suffix("").parts if path.name != "__init__.py" else path.parent.parts,
            )
            for name in names
            if (path := PurePosixPath(name)).suffix == ".py"
        ]
        self._modules_seen_from = cache(self._seen_from)

    def by(self, name: str, found: Summary) -> Iterator[str]:
        """Yield the files that ``name`` imports."""
        modules = self._modules_seen_from(PurePosixPath(name).parent.parts)
        for module in found.imports:
            yield from (target for target in modules.get(module.lstrip("."), ()) if target != name)

    def _seen_from(self, folder: tuple[str, ...]) -> Mapping[str, Sequence[str]]:
        modules: dict[str, list[str]] = {}
        for name, path, module in self._files:
            shared = sum(
                1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(folder, path, strict=False))
            )
            for depth in range(shared + 1):
                parts = module[depth:]
                if parts and not any("." in part for part in parts):
                    modules.setdefault(".".join(parts), []).append(name)
        return modules


def _without_duplicates(files: Files, names: Sequence[str]) -> list[str]:
    """Leave out all but one file with the same code, preferably a notebook."""
    kept: dict[str, str] = {}
    for name in sorted(names, key=lambda name: (not name.lower().endswith(".ipynb"), name)):
        kept.setdefault(files.code(name) or name, name)
    return sorted(kept.values())
