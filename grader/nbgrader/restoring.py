"""Makes of what a student handed in a notebook that nbgrader can work with, whatever has happened to it.

nbgrader refuses, or stops for all students, where its own metadata are broken. So these are written anew from
what the course's database knows of the released notebook; of the student's they are only believed which cell is
which. No code of the student's is changed or left out. Text is shown without its HTML: nbgrader's pages would run a
script in it with the rights of whoever looks at them, who may change marks.
"""

from __future__ import annotations

import json
import re
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
_MOST_CELLS, _MOST_CHARACTERS = 1000, 1_000_000
"""Of a notebook that is shown: nbgrader takes milliseconds for a cell, and seconds for a million characters."""
_MARKUP = re.compile(r"<(?=[a-z/!?])|&(?=#|\w+;)|(?:javascript|vbscript)(?=\\*:)", re.IGNORECASE)
"""What begins a tag, a comment, a character by its name or number, or a link that runs a script."""


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
    missing is put behind the one before it. Raises ``ValueError`` where there is no notebook to be read, or too much
    of it to be shown.
    """
    cells = _read(content)
    known = {cell.name: cell for cell in released}
    claims = [_claim(cell, known) for cell in cells]
    last = {name: number for number, name in enumerate(claims) if name is not None}
    whole = [
        shown
        for number, (cell, name) in enumerate(zip(cells, claims, strict=True))
        for shown in _shown(cell, known[name] if name is not None and last[name] == number else None)
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
    cells = [cell for sheet in sheets for cell in _mappings(sheet.get("cells"))]
    if len(cells) > _MOST_CELLS:
        raise ValueError(f"it has more than {_MOST_CELLS} cells")
    if sum(len(_source(cell)) for cell in cells) > _MOST_CHARACTERS:
        raise ValueError(f"there are more than {_MOST_CHARACTERS} characters in its cells")
    return cells


def _mappings(value: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, Mapping))


def _claim(cell: Mapping[str, Any], known: Mapping[str, ReleasedCell]) -> str | None:
    """Return the name of the released cell that a cell says it is, if there is one of that name."""
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, Mapping) else None
    name = marks.get("grade_id") if isinstance(marks, Mapping) else None
    return name if isinstance(name, str) and name in known else None


def _shown(cell: Mapping[str, Any], released: ReleasedCell | None) -> Iterator[NotebookNode]:
    """Yield a student's cell; where it is a locked one, that as it was released, after what was written into it."""
    kind, source = _kind(cell), _source(cell)
    if released is None or (released.locked and kind == "code" and source.strip() != released.source.strip()):
        yield _NEW[kind](_harmless(source, kind), metadata=_tags(cell))
    if released is not None:
        keeps = released.locked or source == released.source
        source = released.source if keeps else _harmless(source, released.cell_type)
        yield _NEW[released.cell_type](source, metadata=released.metadata() | _tags(cell))


def _kind(cell: Mapping[str, Any]) -> str:
    kind = cell.get("cell_type")
    return kind if isinstance(kind, str) and kind in _NEW else "raw"


def _harmless(source: str, kind: str) -> str:
    """Return ``source``, and that of Markdown with a blank in whatever would be HTML; formulas are the same with it."""
    return _MARKUP.sub(r"\g<0> ", source) if kind == "markdown" else source


def _tags(cell: Mapping[str, Any]) -> dict[str, Any]:
    """Return the metadata with a cell's tags, if it has any that are valid."""
    metadata = cell.get("metadata")
    tags = metadata.get("tags") if isinstance(metadata, Mapping) else None
    valid = (
        (_unicode(tag) for tag in tags if isinstance(tag, str) and tag and "," not in tag)
        if isinstance(tags, list)
        else ()
    )
    found = list(dict.fromkeys(valid))
    return {"tags": found} if found else {}


def _source(cell: Mapping[str, Any]) -> str:
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    return _unicode(source) if isinstance(source, str) else ""


def _unicode(text: str) -> str:
    """Return ``text`` with its lone surrogates, which cannot be written to a file, as escapes."""
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
