"""A worked example leads, by the formulas of the task sheet, from the numbers of the case to what was expected."""

from __future__ import annotations

from pathlib import Path

import pytest
from student_results import FACTS, WRONG, numbers

from grader.grading.local import grade_locally
from grader.model import ArrayValue, CodeValue, Finding, Message, NumberValue, PrintedValue, Status, Value
from grader.report.worked_example import Fraction, Part, worked_example
from grader.settings import Settings

CORPUS = Path(__file__).parents[2] / "submissions" / "wrong"


def finding(due: str, value: Value, facts: dict[str, Value] | None = None) -> Finding:
    return Finding("law", Message("It is wrong."), {}, {due: value}, FACTS if facts is None else facts)


def last(found: Finding) -> Part:
    return worked_example(found)[-1].parts[-1]


@pytest.mark.parametrize(
    ("due", "value"),
    [
        ("da ⊙ f′(z)", numbers(1.0, 0.0)),
        ("Wᵀ · dz", numbers(1.0)),
        ("−learning_rate · dz · a_prevᵀ", numbers(-0.5, 0.0)),
        ("−learning_rate · dz", numbers(-0.5, 0.0)),
    ],
)
def test_the_last_number_is_what_was_expected(due: str, value: ArrayValue) -> None:
    computed = last(finding(due, value))
    assert isinstance(computed, ArrayValue)
    assert [number or 0.0 for number in computed.numbers] == list(value.numbers)


def test_each_vector_is_a_column_in_the_line_of_its_step() -> None:
    slope, product, transposed = worked_example(WRONG)
    assert slope.parts[-1] == numbers(1.0, 0.0)
    assert product.parts == (
        *("dz", "=", "da ⊙ f′(z)", "="),
        *(numbers(1.0, 0.5), "⊙", numbers(1.0, 0.0), "=", numbers(1.0, 0.0)),
    )
    assert transposed.parts[4] == ArrayValue((1, 2), (1.0, 0.5))


def test_a_wrong_dz_that_is_carried_forward_is_taken_as_it_is() -> None:
    facts = {**FACTS, "dz in your code": numbers(1.0, 0.5)}
    first, _ = worked_example(finding("Wᵀ · dz", numbers(1.25), facts))
    assert first.parts == ("dz", "=", numbers(1.0, 0.5))


def test_the_derivative_of_the_loss_is_a_fraction() -> None:
    facts: dict[str, Value] = {"ŷ": NumberValue(0.75), "y": NumberValue(1.0)}
    (step,) = worked_example(finding("da", NumberValue(-0.25 / 0.1875), facts))
    assert sum(isinstance(part, Fraction) for part in step.parts) == 2


def test_a_mean_loss_is_the_sum_over_the_number() -> None:
    facts: dict[str, Value] = {"losses": ArrayValue((3,), (0.5, 0.25, 0.75))}
    (step,) = worked_example(finding("", PrintedValue("Loss at epoch 2: 0.500"), facts))
    assert step.parts[2] == Fraction(
        (NumberValue(0.5), "+", NumberValue(0.25), "+", NumberValue(0.75)), ("3",)
    )


@pytest.mark.parametrize(
    "found",
    [
        finding("Wᵀ · dz", numbers(7.0)),
        finding("Wᵀ · dz", ArrayValue((1, 2), (1.0, 0.0))),
        finding("Wᵀ · dz", numbers(1.0), {"W": FACTS["W"]}),
        finding("Wᵀ · dz", numbers(1.0), {**FACTS, "z": CodeValue("z")}),
        finding("Wᵀ · dz", numbers(1.0), {**FACTS, "activation": CodeValue("unknown")}),
        finding("Wᵀ · dz", numbers(1.0), {**FACTS, "da": ArrayValue((2, 1), (1.0, None))}),
        finding("", PrintedValue("Loss at epoch 1: 0.9"), {"losses": ArrayValue((1,), (0.5,))}),
        finding("calls", NumberValue(1)),
        Finding("law", Message("It raised.")),
    ],
    ids=lambda found: str(list(found.due)),
)
def test_nothing_is_worked_out_that_does_not_lead_to_what_was_expected(found: Finding) -> None:
    assert worked_example(found) == ()


def test_nobody_is_asked_to_follow_large_arrays() -> None:
    facts = {**FACTS, "z": numbers(*[1.0] * 13), "da": numbers(*[1.0] * 13)}
    assert worked_example(finding("da ⊙ f′(z)", numbers(*[1.0] * 13), facts)) == ()


def test_wrong_numbers_of_real_submissions_are_worked_out() -> None:
    names = ("updated-before-da_prev/in_place.py", "derivative-missing/dz_is_da.py", "loss-sign/no_minus.py")
    results = list(grade_locally([CORPUS / name for name in names], Settings(), jobs=1))
    lost = [one for result in results for one in result.criteria if one.status is Status.FAILED]
    worked = {one.id: bool(one.finding and worked_example(one.finding)) for one in lost}
    wrong = ("backward.da_prev", "backward.dz", "fit.loss")
    assert {name: worked[name] for name in wrong} == dict.fromkeys(wrong, True)
