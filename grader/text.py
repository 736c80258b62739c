"""Make what students wrote safe to show on a terminal or a page."""

from __future__ import annotations

import unicodedata

__all__ = ["printable"]

_HARMFUL = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of controls, formats such as right-to-left overrides, surrogates and line separators."""
_JOINERS = frozenset("\u200c\u200d")
"""Format characters that are part of ordinary words and emoji."""


def printable(text: str, *, keep: str = "\n\t") -> str:
    """Return ``text`` with every control or format character escaped, except those in ``keep``."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character
        if character in keep or character in _JOINERS or unicodedata.category(character) not in _HARMFUL
        else character.encode("unicode_escape").decode("ascii")
        for character in text
    )
