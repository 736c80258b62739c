"""Train one more network with the submission's own layers and ``fit``, so that what it learned can be drawn.

It has nothing to do with the score. The losses and the outputs are computed here, from the parameters alone.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from functools import cache
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from grader.candidate.request import Request
from grader.exam.answers import TrainAnswers, train_request
from grader.exam.examination import Examination
from grader.exam.laws.findings import Failure
from grader.exam.laws.network import Network
from grader.exam.laws.training import data, losses, parameters_after
from grader.exam.questions.cases import LayerParameters, Numbers, TrainCase
from grader.exam.questions.given_data import given_data
from grader.model import TrainingPicture

__all__ = ["training_picture"]

Floats = NDArray[np.float64]

_EPOCHS, _RATE = 20, 0.1
_STRIDE = 6
"""Every sixth of the given examples is trained on: a few, so that it takes a few hundredths of a second."""
_SEED = 2
"""From these parameters the reference learns the given data in so many epochs, its loss falling in each."""
_SIDE, _REACH = 41, 2.25


def training_picture(examination: Examination) -> TrainingPicture | None:
    """Return what a 2–6–6–1 network learned, or ``None`` if the submission cannot train one."""
    answers = examination.ask_training(_request())
    if isinstance(answers, Failure):
        return None
    ((case, reply),) = answers
    if reply.raised is not None and _raises_elsewhere(examination):
        return None
    reached: list[Floats] = []
    for theta in parameters_after(case, reply):
        if theta is None:
            break
        reached.append(theta)
    measured = losses(case, reply)[: 1 + len(reached)]
    return TrainingPicture(
        tuple(loss if isfinite(loss) else None for loss in measured),
        _due_losses(),
        _SIDE,
        _REACH,
        _outputs(case, reached[-1]) if len(reached) == case.calls else b"",
        _outputs(case, _due_parameters()[-1]),
        tuple((x, y, label) for (x, y), label in zip(case.rows, case.labels, strict=True)),
        _correct(case, reached[-1]) if len(reached) == case.calls else 0,
        _correct(case, _due_parameters()[-1]),
        case.learning_rate,
    )


def _raises_elsewhere(examination: Examination) -> bool:
    """Tell whether a method raises on the exam's cases, so that an exception does not come from what is learned."""
    backward, fit = examination.backward, examination.fit
    if isinstance(backward, Failure) or isinstance(fit, Failure):
        return True
    raises = any(training.reply.raised is not None for training in fit.trainings)
    return bool(backward.failing_sizes) or (raises and not fit.raises_only_after_epochs)


@cache
def _request() -> Request[TrainAnswers]:
    return train_request([_case()])


@cache
def _case() -> TrainCase:
    draw = random.Random(_SEED)  # noqa: S311 - no secret
    sizes = ((2, 6, "relu"), (6, 6, "relu"), (6, 1, "sigmoid"))
    layers = tuple(
        LayerParameters(
            n_inputs, n_neurons, name, _eighths(draw, n_inputs * n_neurons), _eighths(draw, n_neurons)
        )
        for n_inputs, n_neurons, name in sizes
    )
    rows, labels = given_data()
    return TrainCase(layers, rows[::_STRIDE], labels[::_STRIDE], _RATE, calls=_EPOCHS)


def _eighths(draw: random.Random, count: int) -> Numbers:
    """Draw multiples of 1/8 from −1 to 1."""
    return tuple(round(8 * (2 * draw.random() - 1)) / 8 for _ in range(count))


@cache
def _due_parameters() -> Sequence[Floats]:
    """Return the parameters before training, and after each epoch of gradient descent in the given order."""
    return list(_descent(_case()))


def _descent(case: TrainCase) -> Iterator[Floats]:
    network, (rows, labels), theta = Network(case.layers), data(case), case.parameters()[None]
    yield theta[0]
    for _ in range(case.calls):
        for row, label in zip(rows, labels, strict=True):
            theta = theta - case.learning_rate * network.gradients(theta, row[None], label[None])
        yield theta[0]


@cache
def _due_losses() -> tuple[float, ...]:
    network, (rows, labels) = Network(_case().layers), data(_case())
    return tuple(network.mean_loss(np.array(_due_parameters()), rows, labels).tolist())


def _outputs(case: TrainCase, theta: Floats) -> bytes:
    """Return ŷ on the grid, in per cent; nothing if it is not a number somewhere."""
    ticks = np.linspace(-_REACH, _REACH, _SIDE)
    points = np.stack(np.meshgrid(ticks, ticks[::-1]), axis=-1).reshape(1, -1, 2)
    with np.errstate(all="ignore"):
        outputs = Network(case.layers).outputs(theta[None], points)[0]
    return b"" if np.isnan(outputs).any() else np.rint(100 * outputs).astype(np.uint8).tobytes()


def _correct(case: TrainCase, theta: Floats) -> int:
    """Return how many examples lie on the right side of ŷ = 0.5."""
    rows, labels = data(case)
    with np.errstate(all="ignore"):
        outputs = Network(case.layers).outputs(theta[None], rows[None])[0]
    return int(((outputs > 0.5) == (labels == 1.0)).sum())  # noqa: PLR2004 - the middle of 0 and 1
