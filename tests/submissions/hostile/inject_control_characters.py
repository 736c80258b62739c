"""Prints and raises all control characters."""

import numpy as np


def named(text):
    return type(text, (Exception,), {"__qualname__": text, "__module__": text})

ALL = "".join(map(chr, [*range(1, 32), *range(127, 160)]))


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
        raise named(ALL)(ALL)


class Perceptron:
    """Layers, the output of each being the input of the next."""

    def __init__(self, layers: list) -> None:
        self.layers = layers

    def forward(self, inputs: np.ndarray) -> np.ndarray:
        for layer in self.layers:
            inputs = layer.forward(inputs)
        return inputs

    def fit(self, training_data, labels, epochs: int, learning_rate: float) -> None:
        return type(ALL, (), {})()


print(ALL)
print("\r\x1b[1A\x1b[2K100 / 100\x08\x08\x7f\x0c\x0b\x85\x0e")
raise named("\x1b[2J\x1b[H")(ALL)
