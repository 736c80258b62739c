"""Makes files wherever it may: beside it, in temporary folders, beside NumPy and the kit, at home."""

import os

import numpy as np
import utils

PLACES = [".", "/tmp", "/var/tmp", "/dev/shm", "/run", "/", os.path.expanduser("~"), os.path.dirname(np.__file__),
          os.path.join(os.path.dirname(np.__file__), "__pycache__"), os.path.dirname(os.path.dirname(np.__file__)), os.path.dirname(utils.__file__), os.path.dirname(os.__file__)]


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
        open(os.path.join("/tmp", "perceptron-kit-hostile-from-backward"), "w").close()
        raise type("Escaped_made_a_file", (Exception,), {})


class Perceptron:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, inputs):
        for layer in self.layers:
            inputs = layer.forward(inputs)
        return inputs

    def fit(self, training_data, labels, epochs, learning_rate):
        pass


for place in dict.fromkeys(PLACES):
    try:
        open(os.path.join(place, "perceptron-kit-hostile-file"), "x").close()
        print("ESCAPED: made a file in", place)
    except OSError as error:
        print(place, error.errno)
