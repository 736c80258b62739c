"""In rows: everything is transposed, and a copy of the weights is kept for the gradient that is handed back."""

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
        before = self.weights.copy()
        d_outputs = da.T * self.activation.derivative(self.outputs).T
        step = learning_rate * d_outputs
        self.weights = self.weights - (self.inputs @ step).T
        self.biases = self.biases - step.T
        return (d_outputs @ before).T


class Perceptron:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, inputs):
        a = inputs
        for layer in self.layers:
            a = layer.forward(a)
        return a

    def fit(self, training_data, labels, epochs, learning_rate):
        means = []
        for epoch in range(epochs):
            losses = np.zeros(len(training_data))
            for i, (x, y) in enumerate(zip(training_data, labels)):
                p = self.forward(x)[0, 0]
                losses[i] = -(y[0] * np.log(p) + (1.0 - y[0]) * np.log(1.0 - p))
                da = np.array([[(1.0 - y[0]) / (1.0 - p) - y[0] / p]])
                for layer in list(self.layers)[::-1]:
                    da = layer.backward(da, learning_rate)
            means.append(losses.mean())
            print("Loss at epoch %d: %.3f" % (epoch + 1, means[-1]))
        return means
