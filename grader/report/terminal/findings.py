"""Lay a finding out for a terminal: matrices with aligned columns, and what was seen beside what it should be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import structs
from rich.cells import cell_len
from rich.text import Text

from grader.languages import translated
from grader.messages import Entry, matrix_of, message_text, name_text, place_text, value_text
from grader.model import ArrayValue, Finding, Value
from grader.report.terminal.lines import Block, Look, beside, flowed, split, width_of, wrapped

__all__ = ["finding_lines"]

_WRONG = "bold red"


def finding_lines(finding: Finding, look: Look, indent: str) -> Iterator[Text]:
    """Yield what a finding says, what was seen and should have been, the line of the source, and the case."""
    yield from wrapped(look.text(message_text(finding.says)), look, indent, first=indent)
    room = look.columns - len(indent)
    for line in _compared(finding, look, room):
        yield Text(indent) + line
    if finding.place is not None:
        yield from wrapped(look.text(place_text(finding.place)), look, indent + "  ", first=indent)
    if finding.facts:
        yield look.text(f"{indent}{translated('On:')}")
        for row in flowed(_blocks(finding.facts, look, room - 2), room - 2):
            yield from (Text(f"{indent}  ") + line for line in row)


def _compared(finding: Finding, look: Look, room: int) -> Iterator[Text]:
    """Yield what was seen and what it should be, side by side if there is room."""
    seen, due = (
        look.text(f"{translated('Seen:')} ", "red"),
        look.text(f"{translated('Should be:')} ", "green"),
    )
    parts = [part for part in ((seen, _marked(finding.seen)), (due, finding.due)) if part[1]]
    rows = list(flowed([_labelled(*part, look, room) for part in parts], room))
    if len(rows) > 1:
        column = max(label.cell_len for label, _ in parts)
        for label, _ in parts:
            label.pad_right(column - label.cell_len)
        rows = [_labelled(*part, look, room) for part in parts]
    for row in rows:
        yield from row
    if any(span.style == _WRONG for row in rows for line in row for span in line.spans):
        yield look.text(translated("Numbers with * are wrong."), "dim")


def _marked(seen: Mapping[str, Value]) -> Mapping[str, Value]:
    """Return what was seen, without the marks on wrong numbers if no number is right."""
    entries = [entry for value in seen.values() for row in matrix_of(value) for entry in row]
    if not all(entry.is_wrong for entry in entries):
        return seen
    return {
        name: structs.replace(value, wrong=()) if isinstance(value, ArrayValue) else value
        for name, value in seen.items()
    }


def _labelled(label: Text, values: Mapping[str, Value], look: Look, room: int) -> Block:
    blocks = _blocks(values, look, room - label.cell_len)
    return beside([label], [line for block in blocks for line in block])


def _blocks(values: Mapping[str, Value], look: Look, room: int) -> list[Block]:
    return [_named(name, value, look, room) for name, value in values.items()]


def _named(name: str, value: Value, look: Look, room: int) -> Block:
    """Return ``name = value``: a matrix beside its name, or below it, or else in wrapped lines."""
    before = look.text(f"{name_text(name)} = " if name else "")
    hanging = Text("  " if name else "")
    if rows := matrix_of(value):
        matrix = _matrix(rows)
        if width_of(block := beside([before], matrix)) <= room:
            return block
        if width_of(block := beside([hanging], matrix)) <= room:
            return [*_hung(before, hanging, room), *block]
    return _hung(before + look.text(value_text(value)), hanging, room)


def _hung(text: Text, hanging: Text, room: int) -> Block:
    """Return ``text`` in lines that fit, all but the first after ``hanging``."""
    lines = split(text, room - len(hanging))
    return [line if i == 0 else hanging + line for i, line in enumerate(lines)]


def _matrix(rows: Sequence[Sequence[Entry]]) -> Block:
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
