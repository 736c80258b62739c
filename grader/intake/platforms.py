"""Read who handed something in, and which time, off the name that a learning platform gave it.

Which platform that was is decided once, for all that lies side by side: a student chose the end of a name, and may
have made it look like another platform's.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["Handed", "Platform", "handed", "is_most", "platform_of"]

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
    assignment: str
    given: int
    """How much of the name is the platform's."""


@dataclass(frozen=True)
class Platform:
    """How one platform names what it hands out."""

    title: str
    patterns: tuple[re.Pattern[str], ...]

    def handed(self, name: str) -> Handed | None:
        """Return what a file's or folder's name says, or ``None`` if the platform did not give it."""
        if len(name) > _LONGEST:
            return None
        for pattern in self.patterns:
            if match := pattern.fullmatch(name):
                return _handed(match)
        return None


def _handed(match: re.Match[str]) -> Handed:
    found = {key: value or "" for key, value in match.groupdict().items()}
    who = [found.get("name", ""), found.get("number", "")]
    file = found.get("file", "") + found.get("ending", "")
    return Handed(
        "_".join(part for part in who if part),
        tuple(part for part in reversed(who) if part),
        file,
        tuple(int(digits) for digits in re.findall(r"\d+", found.get("turn", ""))),
        found.get("assignment", ""),
        len(match[0]) - len(file),
    )


def platform_of(names: Sequence[str], others: Iterable[str] = ()) -> Platform | None:
    """Return the platform that gave by far most names, or ``None`` if there is no such platform.

    ``others`` are names that may be a platform's, but do not speak against it if they are not. Of two platforms that
    fit as many, it is the one that gave less of each: what students chose is always at the end.
    """
    best, rank = None, (0, 0)
    others = list(others)
    for platform in _platforms():
        fitting = [hand for hand in map(platform.handed, names) if hand]
        more = [hand for hand in map(platform.handed, others) if hand]
        count = len(fitting) + len(more)
        ranked = count, -sum(hand.given for hand in [*fitting, *more])
        if count and is_most(count, len(names) - len(fitting)) and (best is None or ranked > rank):
            best, rank = platform, ranked
    return best


def is_most(fitting: int, others: int) -> bool:
    """Tell whether by far most entries fit: at least two of three."""
    return fitting >= 2 * others


def handed(name: str) -> Handed | None:
    """Return what the name of a thing says that is alone, or ``None`` if no platform gave it."""
    platform = platform_of([name])
    return platform.handed(name) if platform else None


@cache
def _platforms() -> tuple[Platform, ...]:
    patterns: dict[str, list[re.Pattern[str]]] = {}
    for platform in tomllib.loads(_NAMES.read_text(encoding="utf-8"))["platform"]:
        patterns.setdefault(platform["title"], []).append(re.compile(platform["pattern"], re.DOTALL))
    return tuple(Platform(title, tuple(found)) for title, found in patterns.items())
