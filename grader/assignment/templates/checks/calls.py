"""Call `backward` in all cases, and keep what it did."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from checks.exceptions import NotWritten, is_stub
from checks.layers import FUNCTIONS, LayerCase, layer_cases
from checks.limits import TimeUp
from checks.results import Seen, matrix, seen
from checks.tolerance import close, largest
from checks.words import _
from utils import Array

METHOD = "Layer.backward"


class Answer(NamedTuple):
    """The calls of one case that returned, and the exception that ended it."""

    case: LayerCase
    calls: list[Call]
    error: BaseException | None
    during: str


class Call:
    """One call of `backward`: what it was given, as on the task sheet, and what it did."""

    def __init__(
        self, case: LayerCase, number: int, activations: Seen, da_prev: Seen, weights: Seen, biases: Seen
    ) -> None:
        self.case, self.number = case, number
        self._activations = activations
        self.weights, self.biases, self.f = case.weights, case.biases, FUNCTIONS[case.activation]
        self.a_prev, self.da, self.learning_rate = case.steps[number]
        self.n_neurons, self.n_inputs = case.size
        self.z = self.weights @ self.a_prev + self.biases
        self.slope = self.f.derivative(self.z)
        self.true_dz = self.da * self.slope
        self.seen = {"da_prev": da_prev, "weights": weights, "biases": biases}
        self.da_prev = da_prev.reshaped(self.n_inputs, 1)
        after_w = weights.array if weights.shape == case.size else None
        after_b = biases.reshaped(self.n_neurons, 1)
        self.moved_weights = None if after_w is None else after_w - self.weights
        self.moved_biases = None if after_b is None else after_b - self.biases

    @property
    def results(self) -> list[Array | None]:
        """What came back, and how far the parameters moved."""
        return [self.da_prev, self.moved_biases, self.moved_weights]

    @property
    def is_forward_right(self) -> bool:
        """Whether `forward` returned f(W·a_prev + b)."""
        return close(self._activations.reshaped(self.n_neurons, 1), self.f(self.z))

    @cached_property
    def is_dead(self) -> bool:
        """Whether nothing moved and zeros came back."""
        return all(result is not None and not result.any() for result in self.results)

    @property
    def has_several_neurons(self) -> bool:
        """Whether mistakes of structure show in the neurons."""
        return np.unique(self.da).size > 1

    @property
    def has_several_of_both(self) -> bool:
        """Whether mistakes of structure show in neurons and inputs."""
        return self.has_several_neurons and np.unique(np.abs(self.a_prev)).size > 1

    @cached_property
    def da_prev_tells_dz(self) -> bool:
        """Whether Wᵀ · dz = da_prev has one solution, and a stable one."""
        if self.n_neurons > self.n_inputs:
            return False
        return bool(np.linalg.svd(self.weights, compute_uv=False).min() >= 0.2)

    def dz(self, rule: str) -> Array | None:
        """Return the `dz` that was used, as it is read off by a rule, or None if that tells none."""
        if rule == "true":
            return self.true_dz
        dz = self._own_dz(rule)
        is_sound = dz is not None and 1e-3 <= largest(dz) / largest(self.da) <= 1e3
        return dz if is_sound else None

    def _own_dz(self, rule: str) -> Array | None:
        x = self.a_prev
        if rule == "biases":
            return None if self.moved_biases is None else -self.moved_biases / self.learning_rate
        if rule == "weights":
            if self.moved_weights is None:
                return None
            dz: Array = -self.moved_weights @ x / (self.learning_rate * (x * x).sum())
            return dz
        if self.da_prev is None or not self.da_prev_tells_dz:
            return None
        solution: Array = np.linalg.lstsq(self.weights.T, self.da_prev, rcond=None)[0]
        return solution

    def finite_differences(self) -> dict[str, Array]:
        """Return the gradients of a loss whose gradient with respect to the activations is `da`."""

        def loss(w: Array, b: Array, x: Array) -> float:
            return float((self.da * self.f(w @ x + b)).sum())

        w, b, x = self.weights, self.biases, self.a_prev
        return {
            "dz": _differences(lambda z: float((self.da * self.f(z)).sum()), self.z),
            "weights": _differences(lambda changed: loss(changed, b, x), w),
            "biases": _differences(lambda changed: loss(w, changed, x), b),
            "da_prev": _differences(lambda changed: loss(w, b, changed), x),
        }

    def facts(self, dz: Array | None = None) -> list[tuple[str, str]]:
        """Return what the call was given, and the `dz` in your code if it is another."""
        function = self.case.activation
        facts = [("W", matrix(self.weights)), ("b", matrix(self.biases)), ("a_prev", matrix(self.a_prev))]
        facts += [("z", matrix(self.z)), ("f", function), ("da", matrix(self.da))]
        facts.append(("learning_rate", f"{self.learning_rate:g}"))
        if dz is not None and not np.array_equal(dz, self.true_dz):
            facts.append((_("dz in your code"), matrix(dz)))
        return facts


def _differences(function: Callable[[Array], float], where: Array, step: float = 1e-5) -> Array:
    """Return the derivative with respect to each number in `where`, by central finite differences."""
    gradient = np.zeros(where.shape)
    for index in np.ndindex(where.shape):
        shift = np.zeros(where.shape)
        shift[index] = step
        gradient[index] = (function(where + shift) - function(where - shift)) / (2 * step)
    return gradient


def ask(layer_class: Any) -> list[Answer]:
    """Call `backward` in all cases; raises `NotWritten` if it is the skeleton's."""
    return [_answer(layer_class, case) for case in layer_cases()]


def _answer(layer_class: Any, case: LayerCase) -> Answer:
    calls: list[Call] = []
    during = "Layer"
    try:
        n_neurons, n_inputs = case.size
        layer = layer_class(n_inputs, n_neurons, FUNCTIONS[case.activation])
        for number, step in enumerate(case.steps):
            layer.weights, layer.biases = case.weights.copy(), case.biases.copy()
            during = "Layer.forward"
            activations = seen(layer.forward(step.inputs.copy()))
            during = METHOD
            da_prev = layer.backward(step.da.copy(), step.learning_rate)
            after = seen(layer.weights), seen(layer.biases)
            calls.append(Call(case, number, activations, seen(da_prev), *after))
    except (TimeUp, KeyboardInterrupt):
        raise
    except BaseException as error:  # whatever goes wrong in the student's code
        if is_stub(error, METHOD):
            raise NotWritten(METHOD) from None
        return Answer(case, calls, error, during)
    return Answer(case, calls, None, during)
