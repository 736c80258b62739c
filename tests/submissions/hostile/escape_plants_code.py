"""Plants files that Python and pytest would run, and takes them away again."""

import os
import site
import sys

import numpy as np
import utils


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
        return np.zeros_like(self.inputs)


class Perceptron:
    def __init__(self, layers): self.layers = layers

    def forward(self, x):
        for l in self.layers: x = l.forward(x)
        return x

    def fit(self, training_data, labels, epochs, learning_rate):
        pass


for place in (".", "..", "/tmp", os.path.dirname(utils.__file__), os.path.dirname(os.path.dirname(np.__file__)), os.path.dirname(np.__file__), os.path.dirname(os.__file__)):
    for name in ("conftest.py", "pytest.ini", "sitecustomize.py", "usercustomize.py", "perceptron-kit-hostile.pth", "grader.py"):
        path = os.path.join(place, name)
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except OSError as error:
            print(name, error.errno)
        else:
            os.unlink(path)
            print("ESCAPED: planted", name, "in", place)
