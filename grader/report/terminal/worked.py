"""Lay a worked example out for a terminal: a step a line, and what the code gave beside the right result."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from grader.languages import translated
from grader.messages import matrix_of, name_text, value_text
from grader.model import Finding
from grader.report.terminal.lines import Block, Look, beside, width_of
from grader.report.terminal.matrices import marked, matrix_block
from grader.report.worked_example import Fraction, Part, worked_example

__all__ = ["worked_lines"]

_MOST_LINES = 12


def worked_lines(finding: Finding, look: Look, room: int) -> Block:
    """Return the steps to what was expected, with what was seen beside the last of them.

    Return no lines if the finding has no such steps, or if they need more than a dozen lines or the width of ``room``.
    """
    steps = [_sides(step.parts, look) for step in worked_example(finding)]
    if not steps or len(finding.seen) != 1:
        return []
    name_width = max(width_of(sides[0]) for sides in steps)
    lines = [line for sides in steps[:-1] for line in _joined(sides, name_width, room)]
    ((_, seen),) = marked(finding.seen).items()
    rows = matrix_of(seen)
    own = matrix_block(rows) if rows else [look.text(value_text(seen))]
    lines += _joined(
        [*steps[-1], beside([look.text(f"  {translated('Your code:')}", "red")], own, gap=1)],
        name_width,
        room,
    )
    return lines if len(lines) <= _MOST_LINES and width_of(lines) <= room else []


def _sides(parts: Sequence[Part], look: Look) -> list[Block]:
    """Return what stands before the first sign of equality, and each part of the line that one begins."""
    sides: list[list[Block]] = [[]]
    for part in parts:
        if part == "=":
            sides.append([])
        sides[-1].append(_block(part, look))
    return [beside(*side, gap=1) for side in sides]


def _block(part: Part, look: Look) -> Block:
    if isinstance(part, Fraction):
        return [look.text(f"{_inline(part.over)} / {_inline(part.under)}")]
    if isinstance(part, str):
        return [look.text(name_text(part))]
    rows = matrix_of(part)
    return matrix_block(rows) if rows else [look.text(value_text(part))]


def _inline(row: Sequence[Part]) -> str:
    """Return one side of a fraction in a line, in brackets if it has several parts."""
    parts = (
        part if isinstance(part, str) else value_text(part) for part in row if not isinstance(part, Fraction)
    )
    text = " ".join(parts).replace("( ", "(").replace(" )", ")")
    return f"({text})" if len(row) > 1 else text


def _joined(sides: Sequence[Block], name_width: int, room: int) -> Iterator[Text]:
    """Yield the lines of one step: its sides beside each other, the signs of equality of all steps below each other."""
    name = [Text(line.plain.ljust(name_width)) for line in sides[0]]
    row = beside(name, sides[1], gap=1)
    for side in sides[2:]:
        if width_of(row) + 1 + width_of(side) <= room:
            row = beside(row, side, gap=1)
        else:
            yield from row
            row = beside([Text(" " * name_width)], side, gap=1)
    yield from row
