"""Raises with chains and groups of exceptions and tracebacks of thousands of frames."""

import sys

import numpy as np


def fall(depth):
    if depth:
        return fall(depth - 1)
    raise ValueError("x" * 10**5)


class Layer:
    """A fully connected layer: z = W·a_prev + b and a = f(z)."""

    def __init__(self, n_inputs: int, n_neurons: int, activation_function) -> None:
        self.n_inputs, self.n_neurons = n_inputs, n_neurons
        self.weights = np.random.uniform(-1.0, 1.0, size=(n_neurons, n_inputs))
        self.biases = np.random.uniform(-1.0, 1.0, size=(n_neurons, 1))
        self.activation = activation_function
        self.inputs = self.outputs = None

    def forward(self, inputs: np.ndarray) -> np.ndarray:
        self.inputs = np.asarray(inputs).reshape(-1, 1)
        self.outputs = np.dot(self.weights, self.inputs) + self.biases
        return self.activation(self.outputs)

    def backward(self, da: np.ndarray, learning_rate: float) -> np.ndarray:
        sys.setrecursionlimit(20_000)
        fall(5_000)


class Perceptron:
    """Layers, the output of each being the input of the next."""

    def __init__(self, layers: list) -> None:
        self.layers = layers

    def forward(self, inputs: np.ndarray) -> np.ndarray:
        for layer in self.layers:
            inputs = layer.forward(inputs)
        return inputs

    def fit(self, training_data, labels, epochs: int, learning_rate: float) -> None:
        error = ValueError("x" * 10**6)
        for number in range(10_000):
            if number < 100:
                error = ExceptionGroup("x", [error])
            following = KeyError(number)
            following.__context__ = error
            error = following
        raise error
