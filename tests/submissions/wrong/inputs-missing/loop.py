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
                self.weights[i, j] -= learning_rate * dz[i, 0]
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
        epoch = 1
        while epoch <= epochs:
            loss = 0
            for n in range(len(training_data)):
                out = self.forward(training_data[n])
                p = float(out[0][0])
                if labels[n][0] == 1:
                    loss = loss - math.log(p)
                    grad = np.array([[-1 / p]])
                else:
                    loss = loss - math.log(1 - p)
                    grad = np.array([[1 / (1 - p)]])
                k = len(self.layers) - 1
                while k >= 0:
                    grad = self.layers[k].backward(grad, learning_rate)
                    k -= 1
            loss = loss / len(training_data)
            print("Loss at epoch %d: %.3f" % (epoch, loss))
            epoch += 1


if __name__ == "__main__":
    Perceptron([Layer(2, 6, relu), Layer(6, 1, sigmoid)]).fit(X_train, y_train, 20, 0.01)
