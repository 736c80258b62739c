"""A finding shows what a student can learn from."""

from __future__ import annotations

from pathlib import Path

import pytest
from in_process import grade_paths

from grader.messages import finding_text
from grader.model import ArrayValue, ExceptionValue, Finding, NothingValue, NumberValue, TextValue, Value
from grader.resources import solution_path
from grader.settings import Settings

SOLUTION = (solution_path() / "perceptron.py").read_text(encoding="utf-8")
FORWARD = "self.forward(x)"
DZ = "dz = da * self.activation.derivative(self.outputs)"


def findings(path: Path, *replacements: tuple[str, str]) -> dict[str, Finding]:
    """Return the findings of the criteria that the solution loses after the replacements."""
    text = SOLUTION
    for before, after in replacements:
        assert before in text
        text = text.replace(before, after)
    (path / "perceptron.py").write_text(text, encoding="utf-8")
    (result,) = grade_paths([path / "perceptron.py"], Settings())
    return {c.id: c.finding for c in result.criteria if c.finding is not None}


def test_a_wrong_number_is_not_0_by_chance(tmp_path: Path) -> None:
    seen = findings(tmp_path, ("return da_prev", "return np.trunc(da_prev)"))["backward.da_prev"].seen[
        "da_prev"
    ]
    assert isinstance(seen, ArrayValue)
    assert seen.wrong
    assert all(seen.numbers[place] != 0 for place in seen.wrong)


def test_a_finding_has_the_numbers_and_marks_those_that_are_wrong(tmp_path: Path) -> None:
    found = findings(tmp_path, ("return da_prev", "return da_prev + np.arange(len(da_prev))[:, None]"))
    finding = found["backward.da_prev"]
    (seen,), (due,) = finding.seen.values(), finding.due.values()
    assert finding.law == "da_prev_is_the_transposed_weights_times_dz"
    assert list(finding.due) == ["Wᵀ · dz"]
    assert isinstance(seen, ArrayValue)
    assert isinstance(due, ArrayValue)
    assert seen.shape == due.shape == (2, 1)
    assert seen.wrong == (1,), "the first number is right"
    assert list(finding.facts)[-9:] == [
        *("n_inputs", "n_neurons", "activation", "W", "b", "a_prev", "z", "da", "learning_rate")
    ]


@pytest.mark.parametrize(
    ("returned", "value"),
    [
        ("None", NothingValue()),
        ("da_prev.ravel()", TextValue("an array of shape {shape}", {"shape": "(1,)"})),
        ("{}", TextValue("a value of type {type}", {"type": "dict of object"})),
        (
            "da_prev / 0.0",
            TextValue("an array of shape {shape} with NaN or infinity in it", {"shape": "(1, 1)"}),
        ),
    ],
)
def test_what_is_returned_in_place_of_a_gradient_is_said(tmp_path: Path, returned: str, value: Value) -> None:
    code = f"\n        with np.errstate(all='ignore'):\n            return {returned}"
    assert findings(tmp_path, ("return da_prev", code))["backward.shape"].seen["da_prev"] == value


@pytest.mark.parametrize(
    ("raising", "type_", "text"),
    [
        ("dz = inputs", "NameError", "name 'inputs' is not defined"),
        ("raise ValueError('one\\n  two', 3)", "ValueError", r"('one\n two', 3)"),
        ("raise ValueError('one\\n  two\\x1b[2J')", "ValueError", r"one two\x1b[2J"),
        ("raise KeyError(object())", "KeyError", "<object object at 0x…>"),
        ("raise RuntimeError('x' * 1000)", "RuntimeError", "x" * 200),
        ("raise type('Mine', (Exception,), {'__str__': lambda self: 1 / 0})", "Mine", ""),
        ("raise type('Mine', (Exception,), {'__str__': lambda self: exit()})", "Mine", ""),
        ("raise ValueError", "ValueError", ""),
    ],
)
def test_an_exception_is_shown_with_its_text_in_one_line(
    tmp_path: Path, raising: str, type_: str, text: str
) -> None:
    finding = findings(tmp_path, (DZ, raising))["backward.shape"]
    assert finding.seen == {"": ExceptionValue(type_, text)}
    assert finding.place is not None
    assert finding.place.source == raising
    assert finding.place.file == "perceptron.py"


@pytest.mark.parametrize(
    ("changed", "seen"),
    [
        ("x - training_data.mean(axis=0)", ArrayValue((1,), (0.0,))),
        ("training_data", TextValue("an array of {size} numbers", {"size": 4})),
        ("training_data.T", TextValue("an array of {size} numbers", {"size": 4})),
    ],
    ids=["standardised", "whole batch", "whole batch in columns"],
)
def test_what_went_forward_in_place_of_a_row_is_shown(tmp_path: Path, changed: str, seen: Value) -> None:
    lost = findings(tmp_path, (FORWARD, FORWARD.replace("(x)", f"({changed})")))
    loss = lost["fit.loss"]
    assert loss.seen == {"forward": seen}
    assert loss.says.id == "What went forward was not a row of training_data as it is."
    assert not any("no forward passes" in finding_text(finding) for finding in lost.values())


def test_the_da_at_the_output_is_shown_with_its_example(tmp_path: Path) -> None:
    line = next(line for line in SOLUTION.splitlines() if "1 - " in line and "da = " in line)
    finding = findings(tmp_path, (line.strip(), "da = y_hat - y"))["fit.output_gradient"]
    assert isinstance(finding.seen["da"], NumberValue)
    assert list(finding.facts)[:3] == ["example", "ŷ", "y"]
