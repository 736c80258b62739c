"""Take the cells that people are shown out of a notebook: its texts, and the pictures pasted into them."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from grader.candidate.sandbox.runtime.decoding import ProblemError
from grader.candidate.sandbox.runtime.notebooks import NotebookCell, joined, notebook_cells
from grader.protocol import shown_cells
from grader.protocol.problems import Problem
from grader.protocol.shown_cells import Picture

__all__ = ["show"]

_FILE = "perceptron.ipynb"
"""The name of the only notebook that is shown."""
_PICTURE_BYTES = 4_000_000
"""Bytes of all the pictures that are shown of a notebook; later ones are left out."""


def show(content: bytes) -> tuple[list[dict[str, Any]], bytes]:
    """Return a description of each cell of the notebook in ``content``, and their contents.

    Of each cell: its ``kind``, the ``name`` that nbgrader has for it or ``None``, its ``tags``, the ``size`` of its
    text in bytes of UTF-8, and its ``pictures`` (name, kind, size). The contents are each cell's text and then its
    pictures. Raises ``ProblemError`` if it is not a notebook, or too large to be shown.
    """
    cells = _cells(content)
    texts = [_unicode(cell.source) for cell in cells]
    if sum(map(len, texts)) > shown_cells.CHARACTERS:
        raise ProblemError(Problem.TOO_MANY_CHARACTERS, limit=shown_cells.CHARACTERS)
    kinds = list(map(_kind, cells, texts))
    if sum(len(text) for text, kind in zip(texts, kinds, strict=True) if kind != "code") > shown_cells.TEXT:
        raise ProblemError(Problem.TOO_MUCH_TEXT, limit=shown_cells.TEXT)
    described: list[dict[str, Any]] = []
    contents: list[bytes] = []
    pictures = _Pictures()
    tags_length = 0
    for cell, kind, text in zip(cells, kinds, texts, strict=True):
        own = pictures.of(cell) if kind == "markdown" else []
        tags = list(dict.fromkeys(_unicode(tag) for tag in cell.tags if shown_cells.is_tag(tag)))
        tags_length += sum(map(len, tags))
        contents += [text.encode(), *(picture.content for picture in own)]
        described.append(
            {
                "kind": kind,
                "name": cell.name if shown_cells.NAME.fullmatch(cell.name) else None,
                "tags": tags if tags_length <= shown_cells.TAGS_LENGTH else [],
                "size": len(text.encode()),
                "pictures": [[picture.name, picture.kind, len(picture.content)] for picture in own],
            }
        )
    return described, b"".join(contents)


def _cells(content: bytes) -> list[NotebookCell]:
    try:
        cells = list(islice(notebook_cells(content.decode("utf-8-sig"), _FILE), shown_cells.CELLS + 1))
    except UnicodeDecodeError:
        raise ProblemError(Problem.BROKEN_NOTEBOOK, file=_FILE) from None
    if len(cells) > shown_cells.CELLS:
        raise ProblemError(Problem.TOO_MANY_CELLS, limit=shown_cells.CELLS)
    return cells


def _kind(cell: NotebookCell, text: str) -> str:
    is_shown = cell.kind in shown_cells.KINDS
    is_long = cell.kind == "markdown" and len(text) > shown_cells.MARKDOWN
    return cell.kind if is_shown and not is_long else "raw"


def _unicode(text: str) -> str:
    """Return ``text`` with its lone surrogates, which cannot be written to a file, as escapes."""
    return text.encode("utf-8", "backslashreplace").decode()


class _Pictures:
    """Takes pictures out of cells while there is room for more."""

    def __init__(self) -> None:
        self._count, self._size = 0, 0

    def of(self, cell: NotebookCell) -> list[Picture]:
        """Return the pictures attached to ``cell`` that there is room for."""
        taken = []
        for picture in _attached(cell.attachments):
            size = self._size + len(picture.content)
            if self._count < shown_cells.PICTURES and size <= _PICTURE_BYTES:
                self._count, self._size = self._count + 1, size
                taken.append(picture)
        return taken


def _attached(attachments: Mapping[str, Any]) -> Iterator[Picture]:
    for name, bundle in attachments.items():
        if 0 < len(name) <= shown_cells.NAME_LENGTH and name.isprintable() and isinstance(bundle, Mapping):
            found = (_picture(name, kind, bundle.get(kind)) for kind in shown_cells.PICTURE_KINDS)
            if (picture := next(filter(None, found), None)) is not None:
                yield picture


def _picture(name: str, kind: str, value: object) -> Picture | None:
    """Return the picture that ``value`` holds in base64, or ``None`` if it does not."""
    try:
        content = base64.b64decode("".join(joined(value).split()), validate=True)
    except ValueError:
        return None
    return Picture(name, kind, content) if shown_cells.is_picture(kind, content) else None
