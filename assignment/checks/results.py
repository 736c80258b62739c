"""What a check found, and a student's values as they are compared."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from typing import Any, NamedTuple

import numpy as np

from checks.tolerance import FRACTION, largest
from checks.words import _
from utils import Array


class Entry(NamedTuple):
    """One number by a student's code, and what it should be."""

    name: str
    yours: float
    expected: float
    is_wrong: bool


@dataclass
class Wrong:
    """What is wrong: a sentence, and the numbers that show it."""

    says: str
    entries: list[Entry] = field(default_factory=list)
    expected_by: str = ""
    """Where the expected numbers come from: the head of their column."""
    hint: str = ""
    facts: list[tuple[str, str]] = field(default_factory=list)
    """What the method was given, by the names of the task sheet."""
    place: str = ""
    """The student's own line that raised an exception."""
    entries_are: str = ""
    """What the entries are, if their names do not tell: the head of the first column."""


class Seen(NamedTuple):
    """A value of the student's: an array of finite real numbers, or else what it is instead."""

    array: Array | None
    what: str
    shape: tuple[int, ...] | None

    def reshaped(self, *shape: int) -> Array | None:
        """Return the numbers in `shape`, or None if there are more or fewer."""
        if self.array is None or self.array.size != prod(shape):
            return None
        return self.array.reshape(shape)


def seen(value: Any) -> Seen:
    """Describe a value of the student's."""
    if value is None:
        return Seen(None, "None", None)
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "fiu":
            return Seen(None, _("a value of type {type}").format(type=type(value).__name__), None)
        numbers = np.array(array, dtype=np.float64)
    except (TypeError, ValueError):
        return Seen(None, _("a value of type {type}").format(type=type(value).__name__), None)
    if not np.isfinite(numbers).all():
        text = _("an array of shape {shape} with NaN or infinity in it").format(shape=numbers.shape)
        return Seen(None, text, numbers.shape)
    return Seen(numbers, _("an array of shape {shape}").format(shape=numbers.shape), numbers.shape)


def entries(name: str, yours: Array | None, expected: Array, *involved: Array) -> list[Entry]:
    """Return the numbers side by side; none if there are more or fewer of yours."""
    if yours is None or yours.shape != expected.shape:
        return []
    wrong = ~(np.abs(yours - expected) <= FRACTION * largest(yours, expected, *involved))
    return [
        Entry(f"{name}[{','.join(map(str, i))}]", float(yours[i]), float(expected[i]), bool(wrong[i]))
        for i in map(tuple, np.argwhere(np.ones_like(wrong)).tolist())
    ]


def matrix(numbers: Any) -> str:
    """Return an array as it is typed, without the brackets of a number alone."""
    rounded = np.round(np.asarray(numbers, dtype=float), 4) + 0.0
    return str(rounded.tolist())
