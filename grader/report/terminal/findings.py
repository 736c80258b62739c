"""Lay a finding out for a terminal: matrices with aligned columns, and what was seen beside what it should be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.text import Text

from grader.languages import translated
from grader.messages import matrix_of, message_text, name_text, place_text, value_text
from grader.model import Finding, Value
from grader.report.terminal.lines import Block, Look, beside, flowed, split, width_of, wrapped
from grader.report.terminal.matrices import legend, marked, matrix_block

__all__ = ["finding_lines"]


def finding_lines(finding: Finding, look: Look, indent: str, worked: Block) -> Iterator[Text]:
    """Yield what a finding says, what was seen and should have been, the line of the source, and the case.

    The steps of a ``worked`` example, if there are some, come after the case, in place of what was seen.
    """
    yield from wrapped(look.text(message_text(finding.says)), look, indent, first=indent)
    room = look.columns - len(indent)
    for line in () if worked else _compared(finding, look, room):
        yield Text(indent) + line
    if finding.place is not None:
        yield from wrapped(look.text(place_text(finding.place)), look, indent + "  ", first=indent)
    if finding.facts:
        yield look.text(f"{indent}{translated('On:')}")
        for row in flowed(_blocks(finding.facts, look, room - 2), room - 2):
            yield from (Text(f"{indent}  ") + line for line in row)
    if worked:
        yield look.text(f"{indent}{translated('Work it out:')}")
        yield from (Text(f"{indent}  ") + line for line in worked)
        yield from (Text(indent) + line for line in legend(worked, look))


def _compared(finding: Finding, look: Look, room: int) -> Iterator[Text]:
    """Yield what was seen and what it should be, side by side if there is room."""
    seen, due = (
        look.text(f"{translated('Seen:')} ", "red"),
        look.text(f"{translated('Should be:')} ", "green"),
    )
    parts = [part for part in ((seen, marked(finding.seen)), (due, finding.due)) if part[1]]
    rows = list(flowed([_labelled(*part, look, room) for part in parts], room))
    if len(rows) > 1:
        column = max(label.cell_len for label, _ in parts)
        for label, _ in parts:
            label.pad_right(column - label.cell_len)
        rows = [_labelled(*part, look, room) for part in parts]
    for row in rows:
        yield from row
    yield from legend((line for row in rows for line in row), look)


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
        matrix = matrix_block(rows)
        if width_of(block := beside([before], matrix)) <= room:
            return block
        if width_of(block := beside([hanging], matrix)) <= room:
            return [*_hung(before, hanging, room), *block]
    return _hung(before + look.text(value_text(value)), hanging, room)


def _hung(text: Text, hanging: Text, room: int) -> Block:
    """Return ``text`` in lines that fit, all but the first after ``hanging``."""
    lines = split(text, room - len(hanging))
    return [line if i == 0 else hanging + line for i, line in enumerate(lines)]
