"""Reads who handed something in, and which time, off the name that a learning platform gave it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["Handed", "handed"]

_NAMES = Path(__file__).with_name("platforms.toml")
_LONGEST = 255


@dataclass(frozen=True)
class Handed:
    """What a name says of a thing that was handed in."""

    id: str
    aliases: tuple[str, ...]
    """The number and the name that the platform knows the student by."""
    file: str
    """The name that the student gave the file; empty for a folder."""
    turn: tuple[int, ...]
    """Higher for what was handed in later; empty where the platform does not say."""
    assignment: str = ""


def handed(name: str) -> Handed | None:
    """Return what a file's or folder's name says, or none where no platform gave it."""
    if len(name) > _LONGEST:
        return None
    for pattern in _patterns():
        if match := pattern.fullmatch(name):
            found = {key: value or "" for key, value in match.groupdict().items()}
            who = [found.get("name", ""), found.get("number", "")]
            return Handed(
                "_".join(part for part in who if part),
                tuple(part for part in reversed(who) if part),
                found.get("file", "") + found.get("ending", ""),
                tuple(int(digits) for digits in re.findall(r"\d+", found.get("turn", ""))),
                found.get("assignment", ""),
            )
    return None


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    platforms = tomllib.loads(_NAMES.read_text(encoding="utf-8"))["platform"]
    return tuple(re.compile(platform["pattern"]) for platform in platforms)
