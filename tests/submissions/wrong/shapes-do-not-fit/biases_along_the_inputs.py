from __future__ import annotations

import argparse
from dataclasses import InitVar, dataclass, field
from typing import Optional

import numpy as np

from utils import Activation, Array, X_train, relu, sigmoid, y_train


@dataclass(slots=True, eq=False)
class Layer:
    n_inputs: InitVar[int]
    n_neurons: InitVar[int]
    activation: Activation
    weights: Array = field(init=False)
    biases: Array = field(init=False)
    inputs: Optional[Array] = field(default=None, init=False)
    outputs: Optional[Array] = field(default=None, init=False)

    def __post_init__(self, n_inputs: int, n_neurons: int) -> None:
        self.weights = np.random.uniform(-1, 1, (n_neurons, n_inputs))
        self.biases = np.random.uniform(-1, 1, (n_neurons, 1))

    def forward(self, inputs: Array) -> Array:
        self.inputs = np.reshape(inputs, (-1, 1))
        self.outputs = self.weights @ self.inputs + self.biases
        return self.activation(self.outputs)

    def backward(self, da: Array, learning_rate: float) -> Array:
        dz = da * self.activation.derivative(self.outputs)
        da_prev = self.weights.T @ dz
        self.weights -= learning_rate * (dz @ self.inputs.T)
        self.biases -= learning_rate * (dz @ self.inputs.T)
        return da_prev


@dataclass(frozen=True)
class Epoch:
    number: int
    losses: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        return f"Loss at epoch {self.number}: {np.mean(self.losses):.3f}"


@dataclass
class Perceptron:
    layers: list[Layer]
    epochs: list[Epoch] = field(default_factory=list, repr=False)

    def forward(self, inputs: Array) -> Array:
        for layer in self.layers:
            inputs = layer.forward(inputs)
        return inputs

    def fit(self, training_data: Array, labels: Array, epochs: int, learning_rate: float) -> list[Epoch]:
        self.epochs = [Epoch(number) for number in range(1, epochs + 1)]
        for epoch in self.epochs:
            for x, y in zip(training_data, labels[:, 0]):
                p = self.forward(x)[0, 0]
                epoch.losses.append(-y * np.log(p) - (1 - y) * np.log(1 - p))
                da = np.array([[(p - y) / (p * (1 - p))]])
                for layer in self.layers[::-1]:
                    da = layer.backward(da, learning_rate)
            print(epoch)
        return self.epochs


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("-e", "--epochs", type=int, default=100)
    network = Perceptron([Layer(2, 6, relu), Layer(6, 6, relu), Layer(6, 1, sigmoid)])
    network.fit(X_train, y_train, parser.parse_args().epochs, 0.01)
