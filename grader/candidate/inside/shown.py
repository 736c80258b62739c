"""Take out of a notebook what people are shown of it: its texts, and the pictures pasted into them; runs nothing."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from typing import Any

from .cells import cells_in, joined, metadata_of, nbgrader_metadata_of, text_of

__all__ = [
    "CELLS",
    "CHARACTERS",
    "KINDS",
    "MARKDOWN",
    "NAME",
    "NAME_LENGTH",
    "PICTURES",
    "SIGNATURES",
    "TAGS_LENGTH",
    "TEXT",
    "is_picture",
    "is_tag",
    "shown",
]

CELLS, CHARACTERS = 1000, 1_000_000
"""Of a notebook that is shown: nbgrader takes milliseconds for a cell, and seconds for a million characters."""
TEXT, MARKDOWN = 100_000, 10_000
"""Characters of all its cells but those of code, and of one that is shown as Markdown; a longer one is shown raw. Of
Markdown with many beginnings and no end, nbconvert takes half a second for so many, and the square of it for more."""
PICTURES, _PICTURE_BYTES = 50, 4_000_000
"""Pictures of a notebook that are shown, and their size together; those after them are not."""
NAME_LENGTH = 200
"""Characters of a picture's name."""
TAGS_LENGTH = 10_000
"""Characters of all the tags of a notebook."""
NAME = re.compile(r"[a-zA-Z0-9_-]{1,100}")
"""What nbgrader may call a cell."""
KINDS = ("code", "markdown", "raw")
SIGNATURES = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF87a", b"GIF89a"),
}
"""What files of the kinds of pictures that are shown begin with."""


def shown(content: bytes) -> tuple[list[dict[str, Any]], bytes]:
    """Return the cells of the notebook in ``content``, of an old format or with mistakes in it, and their contents.

    Of each cell: its ``kind``, the ``name`` that nbgrader knows it by or ``None``, its ``tags``, the ``size`` of its
    text in bytes of UTF-8, and its ``pictures`` (name, kind, size). The contents are each cell's text and then its
    pictures. Raises ``ValueError`` if it is not a notebook, or too large to be shown.
    """
    cells = _cells(content)
    if len(cells) > CELLS:
        raise ValueError(f"it has more than {CELLS} cells")
    texts = [_source(cell) for cell in cells]
    if sum(map(len, texts)) > CHARACTERS:
        raise ValueError(f"there are more than {CHARACTERS} characters in its cells")
    kinds = [_kind(cell, source) for cell, source in zip(cells, texts, strict=True)]
    if sum(len(text) for text, kind in zip(texts, kinds, strict=True) if kind != "code") > TEXT:
        raise ValueError(f"there are more than {TEXT} characters of text in it")
    described, contents = [], []
    pictures, size, tags_length = 0, 0, 0
    for cell, kind, source in zip(cells, kinds, texts, strict=True):
        text = source.encode()
        kept = []
        contents.append(text)
        for name, media_type, picture in _pictures(cell) if kind == "markdown" else ():
            if pictures < PICTURES and size + len(picture) <= _PICTURE_BYTES:
                pictures, size = pictures + 1, size + len(picture)
                kept.append([name, media_type, len(picture)])
                contents.append(picture)
        tags = _tags(cell)
        tags_length += sum(map(len, tags))
        described.append(
            {
                "kind": kind,
                "name": _name(cell),
                "tags": tags if tags_length <= TAGS_LENGTH else [],
                "size": len(text),
                "pictures": kept,
            }
        )
    return described, b"".join(contents)


def is_picture(kind: str, content: bytes) -> bool:
    """Tell whether ``content`` begins as a picture of this kind does, and the kind is one that is shown."""
    return content.startswith(SIGNATURES.get(kind, ()))


def is_tag(tag: object) -> bool:
    """Tell whether ``tag`` may be a cell's tag."""
    return isinstance(tag, str) and tag != "" and "," not in tag


def _cells(content: bytes) -> list[Mapping[str, Any]]:
    try:
        return list(cells_in(content.decode("utf-8-sig")))
    except UnicodeDecodeError:
        raise ValueError("it is not a notebook: its JSON is broken") from None
    except ValueError as error:
        raise ValueError(f"it is not a notebook: {error}") from None


def _kind(cell: Mapping[str, Any], source: str) -> str:
    kind = cell.get("cell_type")
    if not isinstance(kind, str) or kind not in KINDS or (kind == "markdown" and len(source) > MARKDOWN):
        return "raw"
    return kind


def _source(cell: Mapping[str, Any]) -> str:
    return _unicode(text_of(cell))


def _unicode(text: str) -> str:
    """Return ``text`` with its lone surrogates, which cannot be written to a file, as escapes."""
    return text.encode("utf-8", "backslashreplace").decode()


def _name(cell: Mapping[str, Any]) -> str | None:
    name = nbgrader_metadata_of(cell).get("grade_id")
    return name if isinstance(name, str) and NAME.fullmatch(name) else None


def _tags(cell: Mapping[str, Any]) -> list[str]:
    tags = metadata_of(cell).get("tags")
    return list(dict.fromkeys(_unicode(tag) for tag in tags if is_tag(tag))) if isinstance(tags, list) else []


def _pictures(cell: Mapping[str, Any]) -> Iterator[tuple[str, str, bytes]]:
    """Yield the name, the kind and the content of each picture that is attached to a cell."""
    attachments = cell.get("attachments")
    if not isinstance(attachments, Mapping):
        return
    for name, bundle in attachments.items():
        if 0 < len(name) <= NAME_LENGTH and name.isprintable() and isinstance(bundle, Mapping):
            for kind in SIGNATURES:
                if (picture := _picture(kind, bundle.get(kind))) is not None:
                    yield name, kind, picture
                    break


def _picture(kind: str, value: object) -> bytes | None:
    """Return the picture of a kind that ``value`` holds in base64, if it does."""
    try:
        content = base64.b64decode("".join(joined(value).split()), validate=True)
    except ValueError:
        return None
    return content if is_picture(kind, content) else None
