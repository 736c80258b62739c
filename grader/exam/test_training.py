"""The laws of a whole network, which is trained with the submission's own layers and ``fit``.

They are judged once some part of ``backward`` and some part of ``fit`` is right. ``theta`` holds all the network's
parameters in one vector.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from grader.exam import test_backward as backward
from grader.exam import test_fit as fit
from grader.exam.judging.training import TrainingLaws
from grader.exam.laws.training import Loss

Floats = NDArray[np.float64]

laws = TrainingLaws(backward.laws, fit.laws)

STEP = 1e-5
"""The step of the central differences; their error grows with its square, and that of rounding with its inverse."""


@laws.one_epoch(
    "training.gradient_check",
    says="After one epoch the parameters are not where gradient descent leads, in whatever order the examples are "
    "taken. (The gradient is measured by central finite differences. The expected values are for the given order.)",
)
def test_an_epoch_agrees_with_central_differences(loss: Loss, theta: Floats, learning_rate: float) -> Floats:
    """Each example moves ``theta`` by ``−learning_rate`` times the gradient of its loss, by central differences."""
    # Row i moves parameter i alone; the loss is computed for all rows at once.
    steps = STEP * np.eye(theta.size)
    gradient = (loss(theta + steps) - loss(theta - steps)) / (2.0 * STEP)
    return theta - learning_rate * gradient


@laws.each_epoch(
    "training.monotone_loss",
    says="At learning rate 0.01 the mean loss should fall in every epoch; in epoch {epoch} it did not.",
)
def test_the_mean_loss_falls_in_every_epoch(before: float, after: float) -> bool:
    """At learning rate 0.01 the mean loss, computed from the parameters, falls in every epoch."""
    return after < before
