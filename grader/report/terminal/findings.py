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
        blocks = _blocks(finding.facts, look, room - 2)
        for row in flowed(blocks, room - 2):
            yield from (Text(f"{indent}  ") + line for line in row)


def _compared(finding: Finding, look: Look, room: int) -> Iterator[Text]:
    """Yield what was seen and what it should be, side by side if there is room."""
    parts = [
        (label, style, values)
        for (label, style), values in ((_SEEN, finding.seen), (_DUE, finding.due))
        if values
    ]
    sides = [_labelled(Text(label, style), values, look, room) for label, style, values in parts]
    rows = list(flowed(sides, room))
    if len(rows) > 1:
        column = max(len(label) for label, _, _ in parts)
        rows = [
            _labelled(Text(label.ljust(column), style), values, look, room) for label, style, values in parts
        ]
    for row in rows:
        yield from row
    if any(span.style == _WRONG for row in rows for line in row for span in line.spans):
        yield Text(_LEGEND, "dim")


def _labelled(label: Text, values: Mapping[str, Value], look: Look, room: int) -> Block:
    named = _blocks(values, look, room - len(label))
    return beside([label], [line for block in named for line in block])


def _blocks(values: Mapping[str, Value], look: Look, room: int) -> list[Block]:
    return [_named(name, value, look, room) for name, value in values.items()]


def _named(name: str, value: Value, look: Look, room: int) -> Block:
    """Return ``name = value``; a matrix that is too wide for the ``room`` is written in wrapped lines."""
    before = look.text(f"{name} = " if name else "")
    rows = matrix_of(value)
    block: Block = beside([before], _matrix(rows, is_marked=_is_marked(value)) if rows else [])
    if rows and width_of(block) <= room:
        return block
    hanging = "" if before.cell_len > room // 2 else " " * min(before.cell_len, 2)
    whole = before + look.text(value_text(value))
    lines = whole.wrap(look.console, max(room - len(hanging), 1))
    return [line if i == 0 else Text(hanging) + line for i, line in enumerate(lines)]


def _is_marked(value: Value) -> bool:
    """Tell whether the wrong numbers of a value are marked: if there are some, among several numbers."""
    entries = [entry for row in matrix_of(value) for entry in row]
    return len(entries) > 1 and any(entry.is_wrong for entry in entries)


def _matrix(rows: Sequence[Sequence[Entry]], *, is_marked: bool) -> Block:
    """Return the rows of a matrix in brackets, the points of a column's decimals below each other."""
    columns = [_column([row[i] for row in rows], is_marked=is_marked) for i in range(len(rows[0]))]
    brackets = [Text("[ ")] * len(rows), [Text(" ]")] * len(rows)
    return beside(brackets[0], beside(*columns, gap=2), brackets[1])


def _column(entries: Sequence[Entry], *, is_marked: bool) -> Block:
    halves = [_halves(entry, is_marked=is_marked) for entry in entries]
    before = max(cell_len(whole) for whole, _ in halves)
    after = max(cell_len(decimals) for _, decimals in halves)
    return [
        Text(whole.rjust(before) + decimals.ljust(after), _WRONG if is_marked and entry.is_wrong else "")
        for entry, (whole, decimals) in zip(entries, halves, strict=True)
    ]


def _halves(entry: Entry, *, is_marked: bool) -> tuple[str, str]:
    """Return what stands before the decimals of a number, and the rest, with the signs of a wrong number."""
    whole, point, decimals = entry.text.partition(".")
    if is_marked:
        signs = ("> ", " <") if entry.is_wrong else ("", "")
        return signs[0] + whole, point + decimals + signs[1]
    return whole, point + decimals
