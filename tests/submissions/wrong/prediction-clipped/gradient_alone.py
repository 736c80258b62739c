import numpy as np
from utils import *

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
        dw = dz @ self.inputs.T
        da_prev = self.weights.T @ dz
        self.weights -= learning_rate * dw
        self.biases -= learning_rate * dz
        return da_prev


class Perceptron:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, inputs):
        for layer in self.layers:
            inputs = layer.forward(inputs)
        return inputs

    def fit(self, training_data, labels, epochs, learning_rate):
        for epoch in range(epochs):
            total = 0
            for x, y in zip(training_data, labels):
                y = y[0]
                p = self.forward(x)[0, 0]
                total += -(y * np.log(p) + (1 - y) * np.log(1 - p))
                p = np.clip(p, 0.05, 0.95)
                da = np.array([[(p - y) / (p * (1 - p))]])
                for layer in self.layers[::-1]:
                    da = layer.backward(da, learning_rate)
            print(f"Loss at epoch {epoch + 1}: {total / len(training_data):.3f}")
