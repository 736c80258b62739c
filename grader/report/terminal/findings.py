"""Lay a finding out for a terminal: matrices with aligned columns, and what was seen beside what it should be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.cells import cell_len
from rich.text import Text

from grader.messages import Entry, matrix_of, message_text, place_text, value_text
from grader.model import Finding, Value
from grader.report.terminal.lines import Block, Look, beside, flowed, width_of, wrapped

__all__ = ["finding_lines"]

_SEEN, _DUE = ("Seen: ", "red"), ("Should be: ", "green")
_WRONG = "bold red"
_LEGEND = "Numbers between > and < differ."


def finding_lines(finding: Finding, look: Look, indent: str) -> Iterator[Text]:
    """Yield what a finding says, what was seen and should have been, the line of the source, and the case."""
    yield from wrapped(look.text(message_text(finding.says)), look, indent, first=indent)
    room = look.columns - len(indent)
    for line in _compared(finding, look, room):
        yield Text(indent) + line
    if finding.place is not None:
        yield from wrapped(look.text(place_text(finding.place)), look, indent + "  ", first=indent)
    if finding.facts:
        yield Text(f"{indent}On:")
        for row in flowed(_blocks(finding.facts, look, room - 2), room - 2):
            yield from (Text(f"{indent}  ") + line for line in row)


def _compared(finding: Finding, look: Look, room: int) -> Iterator[Text]:
    """Yield what was seen and what it should be, side by side if there is room."""
    parts = [(_SEEN, finding.seen), (_DUE, finding.due)]
    parts = [part for part in parts if part[1]]
    is_marked = sum(len(row) for value in finding.seen.values() for row in matrix_of(value)) > 1
    rows = list(flowed([_labelled(*part, look, room, is_marked) for part in parts], room))
    if len(rows) > 1:
        column = max(len(label) for (label, _), _ in parts)
        rows = [
            _labelled((label.ljust(column), style), values, look, room, is_marked)
            for (label, style), values in parts
        ]
    for row in rows:
        yield from row
    if any(span.style == _WRONG for row in rows for line in row for span in line.spans):
        yield Text(_LEGEND, "dim")


def _labelled(
    label: tuple[str, str], values: Mapping[str, Value], look: Look, room: int, is_marked: bool
) -> Block:
    named = _blocks(values, look, room - len(label[0]), is_marked=is_marked)
    return beside([Text(*label)], [line for block in named for line in block])


def _blocks(values: Mapping[str, Value], look: Look, room: int, *, is_marked: bool = False) -> list[Block]:
    """Return a block ``name = value`` for each value; wrong numbers get signs if ``is_marked``."""
    return [_named(name, value, look, room, is_marked) for name, value in values.items()]


def _named(name: str, value: Value, look: Look, room: int, is_marked: bool) -> Block:
    """Return ``name = value``; a matrix that is too wide for the ``room`` is written in wrapped lines."""
    before = look.text(f"{name} = " if name else "")
    if rows := matrix_of(value):
        block = beside([before], _matrix(rows, is_marked))
        if width_of(block) <= room:
            return block
    hanging = Text(" " * (2 if name else 0))
    lines = (before + look.text(value_text(value))).wrap(look.console, room - len(hanging))
    return [line if i == 0 else hanging + line for i, line in enumerate(lines)]


def _matrix(rows: Sequence[Sequence[Entry]], is_marked: bool) -> Block:
    """Return the rows of a matrix in brackets, the points of a column's decimals below each other."""
    columns = [_column([row[i] for row in rows], is_marked) for i in range(len(rows[0]))]
    left, right = ([Text(bracket)] * len(rows) for bracket in ("[ ", " ]"))
    return beside(left, beside(*columns, gap=2), right)


def _column(entries: Sequence[Entry], is_marked: bool) -> Block:
    """Return the numbers of a column, each with signs around it if it is wrong and ``is_marked``."""
    cells = []
    for text, is_wrong in entries:
        sign = is_marked and is_wrong
        whole, point, decimals = text.partition(".")
        cells.append(("> " * sign + whole, point + decimals + " <" * sign, _WRONG if sign else ""))
    before = max(cell_len(whole) for whole, _, _ in cells)
    after = max(cell_len(decimals) for _, decimals, _ in cells)
    return [Text(whole.rjust(before) + decimals.ljust(after), style) for whole, decimals, style in cells]
