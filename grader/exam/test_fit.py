"""The laws of ``Perceptron.fit``, judged with probe layers in place of the submission's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from grader.exam.examination import Examination
from grader.exam.laws.fit import ENDED, Fault, Training, backpropagation
from grader.exam.laws.values import fit_facts, told
from grader.exam.questions import searches
from grader.exam.questions.cases import FitCase
from grader.exam.verdict import Unmet
from grader.model import Status


@pytest.mark.criterion("fit.output_gradient")
def test_the_first_da_is_the_derivative_of_the_loss(examination: Examination) -> None:
    """The ``da`` of the output is ``(ŷ − y) / (ŷ·(1 − ŷ))``."""
    answers = examination.fit
    text = "The da at the output should be (ŷ − y) / (ŷ·(1 − ŷ))"
    _assert_law(examination, answers.output_gradient, answers.output_gradient_fault, text)


@pytest.mark.criterion("fit.backpropagation")
def test_every_example_goes_back_through_all_layers(examination: Examination) -> None:
    """Every example once an epoch, with its own label; layers last to first; ``da`` chained; the rate passed on."""
    answers = examination.fit

    def law(training: Training) -> Fault | None:
        return backpropagation(training, answers.labels_are_told)

    _assert_law(
        examination,
        answers.backpropagation,
        law,
        "Every example should go back through all layers once an epoch",
    )


@pytest.mark.criterion("fit.loss")
def test_each_epoch_prints_its_mean_loss(examination: Examination) -> None:
    """One line for each epoch, with the mean of the losses as they were computed in the forward passes."""
    text = "Each epoch should print its mean loss, as in “Loss at epoch 1: 0.693”"
    answers = examination.fit
    _assert_law(examination, answers.loss, answers.loss_fault, text)


def _assert_law(
    examination: Examination,
    faults: Sequence[Fault | None],
    law: Callable[[Training], Fault | None],
    text: str,
) -> None:
    """Raise the finding in the simplest case that has one; ``faults`` are those of the questions' cases."""

    def found(training: Training, fault: Fault | None) -> Unmet | None:
        return None if fault is None else _unmet(examination, training, fault, text)

    def ask(case: FitCase) -> Unmet | None:
        training = examination.ask_fit(case)
        return found(training, law(training))

    known = [
        (training.case, found(training, fault))
        for training, fault in zip(examination.fit.trainings, faults, strict=True)
    ]
    finding = examination.fault(searches.small_fit, known, ask)
    if finding is not None:
        raise finding


def _unmet(examination: Examination, training: Training, fault: Fault, text: str) -> Unmet:
    facts = fit_facts(training.case)
    raised = training.reply.raised
    if raised is not None and (fault is ENDED or not training.is_whole):
        quoted = examination.quoted(raised)
        return Unmet(
            f"Perceptron.fit raised {quoted}\nOn:\n{told(facts)}",
            {**facts, "seen": quoted},
            status=Status.ERROR,
        )
    row = "" if fault.example is None else f", for training_data[{fault.example}]"
    return Unmet(
        f"{text}; {fault.text}{row}:\nSeen: {fault.seen}\nShould be: {fault.expected}\nOn:\n{told(facts)}",
        {**facts, "seen": fault.seen, "expected": fault.expected},
    )
