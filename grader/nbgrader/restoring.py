"""Makes of what a student handed in a notebook that nbgrader can work with, whatever has happened to it.

nbgrader refuses, or stops for all students, where its own metadata are broken. So these are written anew from
what the course's database knows of the released notebook; of the student's they are only believed which cell is
which. No code of the student's is changed or left out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode, validate
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

from grader.text import printable

__all__ = ["ReleasedCell", "restored", "without_work"]

_NEW: Mapping[str, Callable[..., NotebookNode]] = {
    "code": new_code_cell,
    "markdown": new_markdown_cell,
    "raw": new_raw_cell,
}
_MISSING = "This cell is missing from what was handed in."


@dataclass(frozen=True)
class ReleasedCell:
    """What the database knows of one of nbgrader's cells in the released notebook."""

    name: str
    """Its ``grade_id``."""
    cell_type: str
    source: str
    checksum: str | None
    locked: bool
    grade: bool = False
    solution: bool = False
    task: bool = False
    points: float | None = None

    def metadata(self) -> dict[str, Any]:
        """Return nbgrader's metadata of the cell."""
        marks = {
            "cell_type": self.cell_type,
            "checksum": self.checksum,
            "grade": self.grade,
            "grade_id": self.name,
            "locked": self.locked,
            "points": self.points,
            "schema_version": 3,
            "solution": self.solution,
            "task": self.task,
        }
        return {"nbgrader": {key: value for key, value in marks.items() if value is not None}}


def restored(content: bytes, released: Sequence[ReleasedCell]) -> NotebookNode:
    """Return the notebook in ``content`` with exactly the cells of nbgrader's that were ``released``.

    The last cell that claims to be one of them is it, as with nbgrader; others become ordinary cells. One that is
    missing is put behind the one before it. Raises ``ValueError`` where there is no notebook to be read.
    """
    cells = _read(content)
    known = {cell.name: cell for cell in released}
    last = {name: number for number, cell in enumerate(cells) if (name := _claim(cell, known)) is not None}
    whole = [
        _cell(cell, known[name] if last.get(name := _claim(cell, known) or "") == number else None)
        for number, cell in enumerate(cells)
    ]
    return _notebook(list(_completed(whole, released)))


def without_work(reason: str, released: Sequence[ReleasedCell]) -> NotebookNode:
    """Return the released notebook with no work in it, and before it why that of the student is not there."""
    heading = new_markdown_cell(f"What was handed in cannot be shown:\n\n    {printable(reason, keep='')}")
    return _notebook([heading, *_completed([], released)])


def _notebook(cells: list[NotebookNode]) -> NotebookNode:
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    notebook: NotebookNode = new_notebook(cells=cells, metadata={"language_info": {"name": "python"}})
    validate(notebook)
    return notebook


def _read(content: bytes) -> list[Mapping[str, Any]]:
    """Return the cells of a notebook, of an old format or with mistakes in it."""
    try:
        text = content.decode("utf-8-sig")
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("it is no notebook: its JSON is broken") from None
    if not isinstance(document, dict):
        raise ValueError("it is no notebook: it has no cells")
    sheets = [document, *_mappings(document.get("worksheets"))]
    return [cell for sheet in sheets for cell in _mappings(sheet.get("cells"))]


def _mappings(value: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, Mapping))


def _claim(cell: Mapping[str, Any], known: Mapping[str, ReleasedCell]) -> str | None:
    """Return the name of the released cell that a cell says it is, if there is one of that name."""
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, Mapping) else None
    name = marks.get("grade_id") if isinstance(marks, Mapping) else None
    return name if isinstance(name, str) and name in known else None


def _cell(cell: Mapping[str, Any], released: ReleasedCell | None) -> NotebookNode:
    tags = {"tags": found} if (found := _tags(cell)) else {}
    if released is not None:
        source = released.source if released.locked else _source(cell)
        return _NEW[released.cell_type](source, metadata=released.metadata() | tags)
    kind = cell.get("cell_type")
    return _NEW[kind if isinstance(kind, str) and kind in _NEW else "raw"](_source(cell), metadata=tags)


def _tags(cell: Mapping[str, Any]) -> list[str]:
    metadata = cell.get("metadata")
    tags = metadata.get("tags") if isinstance(metadata, Mapping) else None
    valid = (
        (tag for tag in tags if isinstance(tag, str) and tag and "," not in tag)
        if isinstance(tags, list)
        else ()
    )
    return list(dict.fromkeys(valid))


def _source(cell: Mapping[str, Any]) -> str:
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    text = source if isinstance(source, str) else ""
    return text.encode("utf-8", "backslashreplace").decode()


def _completed(cells: Sequence[NotebookNode], released: Sequence[ReleasedCell]) -> Iterator[NotebookNode]:
    """Yield ``cells`` with the missing ones of those ``released`` among them, each behind the one before it."""
    there = {cell.metadata.nbgrader.grade_id for cell in cells if "nbgrader" in cell.metadata}
    missing: dict[str | None, list[ReleasedCell]] = {}
    anchor = None
    for known in released:
        if known.name in there:
            anchor = known.name
        else:
            missing.setdefault(anchor, []).append(known)
    yield from map(_replacement, missing.get(None, ()))
    for cell in cells:
        yield cell
        if "nbgrader" in cell.metadata:
            yield from map(_replacement, missing.get(cell.metadata.nbgrader.grade_id, ()))


def _replacement(released: ReleasedCell) -> NotebookNode:
    note = f"# {_MISSING}" if released.cell_type == "code" else _MISSING
    source = released.source if released.locked else note
    return _NEW[released.cell_type](source, metadata=released.metadata())
