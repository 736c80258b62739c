from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from utils import Activation, Array

if TYPE_CHECKING:
    from perceptron import Perceptron


class Layer:
    owner: Perceptron | None = None

    def __init__(self, n_inputs: int, n_neurons: int, activation_function: Activation) -> None:
        self.weights: Array = np.random.uniform(-1, 1, (n_neurons, n_inputs))
        self.biases: Array = np.random.uniform(-1, 1, (n_neurons, 1))
        self.activation = activation_function

    def forward(self, inputs: Array) -> Array:
        self.inputs: Array = np.reshape(inputs, (-1, 1))
        self.outputs: Array = self.weights @ self.inputs + self.biases
        return self.activation(self.outputs)

    def backward(self, da: Array, learning_rate: float) -> Array:
        dz: Array = da * self.activation.derivative(self.outputs)
        da_prev: Array = self.weights.T @ dz
        self.weights = self.weights - learning_rate * (dz @ self.inputs.T)
        self.biases = self.biases - learning_rate * dz
        return da_prev
