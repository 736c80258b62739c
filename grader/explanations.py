"""Read what a student is told about each known mistake (``explanations.toml``)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

__all__ = ["Explanation", "explanation", "extract"]

Extracted = tuple[int, None, str, list[str]]
"""The line, no function, the message, and comments for translators."""

_FILE = Path(__file__).with_name("explanations.toml")


class Explanation(NamedTuple):
    """What is said about one mistake."""

    title: str
    """The mistake in a line."""
    text: str
    """Why it is a mistake, and what to look at: paragraphs with an empty line between them."""


def explanation(mistake: str) -> Explanation:
    """Return what is said about a ``mistake``, by its name in the catalogue; its name alone, if it is not there."""
    return _explanations().get(mistake, Explanation(mistake, ""))


def extract(file: BinaryIO, *_keywords: object, **_options: object) -> Iterator[Extracted]:
    """Yield the messages of an explanations file, for Babel: every title is one message, and so is every text.

    The comment for translators is the name of the mistake.
    """
    content = file.read().decode()
    lines = content.splitlines()
    for name, said in _read(content).items():
        line = lines.index(f"[{name}]") + 1
        for message in said:
            yield line, None, message, [name]


@cache
def _explanations() -> dict[str, Explanation]:
    return _read(_FILE.read_text(encoding="utf-8"))


def _read(content: str) -> dict[str, Explanation]:
    entries: dict[str, Any] = tomllib.loads(content)
    return {name: Explanation(said["title"], _unwrapped(said["text"])) for name, said in entries.items()}


def _unwrapped(text: str) -> str:
    """Return ``text`` with each paragraph in one line."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
