"""Chooses, among the files that a student handed in, the one that is examined; the others are its helpers."""

from __future__ import annotations

import hashlib
import keyword
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import PurePosixPath

from grader.errors import UnreadableError
from grader.intake import limits
from grader.intake.decoding import decode_script
from grader.intake.notebooks import notebook_cells
from grader.model import Cell, Helper, Outline, Submission
from grader.resources import assignment_path
from grader.text import printable

__all__ = ["Outliner", "candidates", "chosen_submission", "is_broken", "is_test", "submission_of"]

Outliner = Callable[[Sequence[Cell]], Outline]
"""Parses cells on the far side of the wall; raises ``UnreadableError`` where they cannot be."""

_CLASSES = frozenset({"Layer", "Perceptron"})
_GIVEN = "utils.py"
_TEST = re.compile(r"(?:^|/)(?:test_[^/]*|[^/]*_test|conftest)\.py$")
_CLASS = re.compile(rb"^[ \t]*class[ \t]+(?:Layer|Perceptron)\b", re.MULTILINE)
_SHOWN = 6


def submission_of(
    id_: str, files: Mapping[str, bytes], paths: Mapping[str, str], outline: Outliner
) -> Submission:
    """Return the submission in ``files`` (relative paths and contents of its scripts and notebooks).

    ``paths`` are the files' paths as the person who grades would name them. A file is not parsed where it is the only
    one: what it defines shows when it is run. Raises ``UnreadableError`` where there is none, or more than one.
    """
    code = [name for name in files if PurePosixPath(name).name != _GIVEN]
    if not code:
        raise UnreadableError(
            "there is no .py file and no notebook in it" + (" but utils.py" if files else "")
        )
    if len(code) > limits.SCRIPTS:
        raise UnreadableError(
            f"it has more than {limits.SCRIPTS} scripts and notebooks; hand in the one to examine"
        )
    chosen = _only(code, files) or candidates(files, outline)
    if len(chosen) > 1:
        names = " and ".join(printable(name, keep="") for name in chosen[:_SHOWN])
        raise UnreadableError(
            f"{len(chosen)} files could be the one to examine: {names}; hand in one of them"
        )
    (main,) = chosen
    return _submission(id_, paths[main], main, files)


def _only(code: list[str], files: Mapping[str, bytes]) -> list[str]:
    """Return the only file that could be meant, where that shows without parsing: tests do not count beside it."""
    if len(code) == 1:
        return code
    own = [name for name in code if not is_test(name)]
    return own if len(own) == 1 and _CLASS.search(files[own[0]]) else []


def chosen_submission(
    id_: str, main: str, files: Mapping[str, bytes], paths: Mapping[str, str]
) -> Submission:
    """Return the submission whose file to examine is ``main``; raises ``UnreadableError`` where it is not there."""
    if main not in files:
        raise UnreadableError(f"there is no {printable(main, keep='')} in it, or it is no regular file")
    return _submission(id_, paths[main], main, files)


def candidates(files: Mapping[str, bytes], outline: Outliner, *, are_one_students: bool = True) -> list[str]:
    """Return the names of the files that could be the one to examine; raises ``UnreadableError`` for none.

    Doubles count once where the files ``are_one_students``. A candidate binds ``Layer`` or ``Perceptron``. Untouched
    skeletons and test files are set aside while there are others; a file that another one imports is a helper; a
    notebook and the script that was exported from it are one.
    """
    names = [name for name in files if PurePosixPath(name).name != _GIVEN]
    outlines, problems = {}, []
    for name in names:
        try:
            outlines[name] = outline(_cells(name, files[name]))
        except UnreadableError as error:
            problems.append(str(error))
    binding = [name for name, found in outlines.items() if _CLASSES & found.names or _stars(found, outlines)]
    if not binding:
        raise UnreadableError(_nothing(names, outlines, problems))
    chosen = _unless_all(binding, is_test)
    imported = {target for name in chosen for target in _imports(name, outlines[name], files)}
    chosen = _unless_all(chosen, lambda name: name in imported)
    chosen = _unless_all(chosen, lambda name: _is_skeleton(name, files[name]))
    if all(_is_skeleton(name, files[name]) for name in chosen):
        return chosen[:1]
    return _without_exports(chosen, files, doubles=not are_one_students)


def is_test(name: str) -> bool:
    """Tell whether a file of this name holds tests."""
    return _TEST.search(name) is not None


def is_broken(name: str, content: bytes, outline: Outliner) -> bool:
    """Tell whether a file is no text or no Python, so that nobody can say what it defines."""
    try:
        return outline(_cells(name, content)).problem is not None
    except UnreadableError:
        return True


def _unless_all(names: list[str], aside: Callable[[str], bool]) -> list[str]:
    """Return ``names`` without those to be set ``aside``, or all of them where none would be left."""
    return [name for name in names if not aside(name)] or names


def _stars(found: Outline, outlines: Mapping[str, Outline]) -> bool:
    """Tell whether a file imports everything from one that binds one of the classes."""
    stems = {PurePosixPath(name).stem for name, other in outlines.items() if _CLASSES & other.names}
    return any(m.endswith(".*") and m.removesuffix(".*").rpartition(".")[2] in stems for m in found.imports)


def _nothing(names: Sequence[str], outlines: Mapping[str, Outline], problems: Sequence[str]) -> str:
    for name, found in outlines.items():
        if found.problem is not None:
            shown, message = printable(name, keep=""), printable(found.problem.message, keep="")
            return f"line {found.problem.line} of {shown} is not valid Python ({message})"
    if problems:
        return problems[0]
    shown = ", ".join(printable(name, keep="") for name in names[:_SHOWN])
    return f"no class Layer and no class Perceptron is defined in {shown}"


def _imports(name: str, found: Outline, files: Mapping[str, bytes]) -> Iterable[str]:
    """Yield the files that the modules imported by ``name`` are in, seen from its own folder and from the top."""
    folder = PurePosixPath(name).parent
    for module in sorted(found.imports):
        bare = module.lstrip(".")
        if not bare:
            continue
        path = "/".join(bare.split("."))
        for base in {folder, *folder.parents}:
            for ending in (".py", "/__init__.py"):
                target = str(base / f"{path}{ending}")
                if target in files and target != name:
                    yield target


def _is_skeleton(name: str, content: bytes) -> bool:
    return _code(name, content) in _skeletons()


@cache
def _skeletons() -> frozenset[str]:
    return frozenset(
        _code(path.name, path.read_bytes())
        for path in sorted(assignment_path().glob("perceptron.*"))
        if path.suffix in (".py", ".ipynb")
    )


def _code(name: str, content: bytes) -> str:
    """Return the lines of code of a file, without comments and blank lines; an empty text where it has none."""
    try:
        text = "\n".join(cell.text for cell in _cells(name, content))
    except UnreadableError:
        return ""
    stripped = (line.rstrip() for line in text.splitlines())
    return "\n".join(
        line
        for line in stripped
        if line and not line.lstrip().startswith("#") and "get_ipython()" not in line
    )


def _without_exports(names: list[str], files: Mapping[str, bytes], *, doubles: bool) -> list[str]:
    """Leave out the scripts that were exported from one of the notebooks, and ``doubles`` unless they count."""
    kept: dict[str, list[str]] = {}
    for name in sorted(names, key=lambda name: (not name.lower().endswith(".ipynb"), name)):
        same = kept.setdefault(_code(name, files[name]) or name, [])
        if not same or (doubles and PurePosixPath(same[0]).suffix == PurePosixPath(name).suffix):
            same.append(name)
    return sorted(name for same in kept.values() for name in same)


def _cells(name: str, content: bytes) -> tuple[Cell, ...]:
    file = PurePosixPath(name).name
    if name.lower().endswith(".ipynb"):
        return notebook_cells(content, printable(file, keep=""))
    return (Cell(printable(file, keep=""), decode_script(content, printable(file, keep=""))),)


def _submission(id_: str, path: str, main: str, files: Mapping[str, bytes]) -> Submission:
    cells = _cells(main, files[main])
    if not any(_code_lines(cell.text) for cell in cells):
        raise UnreadableError("the file is empty: there is no code in it")
    helpers = tuple(_helpers(main, files))
    return Submission(
        id_,
        path,
        _digest(main, helpers, files),
        printable(PurePosixPath(main).name, keep=""),
        cells,
        helpers,
    )


def _code_lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def _helpers(main: str, files: Mapping[str, bytes]) -> Iterable[Helper]:
    """Yield the modules that can be imported from the folder of ``main``; one that is no text is left out."""
    folder = PurePosixPath(main).parent
    for name, content in files.items():
        path = PurePosixPath(name)
        if name == main or path.suffix != ".py" or path.name == _GIVEN or not path.is_relative_to(folder):
            continue
        relative = path.relative_to(folder)
        is_package = relative.name == "__init__.py"
        parts = relative.parent.parts if is_package else (*relative.parent.parts, relative.stem)
        if not parts or not all(part.isidentifier() and not keyword.iskeyword(part) for part in parts):
            continue
        try:
            yield Helper(".".join(parts), is_package, str(relative), decode_script(content, relative.name))
        except UnreadableError:
            continue


def _digest(main: str, helpers: Sequence[Helper], files: Mapping[str, bytes]) -> str:
    """Return the SHA-256 of the file's bytes, or of the file and its helpers where there are some."""
    digest = hashlib.sha256(files[main])
    for helper in helpers:
        digest.update(f"\0{helper.file}\0{len(helper.text)}\0{helper.text}".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
