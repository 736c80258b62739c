"""Lay a finding out for a terminal: matrices with aligned columns, and what was seen beside what it should be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.text import Text

from grader.messages import matrix_of, message_text, place_text, value_text
from grader.model import Finding, Value
from grader.report.terminal.lines import Block, Look, beside, flowed, width_of, wrapped
from grader.report.terminal.matrices import legend, marked, matrix_block

__all__ = ["finding_lines"]

_SEEN, _DUE = ("Seen: ", "red"), ("Should be: ", "green")


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
        yield Text(f"{indent}On:")
        for row in flowed(_blocks(finding.facts, look, room - 2), room - 2):
            yield from (Text(f"{indent}  ") + line for line in row)
    if worked:
        yield Text(f"{indent}Work it out:")
        yield from (Text(f"{indent}  ") + line for line in worked)
        yield from (Text(indent) + line for line in legend(worked))


def _compared(finding: Finding, look: Look, room: int) -> Iterator[Text]:
    """Yield what was seen and what it should be, side by side if there is room."""
    parts = [(_SEEN, marked(finding.seen)), (_DUE, finding.due)]
    parts = [part for part in parts if part[1]]
    rows = list(flowed([_labelled(*part, look, room) for part in parts], room))
    if len(rows) > 1:
        column = max(len(label) for (label, _), _ in parts)
        rows = [
            _labelled((label.ljust(column), style), values, look, room) for (label, style), values in parts
        ]
    for row in rows:
        yield from row
    yield from legend(line for row in rows for line in row)


def _labelled(label: tuple[str, str], values: Mapping[str, Value], look: Look, room: int) -> Block:
    blocks = _blocks(values, look, room - len(label[0]))
    return beside([Text(*label)], [line for block in blocks for line in block])


def _blocks(values: Mapping[str, Value], look: Look, room: int) -> list[Block]:
    return [_named(name, value, look, room) for name, value in values.items()]


def _named(name: str, value: Value, look: Look, room: int) -> Block:
    """Return ``name = value``: a matrix beside its name, or below it, or else in wrapped lines."""
    before = look.text(f"{name} = " if name else "")
    hanging = Text("  " if name else "")
    if rows := matrix_of(value):
        matrix = matrix_block(rows)
        if width_of(block := beside([before], matrix)) <= room:
            return block
        if width_of(block := beside([hanging], matrix)) <= room:
            return [*_hung(before, hanging, look, room), *block]
    return _hung(before + look.text(value_text(value)), hanging, look, room)


def _hung(text: Text, hanging: Text, look: Look, room: int) -> Block:
    """Return ``text`` in lines that fit, all but the first after ``hanging``."""
    lines = text.wrap(look.console, room - len(hanging))
    return [line if i == 0 else hanging + line for i, line in enumerate(lines)]
