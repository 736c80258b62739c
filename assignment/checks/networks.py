"""The checks of both methods together: whole networks that are trained."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise, permutations
from typing import Any, NamedTuple

import numpy as np

from checks.exceptions import raised
from checks.layers import numbers
from checks.limits import TimeUp
from checks.results import Entry, Wrong, matrix, seen
from checks.tolerance import close
from checks.words import _
from utils import Activation, Array, X_train, relu, sigmoid, y_train

STEPS = ("gradient_check", "monotone_loss")


class NetworkCase(NamedTuple):
    """A network, and what it is trained on."""

    parameters: list[tuple[Array, Array]]
    functions: list[Activation]
    rows: Array
    labels: Array
    learning_rate: float
    epochs: int

    def mean_loss(self, theta: Array, rows: Array, labels: Array) -> float:
        """Return the mean loss over some examples, for all parameters in one vector."""
        a, start = rows.T, 0
        for (weights, biases), f in zip(self.parameters, self.functions, strict=True):
            w = theta[start : start + weights.size].reshape(weights.shape)
            b = theta[start + weights.size : start + weights.size + biases.size].reshape(biases.shape)
            start += weights.size + biases.size
            a = f(w @ a + b)
        return -float(np.mean(np.log(np.where(labels.T == 1, a, 1 - a))))

    def theta(self) -> Array:
        """Return all parameters in one vector."""
        return np.concatenate([part.ravel() for pair in self.parameters for part in pair])

    def names(self) -> list[str]:
        """Return the names of the parameters, in the order of the vector."""
        return [
            f"{letter}{layer}[{','.join(map(str, index))}]"
            for layer, pair in enumerate(self.parameters, 1)
            for letter, part in zip("Wb", pair, strict=True)
            for index in np.ndindex(part.shape)
        ]

    def descend(self, theta: Array, number: int) -> Array:
        """Return the parameters after a step on one example, by central finite differences."""
        row, label = self.rows[number : number + 1], self.labels[number : number + 1]
        gradient = np.zeros(theta.size)
        for i in range(theta.size):
            shift = np.zeros(theta.size)
            shift[i] = 1e-5
            up, down = (self.mean_loss(theta + s, row, label) for s in (shift, -shift))
            gradient[i] = (up - down) / 2e-5
        return theta - self.learning_rate * gradient


def gradient_cases() -> list[NetworkCase]:
    """Return small networks, for one epoch on two or three examples; tests certify that they are smooth."""
    return [
        _network(seed, widths, [hidden] * (len(widths) - 2), examples, rate)
        for seed, widths, hidden, examples, rate in (
            (11, (1, 1), relu, 2, 0.5),
            (12, (2, 2, 1), sigmoid, 2, 0.5),
            (13, (2, 3, 1), relu, 3, 0.25),
            (14, (3, 2, 2, 1), sigmoid, 3, 1.5),
        )
    ]


def _network(
    seed: int, widths: Sequence[int], hidden: Sequence[Activation], examples: int, rate: float
) -> NetworkCase:
    draw = numbers(seed)
    parameters = [(_eighths(draw, n, m, 8), _eighths(draw, n, 1, 8)) for m, n in pairwise(widths)]
    rows = _eighths(draw, examples, widths[0], 15)
    labels = np.array([[float(number % 2)] for number in range(examples)])
    return NetworkCase(parameters, [*hidden, sigmoid], rows, labels, rate, 1)


def _eighths(draw: Iterator[int], n_rows: int, n_columns: int, most: int) -> Array:
    values = [
        (1 + next(draw) % most) * (1 - 2 * (next(draw) % 2)) / 8 for _number in range(n_rows * n_columns)
    ]
    return np.array(values).reshape(n_rows, n_columns)


def descent_cases() -> list[NetworkCase]:
    """Return networks and some of the given data; tests certify that the loss falls in any order."""
    cases = []
    for seed, first in ((31, 10), (32, 44), (33, 76)):
        draw = numbers(seed)
        parameters = [(_eighths(draw, n, m, 8), _eighths(draw, n, 1, 8)) for m, n in ((2, 6), (6, 6), (6, 1))]
        chosen = slice(first, first + 20)
        cases.append(
            NetworkCase(parameters, [relu, relu, sigmoid], X_train[chosen], y_train[chosen], 0.01, 5)
        )
    return cases


class Trained(NamedTuple):
    """The parameters after each epoch (None: of another shape), and the first exception."""

    case: NetworkCase
    thetas: list[Array | None]
    error: BaseException | None


def train(layer_class: Any, perceptron_class: Any) -> tuple[list[Trained], list[Trained]]:
    """Train all networks with the student's two classes: those of the gradient check, and those of the descent."""
    gradient = [_trained(layer_class, perceptron_class, case) for case in gradient_cases()]
    return gradient, [_trained(layer_class, perceptron_class, case) for case in descent_cases()]


def _trained(layer_class: Any, perceptron_class: Any, case: NetworkCase) -> Trained:
    thetas: list[Array | None] = []
    first: BaseException | None = None
    try:
        layers = [
            layer_class(weights.shape[1], weights.shape[0], f)
            for (weights, _biases), f in zip(case.parameters, case.functions, strict=True)
        ]
        perceptron = perceptron_class(list(layers))
        for layer, (weights, biases) in zip(layers, case.parameters, strict=True):
            layer.weights, layer.biases = weights.copy(), biases.copy()
    except (TimeUp, KeyboardInterrupt):
        raise
    except BaseException as error:  # whatever goes wrong in the student's code
        return Trained(case, [None] * case.epochs, error)
    for _epoch in range(case.epochs):
        try:
            perceptron.fit(case.rows.copy(), case.labels.copy(), 1, case.learning_rate)
        except (TimeUp, KeyboardInterrupt):
            raise
        except BaseException as error:
            first = first or error
        thetas.append(_vector(layers, case))
    return Trained(case, thetas, first)


def _vector(layers: Sequence[Any], case: NetworkCase) -> Array | None:
    parts = []
    for layer, (weights, biases) in zip(layers, case.parameters, strict=True):
        w, b = seen(getattr(layer, "weights", None)), seen(getattr(layer, "biases", None))
        if w.array is None or w.shape != weights.shape or b.reshaped(*biases.shape) is None:
            return None
        parts += [w.array.ravel(), b.array.ravel() if b.array is not None else np.zeros(0)]
    return np.concatenate(parts)


def wrong_gradient(
    trained: Sequence[Trained], *, ignores_errors: bool, is_forward_right: bool
) -> Wrong | None:
    """Return what is wrong with the parameters after an epoch, or None if they are right."""
    for case, thetas, error in trained:
        if error is not None and not ignores_errors:
            return raised(error, _("Training a network"), [])
        reached: dict[tuple[int, ...], Array] = {(): case.theta()}
        numbers_of = range(len(case.rows))
        for order in (o for length in range(1, len(case.rows) + 1) for o in permutations(numbers_of, length)):
            reached[order] = case.descend(reached[order[:-1]], order[-1])
        ends = [reached[order] for order in permutations(numbers_of)]
        theta = thetas[0]
        if theta is not None and any(close(theta, end, case.theta()) for end in ends):
            continue
        says = _("After one epoch the parameters are not where gradient descent leads.")
        hint = _("If the steps above are right, look at how backward and fit work together.")
        if not is_forward_right:
            hint = _("Your forward does not return f(W·a_prev + b), which backward builds on.")
        facts = [
            (f"{letter}{i}", matrix(part))
            for i, pair in enumerate(case.parameters, 1)
            for letter, part in zip("Wb", pair, strict=True)
        ]
        facts += [
            ("training_data", matrix(case.rows)),
            ("labels", matrix(case.labels)),
            ("learning_rate", f"{case.learning_rate:g}"),
        ]
        shown = _changes(case, theta, ends[0])
        return Wrong(says, shown, _("by finite differences"), hint, facts, entries_are=_("change of"))
    return None


def _changes(case: NetworkCase, theta: Array | None, end: Array) -> list[Entry]:
    """Return how far each parameter moved, and how far it should."""
    before = case.theta()
    if theta is None:
        return []
    pairs = zip(case.names(), theta - before, end - before, strict=True)
    return [
        Entry(
            name,
            float(yours),
            float(due),
            not close(np.array([yours]), np.array([due]), before),
        )
        for name, yours, due in pairs
    ]


def wrong_descent(trained: Sequence[Trained], *, ignores_errors: bool) -> Wrong | None:
    """Return what is wrong with the mean losses, or None if they fall in every epoch."""
    for case, thetas, error in trained:
        if error is not None and not ignores_errors:
            return raised(error, _("Training a network"), [])
        with np.errstate(all="ignore"):
            losses = [
                float("nan") if theta is None else case.mean_loss(theta, case.rows, case.labels)
                for theta in (case.theta(), *thetas)
            ]
        for epoch, (before, after) in enumerate(pairwise(losses), 1):
            if not after < before:
                says = _(
                    "At learning rate 0.01 the mean loss should fall in every epoch. In epoch {epoch} it went from "
                    "{before} to {after}."
                )
                what = says.format(epoch=epoch, before=f"{before:.4f}", after=f"{after:.4f}")
                hint = _("If the steps above are right, look at how backward and fit work together.")
                return Wrong(what, hint=hint)
    return None
