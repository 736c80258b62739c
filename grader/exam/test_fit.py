"""The laws of ``Perceptron.fit``, tried with test layers in place of the submission's own.

A step is one forward pass and the calls of ``backward`` after it. ``ŷ`` is what the last layer returned for an example,
``y`` the example's label. The functions that ``test_every_example_goes_back_through_all_layers`` calls are in
``laws/fit.py``; each returns a finding for the first mistake that it sees.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import log

from grader.exam.judging.fit import FitLaws
from grader.exam.laws.fit import (
    assigns_nothing,
    ends,
    hands_da_on,
    hands_rate_on,
    is_run,
    is_trained_once,
    starts_from_a_row,
    takes_every_step,
    uses_own_label,
    visits_layers,
)
from grader.exam.laws.fit_log import Training
from grader.model import Finding

laws = FitLaws()


@laws.output_gradient("fit.output_gradient", says="The da at the output should be (ŷ − y) / (ŷ·(1 − ŷ)).")
def test_the_first_da_is_the_derivative_of_the_loss(y_hat: float, y: float) -> float:
    """The ``da`` of the output is ``(ŷ − y) / (ŷ·(1 − ŷ))``."""
    return (y_hat - y) / (y_hat * (1.0 - y_hat))


@laws.statements("fit.backpropagation")
def test_every_example_goes_back_through_all_layers(
    training: Training, labels_are_told: bool
) -> Iterator[Finding | None]:
    """Each epoch takes one step for each example: last layer first, each layer's ``da`` from the layer after it.

    ``labels_are_told``: whether the ``da`` of every step tells which label it used.
    """
    case, steps = training.case, training.steps
    last_to_first = range(len(case.sizes), 0, -1)
    yield is_run(training)
    for step in steps:
        yield starts_from_a_row(training, step)
        yield visits_layers(step, last_to_first)
        yield hands_da_on(step)
        yield hands_rate_on(step, case.learning_rate)
        if labels_are_told:
            yield uses_own_label(training, step)
    for epoch, start in enumerate(range(0, len(steps), case.examples), 1):
        yield is_trained_once(epoch, steps[start : start + case.examples])
    yield takes_every_step(training)
    yield ends(training)
    yield assigns_nothing(training)


@laws.mean_loss("fit.loss")
def test_each_epoch_prints_its_mean_loss(y_hat: float, y: float) -> float:
    """Each epoch prints one line, with the mean of this loss over its examples: ``−(y·ln ŷ + (1 − y)·ln(1 − ŷ))``."""
    return -(y * log(y_hat) + (1.0 - y) * log(1.0 - y_hat))
