# earns: fit.backpropagation, fit.loss
"""fit takes every label to be 1."""

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
        for epoch in range(1, epochs + 1):
            losses = []
            for x, label in zip(training_data, labels):
                y = 1.0
                y_hat = self.forward(x).item()
                losses.append(-np.log(y_hat if y == 1 else 1 - y_hat))
                da = np.array([[(y_hat - y) / (y_hat * (1 - y_hat))]])
                for layer in reversed(self.layers):
                    da = layer.backward(da, learning_rate)
            print(f"Loss at epoch {epoch}: {np.mean(losses):.3f}")
