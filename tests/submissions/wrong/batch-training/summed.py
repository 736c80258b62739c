import math

import numpy as np
from utils import *


class Layer:
    def __init__(self, n_inputs, n_neurons, activation_function):
        self.weights = np.random.uniform(-1, 1, size=(n_neurons, n_inputs))
        self.biases = np.random.uniform(-1, 1, size=(n_neurons, 1))
        self.activation = activation_function

    def forward(self, inputs):
        self.inputs = np.array(inputs).reshape(-1, 1)
        self.outputs = self.weights.dot(self.inputs) + self.biases
        return self.activation(self.outputs)

    def backward(self, da, learning_rate):
        n, m = self.weights.shape
        g = self.activation.derivative(self.outputs)
        dz = np.zeros((n, 1))
        for i in range(n):
            dz[i, 0] = da[i, 0] * g[i, 0]
        da_prev = np.zeros((m, 1))
        for j in range(m):
            for i in range(n):
                da_prev[j, 0] += self.weights[i, j] * dz[i, 0]
        for i in range(n):
            for j in range(m):
                self.weights[i, j] -= learning_rate * dz[i, 0] * self.inputs[j, 0]
            self.biases[i, 0] -= learning_rate * dz[i, 0]
        return da_prev


class Perceptron:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, inputs):
        a = inputs
        for i in range(len(self.layers)):
            a = self.layers[i].forward(a)
        return a

    def fit(self, training_data, labels, epochs, learning_rate):
        for epoch in range(epochs):
            loss = 0
            grad = 0
            for n in range(len(training_data)):
                p = float(self.forward(training_data[n])[0][0])
                y = labels[n][0]
                loss += -(y * math.log(p) + (1 - y) * math.log(1 - p)) / len(training_data)
                grad += (p - y) / (p * (1 - p))
            grad = np.array([[grad]])
            for layer in self.layers[::-1]:
                grad = layer.backward(grad, learning_rate)
            print("Loss at epoch %d: %.3f" % (epoch + 1, loss))


if __name__ == "__main__":
    Perceptron([Layer(2, 6, relu), Layer(6, 1, sigmoid)]).fit(X_train, y_train, 20, 0.01)
