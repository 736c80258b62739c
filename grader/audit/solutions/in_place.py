"""In place: parameters are changed where they are, after the gradient that is handed back."""

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

    def backward(self, da, learning_rate):
        delta = da * self.activation.derivative(self.outputs)
        da_prev = np.dot(self.weights.T, delta)
        self.weights -= learning_rate * np.outer(delta, self.inputs)
        self.biases -= learning_rate * delta
        return da_prev


class Perceptron:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, inputs):
        a = inputs
        for layer in self.layers:
            a = layer.forward(a)
        return a

    def fit(self, training_data, labels, epochs, learning_rate):
        for epoch in range(1, epochs + 1):
            loss = 0.0
            for x, y in zip(training_data, labels.ravel()):
                y_hat = self.forward(x)
                loss -= (y * np.log(y_hat) + (1 - y) * np.log(1 - y_hat)).item()
                gradient = -y / y_hat + (1 - y) / (1 - y_hat)
                for layer in self.layers[::-1]:
                    gradient = layer.backward(gradient, learning_rate)
            loss /= len(labels)
            print(f"Loss at epoch {epoch}: {loss:.3f}")
