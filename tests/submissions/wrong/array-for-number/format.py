import numpy as np
from utils import relu, sigmoid, X_train, y_train
import sys

sys.setrecursionlimit(10_000)


class Node:
    def __init__(self, layer, next_node=None):
        self.layer = layer
        self.next = next_node

    def predict(self, a):
        a = self.layer.forward(a)
        return a if self.next is None else self.next.predict(a)

    def learn(self, a, y, rate):
        """Returns (da of this layer's inputs, loss)."""
        a = self.layer.forward(a)
        if self.next is None:
            p = a[0, 0]
            loss = -np.log(a ** y * (1 - a) ** (1 - y))
            da = np.array([[(p - y) / (p * (1 - p))]], dtype=np.float32)
        else:
            da, loss = self.next.learn(a, y, rate)
        return self.layer.backward(da, rate), loss


class Layer:
    def __init__(self, n_inputs, n_neurons, activation_function):
        self.weights = np.random.rand(n_neurons, n_inputs) * 2 - 1
        self.biases = np.random.rand(n_neurons, 1) * 2 - 1
        self.f = activation_function

    def forward(self, inputs):
        self.inputs = np.array(inputs, ndmin=2).reshape(-1, 1)
        self.outputs = self.weights @ self.inputs
        self.outputs += self.biases
        self.df = self.f.derivative(self.outputs)
        return self.f(self.outputs)

    def backward(self, da, learning_rate):
        dz = da * self.df
        da_prev = (dz.T @ self.weights).T
        np.subtract(self.weights, learning_rate * dz * self.inputs.T, out=self.weights)
        np.subtract(self.biases, learning_rate * dz, out=self.biases)
        return da_prev


class Perceptron:
    def __init__(self, layers):
        self.head = None
        for layer in reversed(layers):
            self.head = Node(layer, self.head)

    def forward(self, inputs):
        return self.head.predict(inputs)

    def fit(self, training_data, labels, epochs, learning_rate):
        print("Training starts")
        for epoch in range(epochs):
            total = 0
            for i in range(len(training_data)):
                _, loss = self.head.learn(training_data[i : i + 1, :], labels[i, 0], learning_rate)
                total += loss
                print(".", end="", flush=True)
            print()
            print(f"Loss at epoch {epoch + 1}: {total / len(training_data):.3f}")
            print("-" * 30)
        print("Training ended")
        return total / len(training_data)
