"""Returns and assigns NaN, infinities, subnormal and enormous numbers."""

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
        numbers = [np.nan, np.inf, -np.inf, 5e-324, 1.7e308, -0.0]
        self.weights = np.resize(numbers, self.weights.shape)
        self.biases = np.resize(numbers[::-1], self.biases.shape)
        return np.resize(numbers, self.inputs.shape)


class Perceptron:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, inputs):
        for layer in self.layers:
            inputs = layer.forward(inputs)
        return inputs

    def fit(self, training_data, labels, epochs, learning_rate):
        for layer in reversed(self.layers):
            layer.backward(np.full((1, 1), np.nan), np.inf)
