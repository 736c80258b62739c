"""Read a submission without running it: the code to examine, and the modules beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from grader.candidate.sandbox.runtime.choosing import Files, chosen
from grader.candidate.sandbox.runtime.decoding import ProblemError, decode_script
from grader.protocol.names import module_of
from grader.protocol.problems import Problem

__all__ = ["Reading", "read"]


@dataclass(frozen=True)
class Reading:
    """The source texts of a submission."""

    main: str
    """The name of the file to examine."""
    sha256: str
    """The digest of that file's bytes, and of the texts of the helpers if there are any."""
    cells: list[tuple[int, str]]
    """The number, from 1, and the text of each cell; a script is one cell of number 0."""
    helpers: list[tuple[str, str]]
    """The name and the text of each file."""


def read(
    contents: Mapping[str, bytes], shown: Mapping[str, str], main: str, skeletons: Mapping[str, bytes]
) -> Reading:
    """Read the files in ``contents``; an empty ``main`` has the file to examine chosen.

    ``shown`` has the names of the files as they may be shown, and ``skeletons`` the files that students receive.
    Raises ``ProblemError`` if there is nothing to examine.
    """
    files = Files(contents, shown)
    main = main or chosen(files, skeletons)
    cells = list(files.cells(main))
    if not any(_has_code(text) for _, text in cells):
        raise ProblemError(Problem.EMPTY)
    helpers = list(_helpers(main, contents))
    digest = hashlib.sha256(contents[main])
    folder = PurePosixPath(main).parent
    for name, text in helpers:
        file = PurePosixPath(name).relative_to(folder)
        digest.update(f"\0{file}\0{len(text)}\0{text}".encode("utf-8", "surrogatepass"))
    return Reading(main, digest.hexdigest(), cells, helpers)


def _has_code(text: str) -> bool:
    return any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines())


def _helpers(main: str, contents: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """Yield the text files that can be imported from the folder of ``main``."""
    for name, content in contents.items():
        if module_of(name, main) is None:
            continue
        try:
            yield name, decode_script(content, PurePosixPath(name).name)
        except ProblemError:
            continue
