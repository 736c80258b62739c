"""Repair a submitted notebook so that nbgrader can process it.

nbgrader refuses a notebook, or stops for all students, if its own metadata in it are broken. So they are written again
from what the gradebook knows of the released notebook; a student's metadata only say which cell is which. All of the
student's code stays as it is, except for blanks in hundreds. Text is sanitized.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from nbformat import NotebookNode, validate
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

from grader.languages import translated
from grader.nbgrader.sanitizing import attachments_named, sanitized, sanitized_with_pictures
from grader.protocol.shown_cells import MARKDOWN, Picture, ShownCell
from grader.text import printable

__all__ = ["ReleasedCell", "notebook_without_work", "repaired"]

_NEW: Mapping[str, Callable[..., NotebookNode]] = {
    "code": new_code_cell,
    "markdown": new_markdown_cell,
    "raw": new_raw_cell,
}
_BLANKS = re.compile(r"(\s{100})\s*(\s{100})")
"""Of longer runs of blanks, the first and last are shown: highlighting code takes the square of their number."""


@dataclass(frozen=True)
class ReleasedCell:
    """What the gradebook knows about one of nbgrader's cells in the released notebook."""

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
        values = asdict(self) | {"grade_id": self.name, "schema_version": 3}
        kept = {key: value for key, value in values.items() if value is not None}
        del kept["name"], kept["source"]
        return {"nbgrader": kept}


def repaired(cells: Sequence[ShownCell], released: Sequence[ReleasedCell]) -> NotebookNode:
    """Return a notebook with the student's ``cells`` and exactly those of nbgrader's cells that were ``released``.

    If several cells claim to be the same released cell, the last one counts, as with nbgrader; the others become
    ordinary cells. A missing cell is added after the one that preceded it.
    """
    known = {cell.name: cell for cell in released}
    last = {cell.name: number for number, cell in enumerate(cells)}
    present = [
        shown
        for number, cell in enumerate(cells)
        for shown in _shown(cell, known.get(cell.name or "") if last[cell.name] == number else None)
    ]
    return _notebook(list(_completed(present, released)))


def notebook_without_work(reason: str, released: Sequence[ReleasedCell]) -> NotebookNode:
    """Return the released notebook without any work, after a cell that says why the student's work is missing."""
    why = sanitized(printable(reason))
    heading = new_markdown_cell(
        f"{translated('The notebook that was handed in cannot be shown:')}\n\n    {why}"
    )
    return _notebook([heading, *_completed([], released)])


def _notebook(cells: list[NotebookNode]) -> NotebookNode:
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    notebook: NotebookNode = new_notebook(cells=cells, metadata={"language_info": {"name": "python"}})
    validate(notebook)
    return notebook


def _shown(cell: ShownCell, released: ReleasedCell | None) -> Iterator[NotebookNode]:
    """Yield a student's cell; before a locked cell, which is shown as released, yield what was written into it."""
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
            yield _NEW[released.cell_type](_too_long(), metadata=metadata)


def _students(cell: ShownCell, kind: str, metadata: dict[str, Any]) -> NotebookNode:
    """Return a cell with what a student wrote, its text sanitized."""
    if kind == "markdown":
        text, attachments = sanitized_with_pictures(cell.text, cell.pictures)
        return _NEW[kind](text, metadata=metadata, **_filled(attachments))
    text = _BLANKS.sub(r"\1\2", cell.text) if kind == "code" else sanitized(cell.text)
    return _NEW[kind](text, metadata=metadata)


def _too_long() -> str:
    return translated(
        "This text is too long for a layout. The cell before this one shows it as it was written."
    )


def _as_released(
    released: ReleasedCell, metadata: dict[str, Any], pictures: Sequence[Picture] = ()
) -> NotebookNode:
    """Return a cell as it was released, with those of ``pictures`` that it shows: the gradebook has only its text."""
    named = attachments_named(released.source, pictures) if released.cell_type == "markdown" else {}
    return _NEW[released.cell_type](released.source, metadata=metadata, **_filled(named))


def _filled(attachments: dict[str, dict[str, str]]) -> dict[str, Any]:
    return {"attachments": attachments} if attachments else {}


def _tags(cell: ShownCell) -> dict[str, Any]:
    return {"tags": list(cell.tags)} if cell.tags else {}


def _completed(cells: Sequence[NotebookNode], released: Sequence[ReleasedCell]) -> Iterator[NotebookNode]:
    """Yield ``cells``, and each missing one of those ``released`` after the one that preceded it."""
    present = {cell.metadata.nbgrader.grade_id for cell in cells if "nbgrader" in cell.metadata}
    missing: dict[str | None, list[ReleasedCell]] = {}
    anchor = None
    for known in released:
        if known.name in present:
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
    missing = translated("This cell is missing from the notebook that was handed in.")
    note = f"# {missing}" if released.cell_type == "code" else missing
    return _NEW[released.cell_type](note, metadata=released.metadata())
