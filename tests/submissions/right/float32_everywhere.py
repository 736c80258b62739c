# free: float32 everywhere, in-place updates, np.outer, clipping with 1e-7, 0-d float32 da, np.random.permutation
import os

os.environ["OMP_NUM_THREADS"] = "1"
os.environ.setdefault("MKL_NUM_THREADS", "1")

import numpy as np

from utils import relu, sigmoid, X_train, y_train

DTYPE = np.float32
EPS = DTYPE(1e-7)


class Layer:
    def __init__(self, n_inputs, n_neurons, activation_function):
        scale = np.sqrt(2.0 / n_inputs)  # He initialisation
        self.weights = (np.random.randn(n_neurons, n_inputs) * scale).astype(DTYPE)
        self.biases = np.zeros((n_neurons, 1), DTYPE)
        self.activation = activation_function

    def forward(self, inputs):
        self.weights = np.asarray(self.weights, dtype=DTYPE)
        self.biases = np.asarray(self.biases, dtype=DTYPE)
        self.inputs = np.asarray(inputs, dtype=DTYPE).reshape(-1, 1)
        self.outputs = np.dot(self.weights, self.inputs) + self.biases
        return self.activation(self.outputs).astype(DTYPE)

    def backward(self, da, learning_rate):
        lr = DTYPE(learning_rate)
        dz = np.asarray(da, dtype=DTYPE) * self.activation.derivative(self.outputs).astype(DTYPE)
        da_prev = np.dot(self.weights.T, dz)
        self.weights -= lr * np.outer(dz, self.inputs)
        self.biases -= lr * dz
        return da_prev


class Perceptron:
    def __init__(self, layers):
        self.net = list(layers)

    def forward(self, inputs):
        for layer in self.net:
            inputs = layer.forward(inputs)
        return inputs

    def fit(self, training_data, labels, epochs, learning_rate):
        X = training_data.astype(DTYPE)
        Y = labels.astype(DTYPE)
        lr = DTYPE(learning_rate)
        for epoch in range(epochs):
            total = DTYPE(0)
            for i in np.random.permutation(X.shape[0]):
                out = np.asarray(self.forward(X[i : i + 1].T), dtype=DTYPE)
                y_hat = np.clip(out, EPS, 1 - EPS)
                y = Y[i, 0]
                total += -(y * np.log(y_hat) + (1 - y) * np.log1p(-y_hat))[0, 0]
                da = ((y_hat - y) / (y_hat * (1 - y_hat))).astype(DTYPE).squeeze()  # 0-d
                for layer in self.net[::-1]:
                    da = layer.backward(da, lr)
            print("Loss at epoch %d: %.3f" % (epoch + 1, total / len(X)))
