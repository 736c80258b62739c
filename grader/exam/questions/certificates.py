"""Certify the cases of ``training.*``: that every right submission passes on them."""

from __future__ import annotations

from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from grader.exam.laws.network import Network
from grader.exam.laws.training import data
from grader.exam.questions.cases import TrainCase

__all__ = ["falls_in_any_order", "is_smooth"]

Floats = NDArray[np.float64]

_KINK = 0.01
"""How far pre-activations of ReLU stay from 0, so that a finite difference sees one slope."""
_LOWEST, _HIGHEST = 0.02, 0.98
"""Where ŷ stays (docs/contract.md)."""
_ORDERS = 50
_MARGIN, _DEVIATIONS = 1e-3, 5.0
"""By how much, and by how many standard deviations over the orders, the reference's mean loss falls."""


def is_smooth(case: TrainCase) -> bool:
    """Tell whether every order of the examples stays away from the kinks of ReLU, and ŷ from 0 and 1."""
    network, (rows, labels) = Network(case.layers), data(case)
    reached: dict[tuple[int, ...], Floats] = {(): case.parameters()[None]}
    for length in range(len(rows) + 1):
        for order in permutations(range(len(rows)), length):
            if not _is_calm(network, reached[order], rows):
                return False
            for last in set(range(len(rows))) - set(order):
                gradient = network.gradients(reached[order], rows[last][None], labels[last][None])
                reached[*order, last] = reached[order] - case.learning_rate * gradient
    return True


def _is_calm(network: Network, theta: Floats, rows: Floats) -> bool:
    passed = network.pre_activations(theta, rows[None])
    kinks = [z for layer, (_, z) in zip(network.layers, passed, strict=True) if layer.activation == "relu"]
    calm = all(np.abs(z).min() >= _KINK for z in kinks)
    return calm and _stays_inside(network.outputs(theta, rows[None]))


def _stays_inside(predictions: Floats) -> bool:
    return bool(predictions.min() >= _LOWEST and predictions.max() <= _HIGHEST)


def falls_in_any_order(case: TrainCase, random_orders: int = _ORDERS) -> bool:
    """Tell whether the mean loss falls in every epoch, with a margin, in the given order and in random ones."""
    network, (rows, labels) = Network(case.layers), data(case)
    shuffle = np.random.Generator(np.random.PCG64(len(rows)))
    count = random_orders + 1
    theta = np.repeat(case.parameters()[None], count, axis=0)
    if not _stays_inside(network.outputs(theta[:1], rows[None])):
        return False
    before = network.mean_loss(theta, rows, labels)
    for _ in range(case.calls):
        orders = np.argsort(shuffle.random((count, len(rows))), axis=1)
        orders[0] = np.arange(len(rows))
        for examples in orders.T:
            gradient = network.gradients(theta, rows[examples], labels[examples])
            theta = theta - case.learning_rate * gradient
        if not _stays_inside(network.outputs(theta, rows[None])):
            return False
        after = network.mean_loss(theta, rows, labels)
        fall = before - after
        if not (fall.min() >= _MARGIN and fall.mean() >= _DEVIATIONS * fall.std()):
            return False
        before = after
    return True
