"""Read numbers off the lines that ``fit`` printed, in whatever form they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from grader.candidate.replies import FitReply
from grader.text import printable

__all__ = ["Printed", "Row", "printed"]

_EXACT = re.compile(r"Loss at epoch (0|[1-9]\d{0,8}): (-?(?:0|[1-9]\d{0,8})(?:\.\d{0,3})?)", re.ASCII)
_NUMBER = re.compile(r"(?<![\w.])[-+]?\d{1,12}(?:\.\d{0,17})?(?:[eE][-+]?\d{1,3})?|[-+]?\.\d{1,17}", re.ASCII)
_CUT = 120
"""A line of this length may have been cut."""
_MOST_NUMBERS = 8
"""Numbers of one epoch; more are not losses."""
_DECIMALS = 3


class Row(NamedTuple):
    """What was printed for one epoch, or one example: the epoch if there is one, and the loss."""

    epoch: int | None
    value: float


@dataclass(frozen=True)
class Printed:
    """One way to read the lines of all cases."""

    cases: tuple[tuple[Row, ...] | None, ...]
    """The rows of each case; ``None`` if a line was cut."""
    decimals: int
    """How many decimals the losses have."""
    is_exact: bool
    """Whether all lines have the form of the task sheet, with three decimals."""
    line: str
    """The first line, made safe to show."""

    @property
    def rounding(self) -> float:
        """How far a printed number may be off by rounding."""
        return 0.5005 * 10.0**-self.decimals


def printed(replies: Sequence[FitReply], epochs: Sequence[int]) -> list[Printed]:
    """Return the ways to read the lines; ``epochs`` has how many each case ran. No way if there are no numbers."""
    lines = [reply.lines or reply.other_lines for reply in replies]
    if not any(lines):
        return []
    exact = all(_EXACT.fullmatch(line.strip()) for each in lines for line in each)
    by_line = [[_NUMBER.findall(line) for line in each] for each in lines]
    is_cut = [any(len(line) >= _CUT for line in each) for each in lines]
    first = printable(next(line for each in lines for line in each))
    layouts = [by_line]
    if not exact:
        layouts.append([_regrouped(each, count) for each, count in zip(by_line, epochs, strict=True)])
    found: list[Printed] = []
    for layout in layouts:
        whole = [None if cut else rows for cut, rows in zip(is_cut, layout, strict=True)]
        found += _readings(whole, is_exact=exact, line=first)
    return found


def _regrouped(rows: Sequence[Sequence[str]], epochs: int) -> list[list[str]]:
    """Return all numbers in one row for each epoch, if that works out."""
    numbers = [number for row in rows for number in row]
    size, rest = divmod(len(numbers), max(epochs, 1))
    if rest or not size:
        return []
    return [numbers[start : start + size] for start in range(0, len(numbers), size)]


def _readings(
    cases: Sequence[Sequence[Sequence[str]] | None], *, is_exact: bool, line: str
) -> Iterator[Printed]:
    sizes = {len(row) for rows in cases if rows for row in rows}
    if len(sizes) != 1 or not 0 < (size := sizes.pop()) <= _MOST_NUMBERS:
        return
    columns = range(size)
    integers = [j for j in columns if all(row[j].isdecimal() for rows in cases if rows for row in rows)]
    values = (
        [1] if is_exact else [j for j in reversed(columns) if j not in integers] or list(reversed(columns))
    )
    for value in values:
        decimals = _decimals([row[value] for rows in cases if rows for row in rows])
        epochs: list[int | None] = [j for j in integers if j != value]
        for epoch in epochs or [None]:
            read = tuple(
                None
                if rows is None
                else tuple(Row(None if epoch is None else int(row[epoch]), float(row[value])) for row in rows)
                for rows in cases
            )
            yield Printed(read, decimals, is_exact and decimals == _DECIMALS, line)


def _decimals(numbers: Sequence[str]) -> int:
    """Return how many decimals there are at most; of numbers with exponents, how many all of them have."""
    counts = []
    for number in numbers:
        mantissa, _, exponent = number.lower().partition("e")
        counts.append(len(mantissa.partition(".")[2]) - int(exponent or 0))
    return max(0, min(counts) if any("e" in number.lower() for number in numbers) else max(counts))
