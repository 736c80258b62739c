"""The cells of a notebook as people are shown them, and the limits that both sides keep."""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = [
    "CELLS",
    "CHARACTERS",
    "KINDS",
    "MARKDOWN",
    "NAME",
    "NAME_LENGTH",
    "PICTURES",
    "PICTURE_KINDS",
    "TAGS_LENGTH",
    "TEXT",
    "Picture",
    "ShownCell",
    "is_picture",
    "is_tag",
]

CELLS, CHARACTERS = 1000, 1_000_000
"""Limits of a notebook: nbgrader takes milliseconds for a cell, and seconds for a million characters."""
TEXT, MARKDOWN = 100_000, 10_000
"""Characters of all cells except code, and of one Markdown cell; a longer one is shown raw. If Markdown has many
openings and no end, nbconvert takes half a second for so many characters, and quadratic time for more."""
PICTURES = 50
NAME_LENGTH = 200
"""Characters of a picture's name."""
TAGS_LENGTH = 10_000
"""Characters of all the tags of a notebook."""
NAME = re.compile(r"[a-zA-Z0-9_-]{1,100}")
"""The names that nbgrader can give to a cell."""
KINDS = ("code", "markdown", "raw")
_SIGNATURES = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF87a", b"GIF89a"),
}
"""The first bytes of the pictures that are shown."""
PICTURE_KINDS = tuple(_SIGNATURES)


class Picture(NamedTuple):
    """A picture that was pasted into a cell."""

    name: str
    kind: str
    """Its media type: ``image/png``, ``image/jpeg`` or ``image/gif``."""
    content: bytes


class ShownCell(NamedTuple):
    """A cell of a notebook."""

    kind: str
    """``code``, ``markdown`` or ``raw``."""
    text: str
    name: str | None = None
    """The name that nbgrader has for it, according to the student's file."""
    tags: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()


def is_picture(kind: str, content: bytes) -> bool:
    """Tell whether pictures of this kind are shown, and ``content`` begins like one."""
    return content.startswith(_SIGNATURES.get(kind, ()))


def is_tag(tag: str) -> bool:
    """Tell whether ``tag`` may be the tag of a cell."""
    return tag != "" and "," not in tag
