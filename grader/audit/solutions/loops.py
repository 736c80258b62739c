"""One number at a time: index loops, lists and the math module."""

import math

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
        n_neurons = len(self.weights)
        n_inputs = len(self.inputs)
        slopes = self.activation.derivative(self.outputs)
        dz = []
        for i in range(n_neurons):
            dz.append(da[i, 0] * slopes[i, 0])
        da_prev = np.zeros((n_inputs, 1))
        for j in range(n_inputs):
            for i in range(n_neurons):
                da_prev[j, 0] += self.weights[i, j] * dz[i]
        for i in range(n_neurons):
            for j in range(n_inputs):
                self.weights[i, j] -= learning_rate * dz[i] * self.inputs[j, 0]
            self.biases[i, 0] -= learning_rate * dz[i]
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
        n = len(training_data)
        for epoch in range(epochs):
            total = 0.0
            for i in range(n):
                p = float(self.forward(training_data[i])[0, 0])
                if labels[i, 0] == 1:
                    total += -math.log(p)
                    da = np.array([[-1 / p]])
                else:
                    total += -math.log(1 - p)
                    da = np.array([[1 / (1 - p)]])
                for k in range(len(self.layers) - 1, -1, -1):
                    da = self.layers[k].backward(da, learning_rate)
            print("Loss at epoch " + str(epoch + 1) + ": " + str(round(total / n, 3)))
