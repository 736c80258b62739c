from __future__ import annotations

import typing as t
from collections import defaultdict, deque

import numpy as np
import numpy.typing as npt

from utils import X_train, relu, sigmoid, y_train

Vector = npt.NDArray[np.floating[t.Any]]
A = t.TypeVar("A", bound="Differentiable")


@t.runtime_checkable
class Differentiable(t.Protocol):
    def __call__(self, z: Vector, /) -> Vector: ...
    def derivative(self, z: Vector, /) -> Vector: ...


class Layer(t.Generic[A]):
    def __init__(self, n_inputs: int, n_neurons: int, activation_function: A) -> None:
        if not isinstance(activation_function, Differentiable):
            raise TypeError("an activation function needs a derivative")
        self.weights: Vector = np.random.uniform(-1, 1, (n_neurons, n_inputs))
        self.biases: Vector = np.random.uniform(-1, 1, (n_neurons, 1))
        self.activation: A = activation_function
        self._tape: deque[tuple[Vector, Vector]] = deque(maxlen=1)

    def forward(self, inputs: Vector) -> Vector:
        column = np.reshape(inputs, (-1, 1))
        z = self.weights @ column + self.biases
        self._tape.append((column, z))
        return self.activation(z)

    def backward(self, da: Vector, learning_rate: float) -> Vector:
        column, z = self._tape.pop()
        dz = da * self.activation.derivative(z)
        try:
            return self.weights.T @ dz
        finally:
            self.weights = self.weights - learning_rate * (dz @ column.T)
            self.biases = self.biases - learning_rate * dz


class Perceptron:
    LOSS: t.ClassVar[dict[int, t.Callable[[float], float]]] = {0: lambda p: -np.log(1 - p), 1: lambda p: -np.log(p)}
    SLOPE: t.ClassVar[dict[int, t.Callable[[float], float]]] = {0: lambda p: 1 / (1 - p), 1: lambda p: -1 / p}

    def __init__(self, layers: list[Layer[t.Any]]) -> None:
        self.layers = deque(layers)

    def forward(self, inputs: Vector) -> Vector:
        return [inputs := layer.forward(inputs) for layer in self.layers][-1]

    def fit(
        self, training_data: Vector, labels: Vector, epochs: int, learning_rate: float
    ) -> t.Mapping[int, list[float]]:
        history: defaultdict[int, list[float]] = defaultdict(list)
        for epoch in range(1, epochs + 1):
            for x, y in zip(training_data, labels.astype(int).ravel().tolist()):
                p = float(self.forward(x)[0, 0])
                history[epoch].append(self.LOSS[y](p))
                da = np.array(self.SLOPE[y](p), ndmin=2)
                for layer in reversed(layers):
                    da = layer.backward(da, learning_rate)
            print("Loss at epoch {}: {:.3f}".format(epoch, np.mean(history[epoch])))
        return history


if t.TYPE_CHECKING:
    from typing_extensions import Self
