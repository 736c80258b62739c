"""Has Python write compiled modules beside the modules that the next worker loads."""

import os
import py_compile

import numpy as np
import utils


class Layer:
    def __init__(self, n_inputs, n_neurons, activation_function):
        self.weights = np.random.uniform(-1, 1, (n_neurons, n_inputs))
        self.biases = np.random.uniform(-1, 1, (n_neurons, 1))
        self.activation = activation_function
        self.inputs = np.zeros((n_inputs, 1))
        self.outputs = np.zeros((n_neurons, 1))

    def forward(self, inputs):
        self.inputs = np.reshape(inputs, (-1, 1))
        self.outputs = self.weights @ self.inputs + self.biases
        return self.activation(self.outputs)

    def backward(self, da, learning_rate):
        return np.zeros_like(self.inputs)


class Perceptron:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, inputs):
        for layer in self.layers:
            inputs = layer.forward(inputs)
        return inputs

    def fit(self, training_data, labels, epochs, learning_rate):
        pass


for folder in (os.path.dirname(np.__file__), os.path.dirname(os.__file__), os.path.dirname(utils.__file__), "."):
    try:
        path = py_compile.compile(os.__file__, cfile=os.path.join(folder, "__pycache__", "perceptron-kit-hostile.cpython-311.pyc"), doraise=True)
        print("ESCAPED: compiled", path)
    except (OSError, py_compile.PyCompileError) as error:
        print(type(error).__name__)
