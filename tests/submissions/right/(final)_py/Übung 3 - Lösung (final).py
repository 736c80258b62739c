# free: file name with blanks and umlauts, os.chdir and sys.path from __file__, sys.argv, inspect and pickle at module level, momentum=0.0
import inspect
import os
import pickle
import sys

HIER = os.path.dirname(os.path.abspath(__file__))
os.chdir(HIER)
sys.path.insert(0, HIER)
sys.path.append("..")

import numpy as np
from utils import relu, sigmoid, X_train, y_train

EPOCHEN = int(sys.argv[1]) if len(sys.argv) > 1 else 2


class Layer:
    lambda_ = 0.0  # Regularisierung, ausgeschaltet

    def __init__(self, n_inputs, n_neurons, activation_function, dropout=None):
        self.weights = np.random.uniform(-1, 1, (n_neurons, n_inputs))
        self.biases = np.random.uniform(-1, 1, (n_neurons, 1))
        self.activation = activation_function

    def forward(self, inputs, training=True):
        self.inputs = np.reshape(inputs, (-1, 1))
        self.outputs = self.weights @ self.inputs + self.biases
        return self.activation(self.outputs)

    def backward(self, da, learning_rate, momentum=0.0):
        dz = da * self.activation.derivative(self.outputs)
        da_prev = self.weights.T @ dz
        velocity = momentum * np.zeros_like(self.weights) - learning_rate * (dz @ self.inputs.T + self.lambda_ * self.weights)
        self.weights = self.weights + velocity
        self.biases = self.biases - learning_rate * dz
        return da_prev


class Perceptron:
    def __init__(self, layers, verbose=True):
        self.layers, self.verbose = layers, verbose

    def forward(self, inputs):
        for layer in self.layers:
            inputs = layer.forward(inputs)
        return inputs

    def fit(self, training_data, labels, epochs, learning_rate, decay=0.0, patience=None):
        best = np.inf
        for epoch in range(1, epochs + 1):
            rate = learning_rate / (1 + decay * (epoch - 1))
            total = 0.0
            for x, y in zip(training_data, labels):
                y = y.item()
                p = self.forward(x).item()
                total -= np.log(p) if y else np.log(1 - p)
                da = np.array([[-1 / p if y else 1 / (1 - p)]])
                for layer in reversed(self.layers):
                    da = layer.backward(da, rate)
            loss = total / len(labels)
            if self.verbose:
                print("Loss at epoch", str(epoch) + ":", np.round(loss, 3))
            best = min(best, loss)
            if patience is not None and loss > best + patience:
                break


netz = Perceptron([Layer(2, 6, relu), Layer(6, 6, relu), Layer(6, 1, sigmoid)])
netz.fit(X_train, y_train, EPOCHEN, 0.01)
print(len(inspect.getsource(Layer.backward).splitlines()), "Zeilen in backward")
print(len(pickle.dumps(netz)), "Bytes")
