"""What people are shown of a notebook, as the far side of the wall took it out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.candidate.inside import shown
from grader.candidate.inside.wire import WireError
from grader.errors import UnreadableError
from grader.text import printable

__all__ = ["Picture", "ShownCell", "shown_reply"]

_REASON_LENGTH = 200


@dataclass(frozen=True)
class Picture:
    """A picture that was pasted into a cell."""

    name: str
    kind: str
    """Its media type: ``image/png``, ``image/jpeg`` or ``image/gif``."""
    content: bytes


@dataclass(frozen=True)
class ShownCell:
    """A cell of a notebook."""

    kind: str
    """``code``, ``markdown`` or ``raw``."""
    text: str
    name: str | None = None
    """What nbgrader calls it, as the student's file says."""
    tags: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()


def shown_reply(header: Mapping[str, Any], payload: bytes) -> tuple[ShownCell, ...]:
    """Return the cells in a reply; raises ``WireError`` for anything else.

    Raises ``UnreadableError`` if the reply says that the notebook cannot be shown, and why.
    """
    if (reason := header.get("refused")) is not None:
        raise UnreadableError(printable(_text(reason, _REASON_LENGTH)))
    contents = _Contents(payload)
    cells = tuple(_cell(cell, contents) for cell in _list(header.get("cells"), shown.CELLS))
    if (
        sum(len(cell.text) for cell in cells) > shown.CHARACTERS
        or sum(len(cell.text) for cell in cells if cell.kind != "code") > shown.TEXT
        or any(len(cell.text) > shown.MARKDOWN for cell in cells if cell.kind == "markdown")
    ):
        raise WireError("there are too many characters")
    return cells


class _Contents:
    """Takes pieces, one after another, from a payload."""

    def __init__(self, payload: bytes) -> None:
        self._payload, self._at = payload, 0

    def take(self, size: object) -> bytes:
        if not isinstance(size, int) or not 0 <= size <= len(self._payload) - self._at:
            raise WireError("a size is out of range")
        self._at += size
        return self._payload[self._at - size : self._at]


def _cell(cell: object, contents: _Contents) -> ShownCell:
    match cell:
        case {
            "kind": str(kind),
            "name": None | str() as name,
            "tags": tags,
            "size": size,
            "pictures": pictures,
        }:
            if kind not in shown.KINDS or not (name is None or shown.NAME.fullmatch(name)):
                raise WireError("a cell has an unknown kind or an impossible name")
            try:
                text = contents.take(size).decode()
            except UnicodeDecodeError:
                raise WireError("a text is not UTF-8") from None
            return ShownCell(
                kind,
                text,
                name,
                tuple(map(_tag, _list(tags, shown.TAGS_LENGTH))),
                tuple(_picture(picture, contents) for picture in _list(pictures, shown.PICTURES)),
            )
    raise WireError("a cell has other fields")


def _tag(tag: object) -> str:
    if not shown.is_tag(tag):
        raise WireError("a tag is empty, or not a text")
    return _text(tag, shown.TAGS_LENGTH)


def _picture(picture: object, contents: _Contents) -> Picture:
    match picture:
        case [str(name), str(kind), size] if name.isprintable() and len(name) <= shown.NAME_LENGTH:
            content = contents.take(size)
            if shown.is_picture(kind, content):
                return Picture(name, kind, content)
    raise WireError("a picture is not of a kind that is shown")


def _list(value: object, longest: int) -> Sequence[object]:
    if not isinstance(value, list) or len(value) > longest:
        raise WireError("a list is too long, or something else")
    return value


def _text(value: object, longest: int) -> str:
    if not isinstance(value, str) or len(value) > longest:
        raise WireError("a text is too long, or something else")
    return value
