"""An edit of a source text."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Edit"]


class Edit(NamedTuple):
    """A text is replaced from one offset to another."""

    kind: str
    start: int
    end: int
    text: str
    at: int = -1
    """The offset of the line that is edited; -1 for the first one that differs."""
