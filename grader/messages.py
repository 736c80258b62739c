"""Put messages and findings into plain words and numbers, the same on every machine.

Numbers have at most four decimals, never significant digits: a number that is 1e-17 on one machine is 0 on another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from grader.formulas import formula_text
from grader.languages import translated
from grader.model import (
    ArrayValue,
    CodeValue,
    ExceptionValue,
    Finding,
    Message,
    NumberValue,
    Place,
    PrintedValue,
    TextValue,
    Value,
)

__all__ = [
    "FORMULAS",
    "Entry",
    "file_text",
    "finding_text",
    "lines_text",
    "matrix_of",
    "message_text",
    "name_text",
    "number_text",
    "place_text",
    "value_text",
    "values_text",
]

FORMULAS = frozenset({"dz", "seen"})
"""The values of messages that are formulas, which may have words in them."""
_HUGE = 1e9
_CELL = re.compile(r"(.+), cell (\d+)", re.DOTALL)
_VECTOR, _MATRIX = 1, 2
"""Arrays of these dimensions are shown as a matrix; a vector is one row."""


class Entry(NamedTuple):
    """One number of a matrix, as text."""

    text: str
    is_wrong: bool
    """Whether it differs from what was expected."""


def message_text(message: Message) -> str:
    """Return the sentence of a message in the current language, with its values filled in."""
    text = translated(message.id)
    return text.format_map({name: _filled_in(name, value) for name, value in message.values.items()})


def lines_text(messages: Iterable[Message]) -> str:
    """Return messages in the current language, a line each."""
    return "\n".join(map(message_text, messages))


def name_text(name: str) -> str:
    """Return the name of a value: words in the current language, and what the task sheet calls it as it is."""
    return translated(name)


def number_text(value: float | None) -> str:
    """Return ``value`` with at most four decimals; -0 is 0."""
    if value is None:
        return translated("not a finite number")
    if abs(value) >= _HUGE:
        return translated("a number below -1000000000" if value < 0 else "a number above 1000000000")
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def matrix_of(value: Value) -> list[Sequence[Entry]]:
    """Return the rows of a value that can be shown as a matrix; a vector is one row.

    Return no rows for any other value, such as an empty array or one with three dimensions.
    """
    if not isinstance(value, ArrayValue) or len(value.shape) not in {_VECTOR, _MATRIX}:
        return []
    columns = value.shape[-1]
    entries = [Entry(number_text(number), i in value.wrong) for i, number in enumerate(value.numbers)]
    return [entries[start : start + columns] for start in range(0, len(entries), columns or 1)]


def value_text(value: Value) -> str:
    """Return a value in one line."""
    match value:
        case ArrayValue():
            text = _array_text(value)
        case NumberValue(number):
            text = number_text(number)
        case CodeValue(text):
            pass
        case PrintedValue(line):
            text = f"“{line}”"
        case ExceptionValue(type=type_, text=said):
            text = f"{type_}: {said}" if said else type_
        case TextValue():
            text = message_text(value)
        case _:
            text = translated("None (is a return missing?)")
    return text


def values_text(values: Mapping[str, Value]) -> str:
    """Return named values in one line: ``dz = [[1]]; biases = [[0]]``."""
    return "; ".join(
        f"{name_text(name)} = {value_text(value)}" if name else value_text(value)
        for name, value in values.items()
    )


def file_text(file: str) -> str:
    """Return the name of a file, or of a notebook's cell, in the current language."""
    if cell := _CELL.fullmatch(file):
        return translated("{file}, cell {number}").format(file=cell[1], number=cell[2])
    return file


def place_text(place: Place) -> str:
    """Return a line of the submission, with its number and its file."""
    where = translated("In line {line} of {file}").format(line=place.line, file=file_text(place.file))
    return f"{where}: {place.source}" if place.source else where


def finding_text(finding: Finding) -> str:
    """Return a finding in several lines: its message, what was seen and expected, the line, and the case."""
    lines = [message_text(finding.says)]
    if finding.seen:
        lines.append(f"{translated('Seen:')} {values_text(finding.seen)}")
    if finding.due:
        lines.append(f"{translated('Should be:')} {values_text(finding.due)}")
    if finding.place is not None:
        lines.append(place_text(finding.place))
    if finding.facts:
        facts = (f"  {name_text(name)} = {value_text(value)}" for name, value in finding.facts.items())
        lines += [translated("On:"), *facts]
    return "\n".join(lines)


def _filled_in(name: str, value: str | float | Message) -> str | int:
    match value:
        case Message():
            return message_text(value)
        case str() if name in FORMULAS:
            return formula_text(value)
        case str() if name == "file":
            return file_text(value)
        case float():
            return number_text(value)
        case _:
            return value


def _array_text(array: ArrayValue) -> str:
    if len(array.shape) != _MATRIX:
        return f"[{', '.join(map(number_text, array.numbers))}]"
    rows = (", ".join(entry.text for entry in row) for row in matrix_of(array))
    return "[" + ", ".join(f"[{row}]" for row in rows) + "]"
