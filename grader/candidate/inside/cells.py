"""Find the cells in a notebook's JSON, of whatever format and with whatever mistakes in it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["cells_in", "joined", "metadata_of", "nbgrader_metadata_of", "text_of"]


def cells_in(text: str) -> Iterator[Mapping[str, Any]]:
    """Yield the cells of a notebook; those of format 3 lie in worksheets.

    Raises ``ValueError`` with the reason if ``text`` is not a notebook.
    """
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        raise ValueError(f"its JSON is broken{f' in line {line}' if line else ''}") from None
    if not isinstance(notebook, dict):
        raise ValueError("it has no cells")
    sheets = [notebook, *_objects(notebook.get("worksheets"))]
    return (cell for sheet in sheets for cell in _objects(sheet.get("cells")))


def text_of(cell: Mapping[str, Any]) -> str:
    """Return the source of a cell, or an empty text if that is neither a text nor a list of lines."""
    return joined(cell.get("source", cell.get("input")))


def joined(value: object) -> str:
    """Return a text that may be stored as a list of lines; an empty one for anything else."""
    if isinstance(value, list):
        return "".join(line for line in value if isinstance(line, str))
    return value if isinstance(value, str) else ""


def metadata_of(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the metadata of a cell."""
    return _object(cell.get("metadata"))


def nbgrader_metadata_of(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what nbgrader notes of a cell."""
    return _object(metadata_of(cell).get("nbgrader"))


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))
