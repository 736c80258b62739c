"""Take the code out of a notebook: magics set aside, test cells and the kit's own cells left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .cells import cells_in, metadata_of, nbgrader_metadata_of, text_of
from .decoding import ProblemError, decode_utf8
from .magics import as_cell

__all__ = ["CELLS_LIMIT", "notebook_cells"]

CELLS_LIMIT = 30_000
"""Code cells in a notebook."""
_OWN_CELLS = frozenset({"training", "plot", "check"})
"""The kit's cells that students do not write, in their tags and as nbgrader calls them."""
_OWN_TAGS = frozenset(f"perceptron-kit:{name}" for name in _OWN_CELLS)
_CODE_MAGICS = frozenset({"time", "timeit", "capture"})
"""Cell magics under which a cell is run as code."""
_STUDENTS_WORK = re.compile(
    r"^[ \t]*(?:class\s+(?:Layer|Perceptron)\b|def\s+(?:backward|fit)\b)", re.MULTILINE
)
_SURROGATE = re.compile("[\ud800-\udfff]")
"""Half of a character, which JSON can say and no text can hold."""


def notebook_cells(content: bytes, name: str) -> list[tuple[int, str]]:
    """Return the code cells of a notebook in document order, each with its number among them, from 1.

    Whatever the notebook holds, of whatever type, it has cells or raises ``ProblemError``.
    """
    cells: list[tuple[int, str]] = []
    try:
        code = [cell for cell in cells_in(decode_utf8(content, name)) if _is_code(cell)]
    except ValueError as error:
        raise ProblemError(f"{name} is not a notebook: {error}") from None
    if len(code) > CELLS_LIMIT:
        raise ProblemError(f"{name} has more than {CELLS_LIMIT} code cells")
    for number, cell in enumerate(code, 1):
        text = None if _is_left_out(cell) else _runnable(_source(cell))
        if text is not None and text.strip():
            cells.append((number, text))
    return cells


def _is_code(cell: Mapping[str, Any]) -> bool:
    """Tell whether a cell is code, or was when nbgrader released it for students to write in, as nbgrader does."""
    noted = nbgrader_metadata_of(cell)
    was_code = noted.get("solution") is True and noted.get("cell_type") == "code"
    return was_code or cell.get("cell_type") == "code"


def _source(cell: Mapping[str, Any]) -> str:
    text = text_of(cell).replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return _SURROGATE.sub("\ufffd", text)


def _is_left_out(cell: Mapping[str, Any]) -> bool:
    """Tell whether a cell is a test of nbgrader's, or one of the kit's that a student has not written into."""
    noted, tags = nbgrader_metadata_of(cell), metadata_of(cell).get("tags")
    if noted.get("grade") is True and noted.get("locked") is True:
        return True
    own = isinstance(tags, list) and any(isinstance(tag, str) and tag in _OWN_TAGS for tag in tags)
    id_ = noted.get("grade_id")
    own = own or (noted.get("locked") is True and isinstance(id_, str) and id_ in _OWN_CELLS)
    return own and not _STUDENTS_WORK.search(_source(cell))


def _runnable(source: str) -> str | None:
    """Return a cell's text as Python, in the same lines; ``None`` if its magic does not run it as code."""
    lines = source.split("\n")
    start = next((number for number, line in enumerate(lines) if line.strip()), 0)
    if lines[start].startswith("%%"):
        if lines[start][2:].partition(" ")[0].strip() not in _CODE_MAGICS:
            return None
        lines[start] = ""
        source = "\n".join(lines)
    return as_cell(source)
