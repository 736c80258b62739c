"""The laws of ``Perceptron.fit``, judged with probe layers in place of the submission's own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from grader.exam import strategies
from grader.exam.cases import FitCase
from grader.exam.examination import Examination
from grader.exam.fit import Fault, Training, backpropagation, loss, output_gradient
from grader.exam.verdict import Unmet
from grader.exam.wording import fit_facts, told
from grader.model import Status

SMALL = strategies.fit_cases(examples=(1, 8), epochs=(1, 3))


@pytest.mark.criterion("fit.output_gradient")
def test_the_first_da_is_the_derivative_of_the_loss(examination: Examination) -> None:
    """The ``da`` of the output is ``(ŷ − y) / (ŷ·(1 − ŷ))``."""
    reads_labels = examination.reads_labels

    def law(training: Training) -> Fault | None:
        return output_gradient(training, reads_labels=reads_labels)

    _assert_law(examination, law, "The da at the output should be (ŷ − y) / (ŷ·(1 − ŷ))")


@pytest.mark.criterion("fit.backpropagation")
def test_every_example_goes_back_through_all_layers(examination: Examination) -> None:
    """Every example once an epoch, with its own label; layers last to first; ``da`` chained; the rate passed on."""
    labels_are_told = examination.labels_are_told

    def law(training: Training) -> Fault | None:
        return backpropagation(training, labels_are_told)

    _assert_law(examination, law, "Every example should go back through all layers once an epoch")


@pytest.mark.criterion("fit.loss")
def test_each_epoch_prints_its_mean_loss(examination: Examination) -> None:
    """One line for each epoch, with the mean of the losses as they were computed in the forward passes."""
    _assert_law(examination, loss, "Each epoch should print its mean loss, as in “Loss at epoch 1: 0.693”")


def _assert_law(examination: Examination, law: Callable[[Training], Fault | None], text: str) -> None:
    def find(training: Training) -> Unmet | None:
        fault = law(training)
        return None if fault is None else _unmet(examination, training, fault, text)

    def ask(case: FitCase) -> Unmet | None:
        return find(examination.ask_fit([case])[0])

    known = [(training.case, find(training)) for training in examination.trainings]
    found = examination.fault(SMALL, known, ask)
    if found is not None:
        raise found


def _unmet(examination: Examination, training: Training, fault: Fault, text: str) -> Unmet:
    facts = fit_facts(training.case)
    raised = training.reply.raised
    if raised is not None:
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
