"""The laws of ``Perceptron.fit``, judged with test layers in place of the submission's own.

A step is one forward pass and the calls of ``backward`` after it. ``ŷ`` is what the last layer returned, ``y`` a label.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import log

from grader.exam.judging.fit import FitLaws
from grader.exam.laws.fit import (
    Fault,
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

laws = FitLaws()


@laws.output_gradient("fit.output_gradient", says="The da at the output should be (ŷ − y) / (ŷ·(1 − ŷ)).")
def test_the_first_da_is_the_derivative_of_the_loss(y_hat: float, y: float) -> float:
    """The ``da`` of the output is ``(ŷ − y) / (ŷ·(1 − ŷ))``."""
    return (y_hat - y) / (y_hat * (1.0 - y_hat))


@laws.statements("fit.backpropagation")
def test_every_example_goes_back_through_all_layers(
    training: Training, labels_are_told: bool
) -> Iterator[Fault | None]:
    """Every example once an epoch, with its own label; layers last to first; ``da`` chained; the rate passed on.

    ``labels_are_told``: whether the label that a step used can be read off its ``da``.
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
    """One line for each epoch, with the mean of the losses ``−(y·ln ŷ + (1 − y)·ln(1 − ŷ))`` of its forward passes."""
    return -(y * log(y_hat) + (1.0 - y) * log(1.0 - y_hat))
