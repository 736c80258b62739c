"""Write text in the characters that a terminal has."""

from __future__ import annotations

from functools import cache

__all__ = ["spelled"]

_SPELLINGS = {
    "✓": "+",
    "✗": "x",
    "…": "...",
    "–": "-",
    "—": "-",
    "−": "-",
    "·": ".",
    "⊙": "*",
    "′": "'",
    "ᵀ": "^T",
    "η": "eta",
    "ŷ": "y_hat",
    "←": "<-",
    "→": "->",
    "“": '"',
    "”": '"',
    "ä": "a",
    "ö": "o",
    "Ä": "A",
    "Ö": "O",
}
"""ASCII spellings of the characters in formulas and messages, for terminals that have only ASCII."""


def spelled(text: str, encoding: str) -> str:
    """Return ``text`` in the characters of ``encoding``: the others are spelled in ASCII, or escaped."""
    if _can_write(text, encoding):
        return text
    return "".join(
        character
        if _can_write(character, encoding)
        else _SPELLINGS.get(character) or character.encode("unicode_escape").decode("ascii")
        for character in text
    )


@cache
def _can_write(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
