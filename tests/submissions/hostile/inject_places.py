"""Raises in files whose names are titles, paths and sentences."""

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
        exec(compile("raise ValueError", "\x1b]0;owned\x07.py", "exec"))


class Perceptron:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, inputs):
        for layer in self.layers:
            inputs = layer.forward(inputs)
        return inputs

    def fit(self, training_data, labels, epochs, learning_rate):
        exec(compile("\n" * 9 + "raise ValueError", "inject_places.py\n100 / 100", "exec"))


__file__ = "\x1b[31m/etc/passwd"
__name__ = "__main__\x00"
exec(compile("1 / 0", "<b>file</b>\u202e", "exec"))
