"""What the checks say, in the language of this folder."""

from __future__ import annotations

TRANSLATIONS: dict[str, str] = {}
"""Sentences in another language, by the English ones."""


def _(sentence: str) -> str:
    """Return a sentence in the language of this folder."""
    return TRANSLATIONS.get(sentence, sentence)


def N(sentence: str) -> str:  # noqa: N802 - the usual name: marks a sentence that is translated later
    """Mark a sentence for translation."""
    return sentence
