"""Asks for arrays of exabytes, gigabytes and many megabytes, and touches them."""

import numpy as np


class Layer:
    def __init__(self, n_inputs, n_neurons, activation_function):
        self.weights = np.random.uniform(-1, 1, (n_neurons, n_inputs))
        self.biases = np.random.uniform(-1, 1, (n_neurons, 1))
        self.activation = activation_function
        self.inputs = np.zeros((n_inputs, 1))
        self.outputs = np.zeros((n_neurons, 1))

    def forward(self, inputs):
        self.inputs = np.reshape(inputs, (-1, 1))
        self.outputs = self.weights @ self.inputs + self.biases
        return self.activation(self.outputs)

    def backward(self, da, learning_rate):
        return np.broadcast_to(0.0, (10**6, 10**6, 10**3)) + np.zeros((10**6, 1, 1))


class Perceptron:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, inputs):
        for layer in self.layers:
            inputs = layer.forward(inputs)
        return inputs

    def fit(self, training_data, labels, epochs, learning_rate):
        kept = []
        for exponent in (60, 40, 33, 30, 29, 28, 27, 26, 25):
            try:
                kept.append(np.empty(2**exponent // 8))
            except MemoryError:
                pass
        raise MemoryError(len(kept))
