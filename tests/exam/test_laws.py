"""The exam's laws belong to the rubric's criteria, and see small mistakes."""

from __future__ import annotations

import numpy as np
import pytest

from grader.candidate.replies import BackwardReply, Returned, StepReply
from grader.exam import test_backward, test_fit, test_training
from grader.exam.answers import BackwardAnswers
from grader.exam.laws.calls import BackwardAnswer, Rule
from grader.exam.laws.carrying import Reading, read, right_somewhere
from grader.exam.questions.cases import BackwardCase, column
from grader.exam.questions.questions import questions
from grader.rubric import default_rubric

POINTS = {"dz": 15.0, "weights": 10.0, "biases": 5.0, "da_prev": 15.0, "update": 10.0}


def returned(array: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Returned:
    return Returned(array, array.shape)


def answer(case: BackwardCase, *, dz: float = 1.0, rate: float = 1.0, da_prev: float = 1.0) -> BackwardAnswer:
    """Return what the reference would do if its ``dz``, step and ``da_prev`` were off by these factors."""
    steps = []
    for step in case.steps:
        own = dz * column(step.da) * case.function.derivative(case.z(step))
        move = rate * step.learning_rate * own
        steps.append(
            StepReply(
                returned(da_prev * case.weight_matrix.T @ own),
                returned(case.weight_matrix - move @ column(step.inputs).T),
                returned(case.bias_column - move),
            )
        )
    return BackwardAnswer(case, BackwardReply(tuple(steps), None, "Layer.backward"))


def reading(**factors: float) -> Reading:
    answers = BackwardAnswers({"given": [answer(case, **factors) for case in questions(0).given]})
    return read(answers.calls, test_backward.laws.formulas, POINTS)


def held(**factors: float) -> set[str]:
    return set(reading(**factors).holds)


def is_right(answers: list[BackwardAnswer]) -> bool:
    return right_somewhere(
        BackwardAnswers({"given": answers}).calls, test_backward.laws.weights_biases_da_prev
    )


def test_every_law_names_a_criterion_and_every_criterion_has_a_law() -> None:
    laws = [
        law
        for module in (test_backward, test_fit, test_training)
        for name, law in vars(module).items()
        if name.startswith("test_")
    ]
    assert {mark.args[0] for law in laws for mark in law.pytestmark} == set(default_rubric().points)


def test_all_laws_hold_for_the_formulas() -> None:
    assert held() == set(POINTS)


@pytest.mark.parametrize("factor", [1 + 5e-4, 1 - 5e-4, -1.0, 2.0])
@pytest.mark.parametrize(("what", "lost"), [("dz", {"dz"}), ("rate", {"update"}), ("da_prev", {"da_prev"})])
def test_a_small_error_costs_its_own_criterion_alone(what: str, lost: set[str], factor: float) -> None:
    assert held(**{what: factor}) == set(POINTS) - lost


@pytest.mark.parametrize("rate", [1e-3, 1e-5, 1e3])
def test_a_step_of_the_wrong_length_costs_the_update_alone(rate: float) -> None:
    assert held(rate=rate) == set(POINTS) - {"update"}


@pytest.mark.parametrize("size", [1e-12, 1e-8, 1e8])
def test_next_to_nothing_and_far_too_much_earn_nothing(size: float) -> None:
    assert held(dz=size) == set()


def test_what_float32_loses_costs_nothing() -> None:
    assert held(dz=1 + 1e-6) == set(POINTS)


def test_one_agreement_by_luck_is_not_right_somewhere() -> None:
    cases = questions(0).given
    idle = [answer(case, dz=0.0) for case in cases]
    telling = [
        each
        for each in map(answer, cases)
        if min(each.case.size) > 2 and each.case.activation == "sigmoid" and len(each.case.steps) == 1
    ]
    assert not is_right(idle)
    assert not is_right([*idle, telling[0]])
    assert is_right([*idle, *telling[:2]])
    assert is_right(list(map(answer, cases)))


def test_a_wrong_dz_is_read_off_what_moved() -> None:
    own = reading(dz=2.0)
    assert own.rule is not Rule.TRUE
    assert own.holds == {"weights", "biases", "da_prev", "update"}
