"""Read what a student handed in, without running it: the code to examine, and the modules beside it."""

from __future__ import annotations

import hashlib
import keyword
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from .choosing import Files, chosen
from .decoding import ProblemError, decode_script
from .names import UTILS

__all__ = ["Reading", "module_of", "read"]


@dataclass(frozen=True)
class Reading:
    """What was read of a submission."""

    main: str
    """The name of the file to examine."""
    sha256: str
    """Of that file's bytes, or of them and the texts of the helpers, if there are some."""
    cells: list[tuple[int, str]]
    """Their numbers, from 1, and texts; a script is one of number 0."""
    helpers: list[tuple[str, str]]
    """The names of files and their texts."""


def read(
    contents: Mapping[str, bytes], shown: Mapping[str, str], main: str, skeletons: Collection[str]
) -> Reading:
    """Read the files in ``contents``, of which ``main`` is examined, or the one that is chosen if it is empty.

    Raises ``ProblemError`` if there is nothing that can be examined.
    """
    files = Files(contents, shown)
    main = main or chosen(files, skeletons)
    cells = list(files.cells(main))
    if not any(_has_code(text) for _, text in cells):
        raise ProblemError("the file is empty: there is no code in it")
    helpers = list(_helpers(main, contents))
    digest = hashlib.sha256(contents[main])
    folder = PurePosixPath(main).parent
    for name, text in helpers:
        file = PurePosixPath(name).relative_to(folder)
        digest.update(f"\0{file}\0{len(text)}\0{text}".encode("utf-8", "surrogatepass"))
    return Reading(main, digest.hexdigest(), cells, helpers)


def module_of(name: str, main: str) -> tuple[str, bool, str] | None:
    """Return the module in a file as it is seen from the folder of ``main``; ``None`` if it cannot be imported.

    That is its dotted name, whether it is a package, and the file's path.
    """
    folder, path = PurePosixPath(main).parent, PurePosixPath(name)
    if name == main or path.suffix != ".py" or path.name == UTILS or not path.is_relative_to(folder):
        return None
    relative = path.relative_to(folder)
    is_package = relative.name == "__init__.py"
    parts = relative.parent.parts if is_package else (*relative.parent.parts, relative.stem)
    if not parts or not all(part.isidentifier() and not keyword.iskeyword(part) for part in parts):
        return None
    return ".".join(parts), is_package, str(relative)


def _has_code(text: str) -> bool:
    return any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines())


def _helpers(main: str, contents: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """Yield the files that can be imported from the folder of ``main``; one that is not text is left out."""
    for name, content in contents.items():
        if module_of(name, main) is None:
            continue
        try:
            yield name, decode_script(content, PurePosixPath(name).name)
        except ProblemError:
            continue
