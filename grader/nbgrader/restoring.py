"""Repair a submitted notebook so that nbgrader can process it.

nbgrader refuses it, or stops for all students, if its own metadata are broken. So these are written anew from
what the course's database knows of the released notebook; of the student's they are only believed which cell is
which. No code of the student's is changed or left out, but for blanks in hundreds. Text acts on no page (`harmless`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode, validate
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

from grader.candidate.inside.shown import MARKDOWN
from grader.candidate.showing import Picture, ShownCell
from grader.nbgrader.harmless import attachments_named, harmless, with_pictures
from grader.text import printable

__all__ = ["ReleasedCell", "restored", "without_work"]

_NEW: Mapping[str, Callable[..., NotebookNode]] = {
    "code": new_code_cell,
    "markdown": new_markdown_cell,
    "raw": new_raw_cell,
}
_MISSING = "This cell is missing from what was handed in."
_TOO_LONG = "What was written here is too long to be laid out; it is shown as it is, before this cell."
_BLANKS = re.compile(r"(\s{100})\s*(\s{100})")
"""Of more blanks in a row the first and last are shown: colouring code takes the square of their number."""


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
        noted = {
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
        return {"nbgrader": {key: value for key, value in noted.items() if value is not None}}


def restored(cells: Sequence[ShownCell], released: Sequence[ReleasedCell]) -> NotebookNode:
    """Return a notebook of what is shown of one, with exactly the cells of nbgrader's that were ``released``.

    The last cell that claims to be one of them is it, as with nbgrader; others become ordinary cells. One that is
    missing is put behind the one before it.
    """
    known = {cell.name: cell for cell in released}
    last = {cell.name: number for number, cell in enumerate(cells)}
    whole = [
        shown
        for number, cell in enumerate(cells)
        for shown in _shown(cell, known.get(cell.name or "") if last[cell.name] == number else None)
    ]
    return _notebook(list(_completed(whole, released)))


def without_work(reason: str, released: Sequence[ReleasedCell]) -> NotebookNode:
    """Return the released notebook with no work in it, and before it why that of the student is not there."""
    why = harmless(printable(reason))
    heading = new_markdown_cell(f"What was handed in cannot be shown:\n\n    {why}")
    return _notebook([heading, *_completed([], released)])


def _notebook(cells: list[NotebookNode]) -> NotebookNode:
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    notebook: NotebookNode = new_notebook(cells=cells, metadata={"language_info": {"name": "python"}})
    validate(notebook)
    return notebook


def _shown(cell: ShownCell, released: ReleasedCell | None) -> Iterator[NotebookNode]:
    """Yield a student's cell; if it is locked, what was written into it and then the cell as it was released."""
    if released is None or (
        released.locked and cell.kind == "code" and cell.text.strip() != released.source.strip()
    ):
        yield _students(cell, cell.kind, _tags(cell))
    if released is not None:
        metadata = released.metadata() | _tags(cell)
        if released.locked or cell.text == released.source:
            yield _as_released(released, metadata, cell.pictures)
        elif released.cell_type == "code" or len(cell.text) <= MARKDOWN:
            yield _students(cell, released.cell_type, metadata)
        else:
            yield _students(cell, cell.kind, _tags(cell))
            yield _NEW[released.cell_type](_TOO_LONG, metadata=metadata)


def _students(cell: ShownCell, kind: str, metadata: dict[str, Any]) -> NotebookNode:
    """Return a cell with what a student wrote, text of which acts on no page."""
    if kind == "markdown":
        text, attachments = with_pictures(cell.text, cell.pictures)
        return _NEW[kind](text, metadata=metadata, **_filled(attachments))
    text = _BLANKS.sub(r"\1\2", cell.text) if kind == "code" else harmless(cell.text)
    return _NEW[kind](text, metadata=metadata)


def _as_released(
    released: ReleasedCell, metadata: dict[str, Any], pictures: Sequence[Picture] = ()
) -> NotebookNode:
    """Return a cell as it was released, with those of ``pictures`` that it shows: the database knows its text alone."""
    named = attachments_named(released.source, pictures) if released.cell_type == "markdown" else {}
    return _NEW[released.cell_type](released.source, metadata=metadata, **_filled(named))


def _filled(attachments: dict[str, dict[str, str]]) -> dict[str, Any]:
    return {"attachments": attachments} if attachments else {}


def _tags(cell: ShownCell) -> dict[str, Any]:
    """Return the metadata with a cell's tags, if it has any."""
    return {"tags": list(cell.tags)} if cell.tags else {}


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
    if released.locked:
        return _as_released(released, released.metadata())
    note = f"# {_MISSING}" if released.cell_type == "code" else _MISSING
    return _NEW[released.cell_type](note, metadata=released.metadata())
