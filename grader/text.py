"""Make what students wrote safe to show on a terminal or a page, and sort names."""

from __future__ import annotations

import unicodedata

__all__ = ["alphabetical", "printable"]

_HARMFUL = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of controls, formats such as right-to-left overrides, surrogates and line separators."""
_JOINERS = frozenset("\u200c\u200d")
"""Format characters that are part of ordinary words and emoji."""


def printable(text: str, *, keep: str = "") -> str:
    """Return ``text`` with every control or format character escaped, except those in ``keep``."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character
        if character in keep or character in _JOINERS or unicodedata.category(character) not in _HARMFUL
        else character.encode("unicode_escape").decode("ascii")
        for character in text
    )


_PLAIN_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"}
)
"""Letters that Unicode does not take apart into a letter and an accent."""


def alphabetical(text: str) -> tuple[str, str]:
    """Return the key to sort names by, the same on every machine: letters without accents and case, then ``text``."""
    letters = unicodedata.normalize("NFKD", text.casefold()).translate(_PLAIN_LETTERS)
    return "".join(letter for letter in letters if not unicodedata.combining(letter)), text
