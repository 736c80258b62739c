"""Translate the words in the formulas of diagnoses (``formula_phrases.txt``); all else stays."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from grader.languages import ENGLISH, current_language, translated

__all__ = ["formula_text", "phrases"]

_FILE = Path(__file__).with_name("formula_phrases.txt")
_NAME = re.compile(r"\\{(\w+)\\}")


@cache
def phrases() -> tuple[str, ...]:
    """Return the phrases that formulas contain, in English."""
    lines = _FILE.read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


def formula_text(formula: str) -> str:
    """Return a formula with its words in the current language."""
    if current_language() == ENGLISH:
        return formula
    return _pattern().sub(_replacement, formula)


@cache
def _pattern() -> re.Pattern[str]:
    longest_first = sorted(phrases(), key=lambda phrase: (-len(phrase), phrase))
    return re.compile(rf"(?<![\w.])(?:{'|'.join(map(_with_any_number, longest_first))})(?!\w)")


def _with_any_number(phrase: str) -> str:
    return _NAME.sub(r"[^\\s;,]+", re.escape(phrase))


def _replacement(found: re.Match[str]) -> str:
    for phrase in phrases():
        names = _NAME.sub(r"(?P<\1>[^\\s;,]+)", re.escape(phrase))
        if match := re.fullmatch(names, found[0]):
            return translated(phrase).format_map(match.groupdict())
    return found[0]
