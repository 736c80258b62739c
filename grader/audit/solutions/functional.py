"""In functions: einsum, helpers that return new arrays, and folds."""

from functools import reduce

import numpy as np


class Layer:
    def __init__(self, n_inputs, n_neurons, activation_function):
        self.weights = np.random.uniform(-1, 1, (n_neurons, n_inputs))
        self.biases = np.random.uniform(-1, 1, (n_neurons, 1))
        self.activation = activation_function

    def forward(self, inputs):
        self.inputs = np.reshape(inputs, (-1, 1))
        self.outputs = self.weights @ self.inputs + self.biases
        return self.activation(self.outputs)

    def gradients(self, da):
        dz = np.multiply(da, self.activation.derivative(self.outputs))
        return np.einsum("ij,kl->ik", dz, self.inputs), dz, np.einsum("ij,il->jl", self.weights, dz)

    def backward(self, da, learning_rate):
        d_weights, d_biases, da_prev = self.gradients(da)
        self.weights = np.subtract(self.weights, learning_rate * d_weights)
        self.biases = np.subtract(self.biases, learning_rate * d_biases)
        return da_prev


class Perceptron:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, inputs):
        return reduce(lambda a, layer: layer.forward(a), self.layers, inputs)

    def step(self, row, label, learning_rate):
        y_hat = self.forward(row).item()
        slope = (y_hat - label) / (y_hat * (1 - y_hat))
        reduce(lambda da, layer: layer.backward(da, learning_rate), reversed(self.layers), np.full((1, 1), slope))
        return -np.log(np.where(label == 1, y_hat, 1 - y_hat))

    def fit(self, training_data, labels, epochs, learning_rate):
        for epoch in range(epochs):
            losses = [self.step(training_data[i], labels[i, 0], learning_rate) for i in range(len(labels))]
            print("Loss at epoch {}: {:.3f}".format(epoch + 1, np.mean(losses)))
