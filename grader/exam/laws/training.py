"""Compute where gradient descent leads a whole network, and the losses from the submission's parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from grader.candidate.replies import Returned, TrainReply
from grader.exam.laws.network import Network
from grader.exam.questions.cases import TrainCase

__all__ = ["Descent", "Loss", "data", "destinations", "losses", "parameters_after"]

Floats = NDArray[np.float64]
Loss = Callable[[Floats], Floats]
"""Takes B parameter vectors (B, P), and returns the loss of one example for each, (B,)."""
Descent = Callable[[Loss, Floats, float], Floats]
"""Takes the loss of one example, parameters (P,) and the learning rate, and returns the parameters after a step."""


def data(case: TrainCase) -> tuple[Floats, Floats]:
    """Return the rows (N, n_features) and the labels (N,) of a case."""
    return np.array(case.rows), np.array(case.labels)


@cache
def destinations(case: TrainCase, descend: Descent) -> tuple[Floats, ...]:
    """Return the parameters after one epoch of ``descend``, for every order of the examples."""
    network, (rows, labels) = Network(case.layers), data(case)
    reached: dict[tuple[int, ...], Floats] = {(): case.parameters()}
    for length in range(1, len(rows) + 1):
        for order in permutations(range(len(rows)), length):
            example = slice(order[-1], order[-1] + 1)
            loss = partial(network.mean_loss, rows=rows[example], labels=labels[example])
            reached[order] = descend(loss, reached[order[:-1]], case.learning_rate)
    return tuple(reached[order] for order in permutations(range(len(rows))))


def parameters_after(case: TrainCase, reply: TrainReply) -> Iterator[Floats | None]:
    """Yield the parameters after each call of ``fit``; ``None`` if they have another shape or there was no call."""
    for number in range(case.calls):
        yield _vector(case, reply.calls[number]) if number < len(reply.calls) else None


def _vector(case: TrainCase, layers: tuple[tuple[Returned, Returned], ...]) -> Floats | None:
    if len(layers) != len(case.layers):
        return None
    parts = []
    for layer, (weights, biases) in zip(case.layers, layers, strict=True):
        w, b = weights.shaped(layer.n_neurons, layer.n_inputs), biases.reshaped(layer.n_neurons, 1)
        if w is None or b is None:
            return None
        parts += [w.ravel(), b.ravel()]
    return np.concatenate(parts)


def losses(case: TrainCase, reply: TrainReply) -> list[float]:
    """Return the mean loss before training and after each call of ``fit``, computed from the parameters alone."""
    network, (rows, labels) = Network(case.layers), data(case)
    vectors = [case.parameters(), *parameters_after(case, reply)]
    with np.errstate(all="ignore"):
        return [
            float("nan") if theta is None else float(network.mean_loss(theta[None], rows, labels)[0])
            for theta in vectors
        ]
