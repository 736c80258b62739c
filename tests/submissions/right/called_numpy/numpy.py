# free: a file called numpy.py with a broken random.py and math.py beside it; the names always mean the real ones; module-level names shadowed
import math
import random

import numpy as np
from utils import X_train, relu, sigmoid, y_train


class Layer:
    def __init__(self, n_inputs, n_neurons, activation_function):
        self.weights = np.array([[random.gauss(0, 1) for _ in range(n_inputs)] for _ in range(n_neurons)])
        self.biases = np.array([[random.gauss(0, 1)] for _ in range(n_neurons)])
        self.activation = activation_function

    def forward(self, inputs):
        self.inputs = np.reshape(inputs, (-1, 1))
        self.outputs = self.weights @ self.inputs + self.biases
        return self.activation(self.outputs)

    def backward(self, da, learning_rate):
        dz = da * self.activation.derivative(self.outputs)
        da_prev = self.weights.T @ dz
        self.weights = self.weights - learning_rate * dz @ self.inputs.T
        self.biases = self.biases - learning_rate * dz
        return da_prev


class Perceptron:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, inputs):
        for layer in self.layers:
            inputs = layer.forward(inputs)
        return inputs

    def fit(self, training_data, labels, epochs, learning_rate):
        order = list(range(len(labels)))
        for epoch in range(1, epochs + 1):
            random.shuffle(order)
            sum = 0.0
            for i in order:
                y, p = labels[i].item(), self.forward(training_data[i]).item()
                sum += -math.log(p if y else 1 - p)
                da = np.float64(-1 / p if y else 1 / (1 - p))
                for layer in self.layers[::-1]:
                    da = layer.backward(da, learning_rate)
            print(f"Loss at epoch {epoch}: {sum / len(order):.3f}")
