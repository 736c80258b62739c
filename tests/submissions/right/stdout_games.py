# free: print through partial, a re-wrapped sys.stdout, redirect_stdout and sys.stdout.buffer; debug prints in forward and backward
import contextlib
import functools
import io
import sys

import numpy as np

from utils import relu, sigmoid, X_train, y_train

# for the Windows console
sys.stdout = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", line_buffering=True)
print = functools.partial(print, flush=True)
print("∇L läuft …")
DEBUG = True


def debug(*values):
    if DEBUG:
        print("[debug]", *values, sep="\t")


class Layer:
    def __init__(self, n_inputs, n_neurons, activation_function):
        self.weights = np.random.uniform(-1, 1, (n_neurons, n_inputs))
        self.biases = np.random.uniform(-1, 1, (n_neurons, 1))
        self.activation = activation_function

    def forward(self, inputs):
        self.inputs = np.reshape(inputs, (-1, 1))
        self.outputs = self.weights @ self.inputs + self.biases
        debug("z", self.outputs.T)
        return self.activation(self.outputs)

    def backward(self, da, learning_rate):
        dz = da * self.activation.derivative(self.outputs)
        debug("dz", dz.T)
        da_prev = self.weights.T @ dz
        self.weights -= learning_rate * dz @ self.inputs.T
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
        report = io.StringIO()
        for epoch in range(1, epochs + 1):
            loss = 0
            with contextlib.redirect_stdout(report):
                for x, y in zip(training_data, labels.flatten()):
                    p = self.forward(x).item()
                    loss += -(y * np.log(p) + (1 - y) * np.log(1 - p))
                    print("loss so far", loss)
                    da = np.array([[(p - y) / (p * (1 - p))]])
                    for layer in reversed(self.layers):
                        da = layer.backward(da, learning_rate)
            line = f"Loss at epoch {epoch}: {loss / len(labels):.3f}\n"
            if epoch % 2:
                sys.stdout.buffer.write(line.encode())
                sys.stdout.buffer.flush()
            else:
                sys.stdout.writelines([line])
        return report.getvalue()
