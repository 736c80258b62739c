"""Takes the code out of a notebook: magics set aside, test cells and the kit's own cells left out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from .decoding import ProblemError, decode_utf8
from .magics import as_cell

__all__ = ["CELLS_LIMIT", "notebook_cells"]

CELLS_LIMIT = 10_000
"""Code cells in a notebook."""
_OWN_CELLS = frozenset({"training", "plot", "check"})
"""The kit's cells that are no work of students, in their tags and as nbgrader calls them."""
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
    for number, cell in enumerate(_code_cells(_parsed(content, name)), 1):
        if number > CELLS_LIMIT:
            raise ProblemError(f"{name} has more than {CELLS_LIMIT} code cells")
        text = None if _is_left_out(cell) else _runnable(_source(cell))
        if text is not None and text.strip():
            cells.append((number, text))
    return cells


def _parsed(content: bytes, name: str) -> Mapping[str, Any]:
    try:
        notebook = json.loads(decode_utf8(content, name))
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        where = f" in line {line}" if line else ""
        raise ProblemError(f"{name} is no notebook: its JSON is broken{where}") from None
    if not isinstance(notebook, dict):
        raise ProblemError(f"{name} is no notebook: it has no cells")
    return notebook


def _code_cells(notebook: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the code cells; those of a notebook of format 3 lie in worksheets."""
    sheets = [notebook, *_mappings(notebook.get("worksheets"))]
    for cell in (cell for sheet in sheets for cell in _mappings(sheet.get("cells"))):
        if cell.get("cell_type") == "code" or _was_code(cell):
            yield cell


def _was_code(cell: Mapping[str, Any]) -> bool:
    """Tell whether a cell was code when nbgrader released it for students to write in, as nbgrader itself does."""
    marks = _nbgrader(cell)
    return marks.get("solution") is True and marks.get("cell_type") == "code"


def _nbgrader(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what nbgrader notes of a cell."""
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return marks if isinstance(marks, dict) else {}


def _mappings(value: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def _source(cell: Mapping[str, Any]) -> str:
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    text = source if isinstance(source, str) else ""
    return _SURROGATE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", ""))


def _is_left_out(cell: Mapping[str, Any]) -> bool:
    """Tell whether a cell is a test of nbgrader's, or one of the kit's that a student has not written into."""
    marks, metadata = _nbgrader(cell), cell.get("metadata")
    if marks.get("grade") is True and marks.get("locked") is True:
        return True
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    own = isinstance(tags, list) and any(isinstance(tag, str) and tag in _OWN_TAGS for tag in tags)
    id_ = marks.get("grade_id")
    own = own or (marks.get("locked") is True and isinstance(id_, str) and id_ in _OWN_CELLS)
    return own and not _STUDENTS_WORK.search(_source(cell))


def _runnable(source: str) -> str | None:
    """Return a cell's text as Python, in the same lines; none for a cell under a magic that is not run as code."""
    lines = source.split("\n")
    start = next((number for number, line in enumerate(lines) if line.strip()), 0)
    if lines[start].startswith("%%"):
        if lines[start][2:].partition(" ")[0].strip() not in _CODE_MAGICS:
            return None
        lines[start] = ""
        source = "\n".join(lines)
    return as_cell(source)
