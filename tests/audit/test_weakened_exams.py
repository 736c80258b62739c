"""An exam that was weakened on purpose is caught by the audit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from msgspec.structs import replace

from grader.audit.auditing import Plan, audit
from grader.audit.exam import Exam, InstalledExam
from grader.audit.records import Audit
from grader.audit.running import Runner
from grader.audit.sensitivity import WRONG
from grader.exam.laws import tolerance
from grader.exam.questions.drawing import FAMILIES
from grader.exam.questions.questions import Questions, questions
from grader.rubric import default_rubric

FEW = Plan(seeds=(), batches=0, every=60, cases=200, sample=0, wrong=())
"""Enough to see the weaknesses of this file."""


@dataclass(frozen=True)
class Weakened:
    """The kit's exam with other examples, or without some laws."""

    change: Callable[[Questions], Questions] = lambda cases: cases
    dropped: str = ""

    def load(self) -> Exam:
        whole = InstalledExam(default_rubric()).load()
        laws = tuple(law for law in whole.laws if law.name != self.dropped)
        return Exam(laws, whole.rubric, lambda seed: self.change(questions(seed)))


def audited(exam: Weakened, plan: Plan = FEW) -> Audit:
    with Runner(jobs=1) as runner:
        return audit(exam, plan, runner)


def given_activation_only(cases: Questions) -> Questions:
    return replace(
        cases,
        given=[case for case in cases.given if case.activation == "relu"],
        unseen=[],
        linear_in_da=[case for case in cases.linear_in_da if case.activation == "relu"],
        linear_in_rate=[case for case in cases.linear_in_rate if case.activation == "relu"],
    )


def one_size_only(cases: Questions) -> Questions:
    return replace(
        cases,
        given=[case for case in cases.given if case.size == (3, 3)],
        unseen=[case for case in cases.unseen if case.size == (3, 3)],
        linear_in_da=[],
        linear_in_rate=[],
    )


def one_epoch_only(cases: Questions) -> Questions:
    return replace(cases, fit=[replace(case, epochs=1) for case in cases.fit])


def few_examples(cases: Questions) -> Questions:
    return replace(cases, given=cases.given[20:24], unseen=cases.unseen[:1], fit=cases.fit[:1])


def networks_of_the_seed(cases: Questions) -> Questions:
    return replace(cases, monotone=FAMILIES["monotone"](cases.seed, 1))


def test_the_exam_as_it_is_has_no_faults() -> None:
    assert audited(Weakened()).faults == ()


@pytest.mark.parametrize(
    ("exam", "fault"),
    [
        pytest.param(
            Weakened(dropped="da_prev_is_the_transposed_weights_times_dz"), "da_prev", id="a law dropped"
        ),
        pytest.param(Weakened(given_activation_only), "activation-hard-coded", id="one activation only"),
        pytest.param(Weakened(one_size_only), "wide-layers-differ", id="one size only"),
        pytest.param(Weakened(one_epoch_only), "loss-not-reset", id="one epoch only"),
        pytest.param(Weakened(few_examples), "is not caught", id="few examples"),
    ],
)
def test_weaker_examples_and_laws_are_caught(exam: Weakened, fault: str) -> None:
    assert any(fault in one for one in audited(exam).faults)


def test_a_loosened_tolerance_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tolerance, "FRACTION", 1e-2)
    plan = Plan(seeds=(), batches=0, every=2000, cases=200, sample=0, wrong=WRONG[:1])
    assert any("does not notice that dz is wrong" in one for one in audited(Weakened(), plan).faults)


def test_examples_that_decide_by_the_seed_are_caught() -> None:
    plan = Plan(seeds=(1, 2), batches=0, every=2000, cases=200, sample=0, wrong=())
    unsteady = audited(Weakened(networks_of_the_seed), plan).unsteady
    assert {law for one in unsteady for law in one.laws} == {"the_mean_loss_falls_in_every_epoch"}
