"""Put messages and findings into plain words and numbers, the same on every machine.

Numbers have four fixed decimals, never significant digits: what is 1e-17 on one machine is 0 on another.
"""

from __future__ import annotations

from collections.abc import Mapping

from grader.model import (
    ArrayValue,
    CodeValue,
    ExceptionValue,
    Finding,
    Message,
    NothingValue,
    NumberValue,
    PrintedValue,
    Value,
)

__all__ = ["finding_text", "message_text", "number_text", "value_text"]

_HUGE = 1e9
_MATRIX = 2
"""The dimensions of an array that is written as nested brackets."""


def message_text(message: Message) -> str:
    """Return the sentence of a message with its values filled in."""
    return message.id.format_map(
        {name: number_text(v) if isinstance(v, float) else v for name, v in message.values.items()}
    )


def number_text(value: float) -> str:
    """Return ``value`` with at most four decimals; -0 is 0."""
    if abs(value) >= _HUGE:
        return "a number below -1000000000" if value < 0 else "a number above 1000000000"
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def value_text(value: Value) -> str:
    """Return a value in one line."""
    match value:
        case ArrayValue():
            return _array_text(value)
        case NumberValue(number):
            return number_text(number)
        case CodeValue(text):
            return text
        case PrintedValue(line):
            return f"“{line}”"
        case ExceptionValue(type=type_, text=text):
            return f"{type_}: {text}" if text else type_
        case NothingValue():
            return "None (is a return missing?)"
        case _:
            return message_text(value)


def finding_text(finding: Finding) -> str:
    """Return a finding in several lines: what it says, what was seen and due, the line, and the case."""
    lines = [message_text(finding.says)]
    if finding.seen:
        lines.append(f"Seen: {_named(finding.seen)}")
    if finding.due:
        lines.append(f"Should be: {_named(finding.due)}")
    if finding.place is not None:
        lines.append(f"In line {finding.place.line} of {finding.place.file}: {finding.place.source}")
    if finding.facts:
        lines += ["On:", *(f"  {name} = {value_text(value)}" for name, value in finding.facts.items())]
    return "\n".join(lines)


def _named(values: Mapping[str, Value]) -> str:
    return "; ".join(
        f"{name} = {value_text(value)}" if name else value_text(value) for name, value in values.items()
    )


def _array_text(array: ArrayValue) -> str:
    numbers = list(map(number_text, array.numbers))
    if len(array.shape) != _MATRIX:
        return f"[{', '.join(numbers)}]"
    columns = array.shape[1]
    rows = [numbers[start : start + columns] for start in range(0, len(numbers), columns or 1)]
    return "[" + ", ".join(f"[{', '.join(row)}]" for row in rows) + "]"
