"""A small, fully typed implementation of a multilayer perceptron."""

from __future__ import annotations

import abc
import logging
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from utils import Activation, X_train, relu, sigmoid, y_train

FloatArray: TypeAlias = NDArray[np.float64]
_EPSILON: Final[float] = 1e-7

logger = logging.getLogger(__name__)
_handler = logging.StreamHandler(sys.stdout)
_handler.setFormatter(logging.Formatter("%(message)s"))
logger.addHandler(_handler)
logger.setLevel(logging.INFO)
logger.propagate = False


class Gradients(NamedTuple):
    weights: FloatArray
    biases: FloatArray
    inputs: FloatArray


class Module(abc.ABC):
    @abc.abstractmethod
    def forward(self, inputs: FloatArray) -> FloatArray: ...

    @abc.abstractmethod
    def backward(self, da: FloatArray, learning_rate: float) -> FloatArray: ...


@dataclass(eq=False)
class Layer(Module):
    n_inputs: int
    n_neurons: int
    activation_function: Activation
    weights: FloatArray = field(init=False, repr=False)
    biases: FloatArray = field(init=False, repr=False)
    count: ClassVar[int] = 0

    def __post_init__(self) -> None:
        type(self).count += 1
        rng = np.random.default_rng(seed=42)
        self.weights = rng.uniform(-1.0, 1.0, size=(self.n_neurons, self.n_inputs))
        self.biases = rng.uniform(-1.0, 1.0, size=(self.n_neurons, 1))

    def forward(self, inputs: FloatArray) -> FloatArray:
        self.inputs: FloatArray = np.asarray(inputs).reshape(self.n_inputs, 1)
        self.outputs: FloatArray = np.matmul(self.weights, self.inputs) + self.biases
        return self.activation_function(self.outputs)

    def _gradients(da: FloatArray) -> Gradients:
        dz = np.multiply(da, self.activation_function.derivative(self.outputs))
        return Gradients(np.matmul(dz, self.inputs.T), dz, np.matmul(self.weights.T, dz))

    def backward(self, da: FloatArray, learning_rate: float) -> FloatArray:
        gradients = self._gradients(da)
        self.weights = self.weights - learning_rate * gradients.weights
        self.biases = self.biases - learning_rate * gradients.biases
        return gradients.inputs


@dataclass
class Perceptron:
    layers: Sequence[Module]
    history: list[float] = field(default_factory=list)

    def forward(self, inputs: FloatArray) -> FloatArray:
        for layer in self.layers:
            inputs = layer.forward(inputs)
        return inputs

    def fit(
        self,
        training_data: FloatArray,
        labels: FloatArray,
        epochs: int,
        learning_rate: float,
        *,
        verbose: bool = True,
    ) -> Perceptron:
        for epoch in range(1, epochs + 1):
            mean = float(np.mean(list(self._losses(zip(training_data, labels, strict=True), learning_rate))))
            self.history.append(mean)
            if verbose:
                logger.info("Loss at epoch %d: %.3f", epoch, mean)
        return self

    def _losses(self, examples: Iterable[tuple[FloatArray, FloatArray]], rate: float) -> Iterator[float]:
        for x, y in examples:
            p = np.clip(self.forward(x), _EPSILON, 1.0 - _EPSILON)
            yield (-(y * np.log(p) + (1.0 - y) * np.log(1.0 - p))).item()
            da: FloatArray = (p - y) / (p * (1.0 - p))
            for layer in reversed(self.layers):
                da = layer.backward(da, rate)


if __name__ == "__main__":
    Perceptron([Layer(2, 6, relu), Layer(6, 6, relu), Layer(6, 1, sigmoid)]).fit(X_train, y_train, 100, 0.01)
