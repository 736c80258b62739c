"""Messages and values read the same on every machine."""

from __future__ import annotations

import pytest

from grader.languages import speaking
from grader.messages import (
    file_text,
    finding_text,
    matrix_of,
    message_text,
    number_text,
    place_text,
    value_text,
)
from grader.model import (
    ArrayValue,
    CodeValue,
    ExceptionValue,
    Finding,
    Message,
    NothingValue,
    NumberValue,
    Place,
    PrintedValue,
    TextValue,
    Value,
)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1.0, "1"),
        (-0.125, "-0.125"),
        (0.1 + 0.2, "0.3"),
        (1e-17, "0"),
        (-1e-17, "0"),
        (100.0, "100"),
        (1e9, "a number above 1000000000"),
        (-1e300, "a number below -1000000000"),
    ],
)
def test_a_number_has_at_most_four_decimals(number: float, text: str) -> None:
    assert number_text(number) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (ArrayValue((2, 2), (1, 2, 3, 4)), "[[1, 2], [3, 4]]"),
        (ArrayValue((2,), (1, 2)), "[1, 2]"),
        (ArrayValue((0, 2), ()), "[]"),
        (ArrayValue((2, 0), ()), "[]"),
        (NumberValue(2), "2"),
        (TextValue("{count} steps", {"count": 3}), "3 steps"),
        (CodeValue("relu"), "relu"),
        (PrintedValue("{x}"), "“{x}”"),
        (ExceptionValue("E", "no {x}"), "E: no {x}"),
        (ExceptionValue("E", ""), "E"),
        (NothingValue(), "None (is a return missing?)"),
    ],
)
def test_a_value_has_a_form_in_one_line(value: Value, text: str) -> None:
    assert value_text(value) == text


def test_a_value_in_a_message_is_not_a_pattern() -> None:
    assert message_text(Message("{name} is {x}", {"name": "{x}", "x": 0.50001})) == "{x} is 0.5"


@pytest.mark.parametrize(
    ("value", "rows"),
    [
        (ArrayValue((1, 2), (1, 2)), [["1", "2"]]),
        (ArrayValue((2,), (1, 2)), [["1", "2"]]),
        (ArrayValue((2,), (None, 2), (0,)), [["not a finite number", "2"]]),
        (ArrayValue((), (1,)), []),
        (ArrayValue((1, 1, 1), (1,)), []),
        (ArrayValue((0, 2), ()), []),
        (ArrayValue((2, 0), ()), []),
        (NumberValue(1), []),
    ],
)
def test_arrays_of_one_and_two_dimensions_are_matrices(value: Value, rows: list[list[str]]) -> None:
    assert [[entry.text for entry in row] for row in matrix_of(value)] == rows


def test_the_entries_that_differ_are_known() -> None:
    rows = matrix_of(ArrayValue((2, 2), (1, 2, 3, 4), (1, 2)))
    assert [[entry.is_wrong for entry in row] for row in rows] == [[False, True], [True, False]]


def test_a_finding_names_the_line_and_the_case() -> None:
    finding = Finding(
        "law",
        Message("It failed."),
        {"": ExceptionValue("E", "no")},
        facts={"epochs": NumberValue(2)},
        place=Place("work.py", 3, ""),
    )
    assert finding_text(finding) == "It failed.\nSeen: E: no\nIn line 3 of work.py\nOn:\n  epochs = 2"


def test_a_cell_is_named_in_the_language_of_the_report() -> None:
    cell = "perceptron.ipynb, cell 3"
    skipped = Message(
        "Skipped when the file was run: {file}, line {line}: {reason}",
        {"file": cell, "line": 1, "reason": "x"},
    )
    assert file_text(cell) == cell
    with speaking("fi"):
        assert file_text("work.py") == "work.py"
        assert "perceptron.ipynb, solu 3, rivi 1" in message_text(skipped)
        assert place_text(Place(cell, 2, "")) == "Tiedoston perceptron.ipynb, solu 3 rivillä 2"
