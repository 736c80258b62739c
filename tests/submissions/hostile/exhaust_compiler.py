"""Compiles source texts that are nested more deeply than any parser bears."""

import ast

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
        return np.zeros_like(self.inputs)


class Perceptron:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, inputs):
        for layer in self.layers:
            inputs = layer.forward(inputs)
        return inputs

    def fit(self, training_data, labels, epochs, learning_rate):
        exec("lambda: " * 10**5 + "0")


for text in ("(" * 5000 + ")" * 5000, "-" * 10**5 + "1", "x" + ".x" * 10**5, "a[" * 3000 + "0" + "]" * 3000, "if 1:\n" + "".join(" " * n + "if 1:\n" for n in range(1, 99)) + " " * 99 + "1", "+".join(["1"] * 10**5)):
    try:
        exec(text)
    except Exception as error:
        print(type(error).__name__)
ast.literal_eval("+".join(["1"] * 10**5))
