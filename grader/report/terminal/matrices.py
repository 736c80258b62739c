"""Lay matrices out for a terminal, with a mark on the numbers that are wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import structs
from rich.cells import cell_len
from rich.text import Text

from grader.languages import translated
from grader.messages import Entry, matrix_of
from grader.model import ArrayValue, Value
from grader.report.terminal.lines import Block, Look, beside

__all__ = ["legend", "marked", "matrix_block"]

_WRONG = "bold red"


def legend(lines: Iterable[Text], look: Look) -> Iterator[Text]:
    """Yield what the marks mean if ``lines`` have some."""
    if any(span.style == _WRONG for line in lines for span in line.spans):
        yield look.text(translated("Numbers with * are wrong."), "dim")


def marked(seen: Mapping[str, Value]) -> Mapping[str, Value]:
    """Return what was seen, without the marks on wrong numbers if no number is right."""
    entries = [entry for value in seen.values() for row in matrix_of(value) for entry in row]
    if not all(entry.is_wrong for entry in entries):
        return seen
    return {
        name: structs.replace(value, wrong=()) if isinstance(value, ArrayValue) else value
        for name, value in seen.items()
    }


def matrix_block(rows: Sequence[Sequence[Entry]]) -> Block:
    """Return the rows of a matrix in brackets, the points of a column's decimals below each other."""
    columns = [_column([row[i] for row in rows]) for i in range(len(rows[0]))]
    left, right = ([Text(bracket)] * len(rows) for bracket in ("[ ", " ]"))
    return beside(left, beside(*columns, gap=2), right)


def _column(entries: Sequence[Entry]) -> Block:
    """Return the numbers of a column, with an asterisk after each that is wrong."""
    cells = []
    for text, is_wrong in entries:
        whole, point, decimals = text.partition(".")
        cells.append((whole, point + decimals + "*" * is_wrong, _WRONG if is_wrong else ""))
    before = max(cell_len(whole) for whole, _, _ in cells)
    after = max(cell_len(decimals) for _, decimals, _ in cells)
    return [Text(whole.rjust(before) + decimals.ljust(after), style) for whole, decimals, style in cells]
