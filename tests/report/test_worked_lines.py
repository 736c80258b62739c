"""A terminal shows the first lost step worked out, in few aligned lines, with what the code gave beside it."""

from __future__ import annotations

import pytest

from grader.languages import speaking
from grader.model import (
    ArrayValue,
    CodeValue,
    CriterionResult,
    Feedback,
    Finding,
    Message,
    NumberValue,
    PrintedValue,
    Status,
    SubmissionResult,
    SubmissionStatus,
    Value,
)
from grader.report.terminal.lines import Look
from grader.report.terminal.submissions import render_submission
from grader.report.terminal.worked import worked_lines


def column(*numbers: float, wrong: tuple[int, ...] = ()) -> ArrayValue:
    return ArrayValue((len(numbers), 1), numbers, wrong)


CASE: dict[str, Value] = {
    "activation": CodeValue("square"),
    "W": ArrayValue((2, 2), (1.0, 0.5, -1.0, 0.25)),
    "z": column(2.0, -1.0),
    "da": column(1.0, 0.5),
}
DA_PREV = Finding(
    "law",
    Message("The gradient returned is wrong."),
    {"da_prev": column(5.0, 1.0, wrong=(1,))},
    {"Wᵀ · dz": column(5.0, 1.75)},
    CASE,
)
LOSS = Finding(
    "law",
    Message("The line is wrong."),
    {"": PrintedValue("Loss at epoch 1: 2.000")},
    {"": PrintedValue("Loss at epoch 1: 1.000")},
    {"losses": ArrayValue((2,), (0.5, 1.5))},
)


def shown(finding: Finding, room: int = 80) -> list[str]:
    return [line.plain.rstrip() for line in worked_lines(finding, Look(), room)]


def test_the_steps_are_aligned_and_the_own_result_stands_beside_the_right_one() -> None:
    assert shown(DA_PREV) == [
        "f′(z)   = f′ [  2 ] = [  4 ]",
        "             [ -1 ]   [ -2 ]",
        "dz      = da ⊙ f′(z) = [ 1   ] ⊙ [  4 ] = [  4 ]",
        "                       [ 0.5 ]   [ -2 ]   [ -1 ]",
        "da_prev = Wᵀ · dz = [ 1    -1    ] · [  4 ] = [ 5    ]   Your code: [ 5  ]",
        "                    [ 0.5   0.25 ]   [ -1 ]   [ 1.75 ]              [ 1* ]",
    ]


def test_a_mean_loss_is_worked_out_from_the_losses() -> None:
    assert shown(LOSS) == ["mean loss = (0.5 + 1.5) / 2 = 1   Your code: “Loss at epoch 1: 2.000”"]


@pytest.mark.parametrize("room", [40, 50, 60])
def test_no_line_is_wider_than_its_room(room: int) -> None:
    assert all(len(line) <= room for line in shown(DA_PREV, room))


def test_an_example_of_more_than_a_dozen_lines_is_not_worked_out() -> None:
    ones = column(1.0, 1.0, 1.0, 1.0, 1.0)
    facts = {**CASE, "z": ones, "da": ones, "W": ArrayValue((5, 2), (1.0,) * 10)}
    assert shown(Finding("law", DA_PREV.says, DA_PREV.seen, {"Wᵀ · dz": column(10.0, 10.0)}, facts)) == []


def test_only_the_first_lost_step_is_worked_out_and_a_hint_has_none() -> None:
    lost = tuple(
        CriterionResult(name, "", 0.0, 1.0, Status.FAILED, finding)
        for name, finding in (("backward.da_prev", DA_PREV), ("fit.loss", LOSS))
    )
    result = SubmissionResult("work", "work.py", "", SubmissionStatus.GRADED, 0.0, 2.0, criteria=lost)
    text = render_submission(result, Look())
    assert text.count("Work it out:") == 1
    assert text.index("Work it out:") < text.index("Seen: ")
    assert "Numbers with * are wrong." in text
    assert "Work it out:" not in render_submission(result, Look(), Feedback.HINT)


def test_a_finding_about_two_results_is_not_worked_out() -> None:
    two = Finding("law", Message("Wrong."), {"a": NumberValue(1.0), "b": NumberValue(2.0)}, {}, {})
    assert shown(two) == []


def test_names_of_values_are_in_the_language_of_the_report() -> None:
    with speaking("fi"):
        (line,) = shown(LOSS)
    assert line.startswith("häviöiden keskiarvo = ")
