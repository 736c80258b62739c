"""Choose, among the files that a student handed in, the one to examine; the others are its helpers."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice, takewhile
from pathlib import PurePosixPath

from .decoding import ProblemError, decode_script
from .magics import MARK, without_magics
from .names import CLASSES, UTILS, is_test, suggestion
from .notebooks import notebook_cells
from .outline import Outline, outline
from .parsing import NotPythonError, claim, parsed

__all__ = ["Files", "candidates", "chosen", "digest_of_code"]

_CLASS = re.compile(rf"^[ \t]*class[ \t]+(?:{'|'.join(CLASSES)})\b".encode(), re.MULTILINE)
_SHOWN = 6
_COMPARED = 100
"""Names of a file that are compared with those of the classes."""


@dataclass(frozen=True)
class _Outlined:
    """What the cells of a file bind and import that are Python, and the first of them that is not."""

    found: Outline
    problem: NotPythonError | None


class Files:
    """A student's scripts and notebooks by name, each decoded once and parsed once, if that is asked for.

    ``shown`` has their names as they may be shown.
    """

    def __init__(self, contents: Mapping[str, bytes], shown: Mapping[str, str]) -> None:
        self.contents, self._shown = contents, shown
        self._cells = cache(self._read_cells)
        self.code = cache(self._code)

    def __iter__(self) -> Iterator[str]:
        """Yield the names of the files that are the student's own."""
        return (name for name in self.contents if PurePosixPath(name).name != UTILS)

    def shown(self, name: str) -> str:
        """Return a file's name as it may be shown."""
        return self._shown[name]

    def file(self, name: str) -> str:
        """Return a file's name without its folder, as it may be shown."""
        return PurePosixPath(self._shown[name]).name

    def cells(self, name: str) -> Sequence[tuple[int, str]]:
        """Return a file's cells: their numbers, from 1, and texts; those of a script are one of number 0.

        Raises ``ProblemError`` if it cannot be read.
        """
        cells = self._cells(name)
        if isinstance(cells, ProblemError):
            raise cells
        return cells

    def outlined(self, name: str) -> _Outlined:
        """Outline a file; raises ``ProblemError`` if it cannot be read."""
        found = Outline()
        problem: NotPythonError | None = None
        for _, text in self.cells(name):
            try:
                cell = outline(parsed(text, self.file(name)))
            except NotPythonError as error:
                problem = problem or error
                continue
            found.names.update(cell.names)
            found.imports.update(cell.imports)
        return _Outlined(found, problem)

    def _read_cells(self, name: str) -> Sequence[tuple[int, str]] | ProblemError:
        content, file = self.contents[name], self.file(name)
        try:
            if name.lower().endswith(".ipynb"):
                return notebook_cells(content, file)
            return [(0, without_magics(decode_script(content, file)))]
        except ProblemError as error:
            return error

    def _code(self, name: str) -> str:
        """Return the lines of code of a file, without comments and blank lines; an empty text if it has none."""
        try:
            cells = self.cells(name)
        except ProblemError:
            return ""
        lines = (line.rstrip() for _, text in cells for line in text.splitlines())
        return "\n".join(line for line in lines if _is_own_code(line))


def _is_own_code(line: str) -> bool:
    """Tell whether a line is code, and not what was made of a magic, here or by a tool that exports notebooks."""
    is_code = bool(line) and not line.lstrip().startswith("#")
    return is_code and "get_ipython()" not in line and MARK not in line


def digest_of_code(name: str, content: bytes) -> str:
    """Return what tells a file's code from other code, comments and blank lines aside."""
    return _digest(Files({name: content}, {name: name}), name)


def _digest(files: Files, name: str) -> str:
    return hashlib.sha256(files.code(name).encode()).hexdigest()


def chosen(files: Files, skeletons: Collection[str]) -> str:
    """Return the name of the file to examine; raises ``ProblemError`` if there is none, or more than one.

    A file is not parsed if it is the only one: what it defines shows when it is run. ``skeletons`` are the digests
    of the code of untouched files.
    """
    found = _only(files) or candidates(files, skeletons)
    if len(found) > 1:
        names = " and ".join(map(files.shown, found[:_SHOWN]))
        raise ProblemError(f"{len(found)} files could be the one to examine: {names}; hand in one of them")
    return found[0]


def _only(files: Files) -> list[str]:
    """Return the only file that could be meant, if that shows without parsing: tests do not count beside it."""
    code = list(files)
    if len(code) == 1:
        return code
    own = [name for name in code if not is_test(name)]
    return own if len(own) == 1 and _CLASS.search(files.contents[own[0]]) else []


def candidates(files: Files, skeletons: Collection[str], *, are_one_students: bool = True) -> list[str]:
    """Return the names of the files that could be the one to examine; raises ``ProblemError`` if there is none.

    Duplicates count once if the files ``are_one_students``. A candidate binds ``Layer`` or ``Perceptron``. Untouched
    skeletons and test files are set aside while there are others; a file that another one imports is a helper; a
    notebook and the script that was exported from it are one.
    """
    outlines: dict[str, _Outlined] = {}
    problems: list[str] = []
    for name in files:
        try:
            outlines[name] = files.outlined(name)
        except ProblemError as error:
            problems.append(str(error))
    binding = _binding(outlines)
    if not binding:
        raise ProblemError(_nothing(files, outlines, problems))
    found = _unless_all(binding, is_test)
    importable = _Importable(files.contents)
    imported = {target for name in found for target in importable.by(name, outlines[name].found)}
    found = _unless_all(found, lambda name: name in imported)
    untouched = {name for name in found if _digest(files, name) in skeletons}
    found = _unless_all(found, lambda name: name in untouched)
    if untouched.issuperset(found):
        return found[:1]
    return _without_exports(files, found, doubles=not are_one_students)


def _unless_all(names: list[str], aside: Callable[[str], bool]) -> list[str]:
    """Return ``names`` without those to be set ``aside``, or all of them if none would be left."""
    return [name for name in names if not aside(name)] or names


def _binding(outlines: Mapping[str, _Outlined]) -> list[str]:
    """Return the files that bind one of the classes, or import everything from one that does."""
    binding = {name for name, other in outlines.items() if not other.found.names.isdisjoint(CLASSES)}
    stems = {PurePosixPath(name).stem for name in binding}
    return [name for name, other in outlines.items() if name in binding or _stars(other.found, stems)]


def _stars(found: Outline, stems: Collection[str]) -> bool:
    return any(m.endswith(".*") and m.removesuffix(".*").rpartition(".")[2] in stems for m in found.imports)


def _nothing(files: Files, outlines: Mapping[str, _Outlined], problems: Sequence[str]) -> str:
    for name, outlined in outlines.items():
        if outlined.problem is not None:
            problem = outlined.problem
            return f"line {problem.line} of {files.shown(name)} is {claim(problem.message, problem.version)}"
    if problems:
        return problems[0]
    shown = ", ".join(files.shown(name) for name in list(files)[:_SHOWN])
    names = (
        name for outlined in outlines.values() for name in islice(sorted(outlined.found.names), _COMPARED)
    )
    return f"no class Layer and no class Perceptron is defined in {shown}{suggestion(names)}"


class _Importable:
    """The modules that there are, by the names that the files of a folder import them by.

    A file sees what lies in its own folder and in those above it.
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

    def by(self, name: str, found: Outline) -> Iterator[str]:
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


def _without_exports(files: Files, names: Sequence[str], *, doubles: bool) -> list[str]:
    """Leave out the scripts that were exported from one of the notebooks, and duplicates unless ``doubles`` count."""
    kept: dict[str, list[str]] = {}
    for name in sorted(names, key=lambda name: (not name.lower().endswith(".ipynb"), name)):
        same = kept.setdefault(files.code(name) or name, [])
        if not same or (doubles and PurePosixPath(same[0]).suffix == PurePosixPath(name).suffix):
            same.append(name)
    return sorted(name for same in kept.values() for name in same)
