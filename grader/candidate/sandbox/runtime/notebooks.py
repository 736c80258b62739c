"""Read notebooks, of any format and whatever is wrong with them; take the code to run out of one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from grader.candidate.sandbox.runtime.decoding import ProblemError, decode_utf8
from grader.candidate.sandbox.runtime.magics import as_cell
from grader.protocol.problems import Problem

__all__ = ["CELLS_LIMIT", "NotebookCell", "code_cells", "joined", "notebook_cells"]

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
"""Half of a character, which JSON can contain and text cannot."""


class NotebookCell:
    """A cell of a notebook; fields of a wrong type count as empty."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = fields

    @property
    def kind(self) -> str:
        """``code``, ``markdown`` or ``raw``; or something else that a broken file says."""
        kind = self._fields.get("cell_type")
        return kind if isinstance(kind, str) else ""

    @property
    def source(self) -> str:
        """The text of the cell, which may contain lone surrogates."""
        return joined(self._fields.get("source", self._fields.get("input")))

    @property
    def tags(self) -> list[str]:
        """The tags in its metadata."""
        tags = _mapping(self._fields.get("metadata")).get("tags")
        return [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []

    @property
    def nbgrader(self) -> Mapping[str, Any]:
        """The metadata that nbgrader keeps about it."""
        return _mapping(_mapping(self._fields.get("metadata")).get("nbgrader"))

    @property
    def name(self) -> str:
        """The name that nbgrader has for it, or an empty text."""
        name = self.nbgrader.get("grade_id")
        return name if isinstance(name, str) else ""

    @property
    def attachments(self) -> Mapping[str, Any]:
        """The files pasted into it."""
        return _mapping(self._fields.get("attachments"))


def notebook_cells(text: str, name: str) -> Iterator[NotebookCell]:
    """Yield the cells of the notebook in the file ``name``; those of format 3 lie in worksheets.

    Raises ``ProblemError`` if ``text`` is not a notebook.
    """
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError) as error:
        if (line := getattr(error, "lineno", None)) is None:
            raise ProblemError(Problem.BROKEN_NOTEBOOK, file=name) from None
        raise ProblemError(Problem.BROKEN_NOTEBOOK_AT, file=name, line=line) from None
    if not isinstance(notebook, dict):
        raise ProblemError(Problem.NO_NOTEBOOK, file=name)
    sheets = [notebook, *_objects(notebook.get("worksheets"))]
    return (NotebookCell(cell) for sheet in sheets for cell in _objects(sheet.get("cells")))


def joined(value: object) -> str:
    """Return a text that may be stored as a list of lines; an empty one for anything else."""
    if isinstance(value, list):
        return "".join(line for line in value if isinstance(line, str))
    return value if isinstance(value, str) else ""


def code_cells(content: bytes, name: str) -> list[tuple[int, str]]:
    """Return the code cells of a notebook in document order, each with its number among them, from 1.

    Cells with tests, and the kit's own, are left out. Raises ``ProblemError`` if it is not a notebook.
    """
    code = [cell for cell in notebook_cells(decode_utf8(content, name), name) if _is_code(cell)]
    if len(code) > CELLS_LIMIT:
        raise ProblemError(Problem.TOO_MANY_CODE_CELLS, file=name, limit=CELLS_LIMIT)
    cells = ((number, _runnable(cell)) for number, cell in enumerate(code, 1) if not _is_left_out(cell))
    return [(number, text) for number, text in cells if text.strip()]


def _is_code(cell: NotebookCell) -> bool:
    """Tell whether a cell is code, or was when nbgrader released it for students to write in, as nbgrader does."""
    was_code = cell.nbgrader.get("solution") is True and cell.nbgrader.get("cell_type") == "code"
    return was_code or cell.kind == "code"


def _is_left_out(cell: NotebookCell) -> bool:
    """Tell whether a cell is a test of nbgrader's, or one of the kit's that a student has not written into."""
    is_locked = cell.nbgrader.get("locked") is True
    if is_locked and cell.nbgrader.get("grade") is True:
        return True
    is_own = not _OWN_TAGS.isdisjoint(cell.tags) or (is_locked and cell.name in _OWN_CELLS)
    return is_own and not _STUDENTS_WORK.search(_text(cell))


def _text(cell: NotebookCell) -> str:
    text = cell.source.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return _SURROGATE.sub("\ufffd", text)


def _runnable(cell: NotebookCell) -> str:
    """Return a cell's text as Python, in the same lines; an empty one if its magic does not run it as code."""
    lines = _text(cell).split("\n")
    start = next((number for number, line in enumerate(lines) if line.strip()), 0)
    if lines[start].startswith("%%"):
        if lines[start][2:].partition(" ")[0].strip() not in _CODE_MAGICS:
            return ""
        lines[start] = ""
    return as_cell("\n".join(lines))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))
