"""Mistakes in `fit` that can be told by their numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from checks.trainings import LINE, ROUNDING, Step, Training, derivative, loss, nearly
from checks.words import N
from utils import Array

KNOWN_DAS: dict[str, Callable[[float, float, Training], float]] = {
    N("Your da has the wrong sign."): lambda p, y, _t: -derivative(p, y),
    N("Your da is ŷ − y: the denominator ŷ·(1 − ŷ) is missing."): lambda p, y, _t: p - y,
    N("Your da is y − ŷ: the sign is wrong and the denominator ŷ·(1 − ŷ) is missing."): (
        lambda p, y, _t: y - p
    ),
    N("Your da is 2·(ŷ − y), the derivative of the squared error. The loss is the cross-entropy."): (
        lambda p, y, _t: 2 * (p - y)
    ),
    N("Your da is −y/ŷ: the term for the label 0 is missing."): lambda p, y, _t: -y / p,
    N("Your da is (1 − y)/(1 − ŷ): the term for the label 1 is missing."): (
        lambda p, y, _t: (1 - y) / (1 - p)
    ),
    N("Your da is the loss itself. It should be the derivative of the loss."): lambda p, y, _t: loss(p, y),
    N("Your da is ŷ, not the derivative of the loss."): lambda p, _y, _t: p,
    N("Your da is the right one divided by the number of examples."): (
        lambda p, y, t: derivative(p, y) / len(t.case.rows)
    ),
    N("Your da is the right one times the learning rate, which backward uses already."): (
        lambda p, y, t: derivative(p, y) * t.case.learning_rate
    ),
    N("Your da is (ŷ − y)·ŷ·(1 − ŷ): the last factors divide, they do not multiply."): (
        lambda p, y, _t: (p - y) * p * (1 - p)
    ),
}
"""What is said of a mistake in the first `da`, and its formula, of ŷ, y and the training."""


def gives_da(step: Step, training: Training, formula: Callable[[float, float, Training], float]) -> bool:
    """Tell whether the first `da` of a step is what a formula gives."""
    label = training.label(step)
    if step.before is None or step.da is None or label is None:
        return False
    due = formula(step.before.y_hat, label, training)
    return nearly(step.da, due) or step.da == due == 0


class _Epoch(NamedTuple):
    """What the printed number of an epoch may have been computed from."""

    losses: Array
    y_hat: Array
    y: Array
    before: Array
    """The losses of the epochs before."""
    n_features: int
    epochs: int


KNOWN_LOSSES: dict[str, Callable[[_Epoch], Any]] = {
    N("It is the sum of the losses. Print their mean."): lambda e: e.losses.sum(),
    N("The minus sign of the loss is missing."): lambda e: -e.losses.mean(),
    N("It is the loss of the last example alone."): lambda e: e.losses[-1],
    N("The losses of the epochs before are still in it: start each epoch at 0."): lambda e: (
        (e.losses.sum() + e.before.sum()) / len(e.losses)
    ),
    N("It is the mean over all epochs so far. Each epoch has a mean of its own."): lambda e: np.concatenate(
        [e.before, e.losses]
    ).mean(),
    N("It is the term y·ln ŷ alone: the other term is missing."): lambda e: (-e.y * np.log(e.y_hat)).mean(),
    N("It is the term (1 − y)·ln(1 − ŷ) alone: the other term is missing."): lambda e: (
        -(1 - e.y) * np.log(1 - e.y_hat)
    ).mean(),
    N("It is the mean squared error. The loss is the cross-entropy."): lambda e: (
        (e.y_hat - e.y) ** 2
    ).mean(),
    N("It is half the mean squared error. The loss is the cross-entropy."): lambda e: (
        ((e.y_hat - e.y) ** 2).mean() / 2
    ),
    N("It is the mean absolute error. The loss is the cross-entropy."): lambda e: np.abs(
        e.y_hat - e.y
    ).mean(),
    N("It has the logarithm to base 2. The loss has the natural one, np.log."): lambda e: (
        e.losses.mean() / np.log(2)
    ),
    N("It has the logarithm to base 10. The loss has the natural one, np.log."): lambda e: (
        e.losses.mean() / np.log(10)
    ),
    N("It is the sum divided by one less than the number of examples."): lambda e: (
        e.losses.sum() / (len(e.losses) - 1)
    ),
    N("It is the mean divided by the number of examples once more."): lambda e: (
        e.losses.mean() / len(e.losses)
    ),
    N("It is the sum divided by the number of epochs, not of examples."): lambda e: e.losses.sum() / e.epochs,
    N("It is the sum divided by one more than the number of examples."): lambda e: (
        e.losses.sum() / (len(e.losses) + 1)
    ),
    N("It is the sum divided by all numbers in training_data, not by the number of examples."): lambda e: (
        e.losses.mean() / e.n_features
    ),
    N("It is twice the mean loss."): lambda e: 2 * e.losses.mean(),
}


def prints_later_losses(training: Training) -> bool:
    """Tell whether every printed number is a mean of losses that were computed after the steps of its epoch."""
    matches = [match for line in training.lines if (match := LINE.fullmatch(line))]
    before_a_step = {id(step.before) for step in training.steps}
    n_examples, taken = len(training.case.rows), 0
    later: list[list[float]] = [[] for _match in matches]
    for item in training.items:
        if isinstance(item, Step):
            taken += 1
        elif (
            id(item) not in before_a_step
            and item.example is not None
            and 0 < taken <= n_examples * len(later)
        ):
            y = float(training.case.labels[item.example, 0])
            later[(taken - 1) // n_examples].append(loss(item.y_hat, y))
    return all(
        len(losses) == n_examples and abs(float(match[2]) - np.mean(losses)) <= ROUNDING
        for match, losses in zip(matches, later, strict=True)
    )


def prints(training: Training, formula: Callable[[_Epoch], Any]) -> bool:
    """Tell whether every printed number is what a formula gives."""
    matches = [match for line in training.lines if (match := LINE.fullmatch(line))]
    steps = [step for step in training.steps if step.before is not None and step.example is not None]
    epochs, n_examples = training.case.epochs, len(training.case.rows)
    if len(matches) != epochs or len(steps) != training.due:
        return False
    y_hat = np.array([step.before.y_hat for step in steps if step.before is not None]).reshape(
        epochs, n_examples
    )
    y = np.array([training.label(step) for step in steps], dtype=float).reshape(epochs, n_examples)
    losses = np.array([loss(p, t) for p, t in zip(y_hat.ravel(), y.ravel(), strict=True)]).reshape(y.shape)
    for epoch, match in enumerate(matches):
        known = _Epoch(
            losses[epoch], y_hat[epoch], y[epoch], losses[:epoch].ravel(), training.case.rows.shape[1], epochs
        )
        if not abs(float(match[2]) - float(formula(known))) <= ROUNDING:
            return False
    return True
