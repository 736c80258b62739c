"""An exam that was weakened on purpose is caught by the audit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from msgspec.structs import replace

from grader.audit.auditing import Plan, audit
from grader.audit.exam import Exam, InstalledExam
from grader.audit.faults import fault_of
from grader.audit.judging import judge
from grader.audit.records import Audit
from grader.audit.running import Runner
from grader.audit.sensitivity import LEAST, WRONG, sensitivity
from grader.audit.subjects import REFERENCE, catalogue, delicate, made_of, solutions, variants
from grader.exam.laws import tolerance
from grader.exam.questions.drawing import FAMILIES
from grader.exam.questions.questions import Questions, questions
from grader.rubric import default_rubric

KINDS = {"right": solutions(), "mistake": variants(), "delicate": delicate()}


@dataclass(frozen=True)
class Weakened:
    """The kit's exam with other examples, or without some laws."""

    change: Callable[[Questions], Questions] = lambda cases: cases
    dropped: str = ""

    def load(self) -> Exam:
        whole = InstalledExam(default_rubric()).load()
        laws = tuple(law for law in whole.laws if law.name != self.dropped)
        return Exam(laws, whole.rubric, lambda seed: self.change(questions(seed)))


def fault_in(exam: Weakened, name: str) -> str:
    """Return what the audit says of the solution ``name`` if it is tried with ``exam``."""
    kind, source = next((kind, texts[name]) for kind, texts in KINDS.items() if name in texts)
    loaded = exam.load()
    verdict = judge(made_of(name, source), loaded, loaded.questions(0))
    return fault_of(kind, verdict, catalogue().get(name, frozenset()))


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


WEAK = [
    pytest.param(
        Weakened(dropped="da_prev_is_the_transposed_weights_times_dz"),
        REFERENCE,
        "loses backward.da_prev",
        id="a law dropped",
    ),
    pytest.param(
        Weakened(given_activation_only),
        "activation-hard-coded",
        "is not caught by its own criteria",
        id="one activation only",
    ),
    pytest.param(Weakened(one_size_only), "wide-layers-differ", "is not caught", id="one size only"),
    pytest.param(
        Weakened(one_epoch_only), "loss-not-reset", "is not caught by its own criteria", id="one epoch only"
    ),
    pytest.param(Weakened(few_examples), "slope-at-most-1", "is not caught", id="few examples"),
]


@pytest.mark.parametrize(("exam", "name", "fault"), WEAK)
def test_weaker_examples_and_laws_are_caught(exam: Weakened, name: str, fault: str) -> None:
    assert fault_in(Weakened(), name) == ""
    assert fault_in(exam, name) == fault


def test_a_loosened_tolerance_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tolerance, "FRACTION", 1e-2)
    found = sensitivity(Weakened().load(), WRONG[0])
    assert found.smallest is None or found.smallest > LEAST


@pytest.mark.slow
def test_a_whole_audit_names_what_a_weaker_exam_lets_pass() -> None:
    plan = Plan(seeds=(), batches=0, every=60, cases=200, sample=0, wrong=())
    faults = audited(Weakened(one_epoch_only), plan).faults
    assert "The known mistake loss-not-reset is not caught by its own criteria." in faults


@pytest.mark.slow
def test_examples_that_decide_by_the_seed_are_caught() -> None:
    plan = Plan(seeds=(1, 2), batches=0, every=2000, cases=200, sample=0, wrong=())
    unsteady = audited(Weakened(networks_of_the_seed), plan).unsteady
    assert {law for one in unsteady for law in one.laws} == {"the_mean_loss_falls_in_every_epoch"}


def audited(exam: Weakened, plan: Plan) -> Audit:
    with Runner(jobs=1) as runner:
        return audit(exam, plan, runner)
