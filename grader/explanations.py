"""Read what a student is told about each known mistake (``explanations.toml``)."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

__all__ = ["Explanation", "explanation"]

_FILE = Path(__file__).with_name("explanations.toml")


class Explanation(NamedTuple):
    """What is said about one mistake."""

    title: str
    """The mistake in a line."""
    text: str
    """Why it is a mistake, and what to look at."""


def explanation(mistake: str) -> Explanation:
    """Return what is said about a ``mistake``, by its name in the catalogue; its name alone, if it is not there."""
    found = _explanations().get(mistake)
    return Explanation(mistake, "") if found is None else Explanation(**found)


@cache
def _explanations() -> dict[str, dict[str, str]]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))
