"""Names the reference through links, /proc, open folders and parts that lead out and in again."""

import os

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


base = os.path.dirname(os.path.realpath(utils.__file__))
path = os.path.join(base, "solution", "perceptron.py")


def through_a_folder():
    folder = os.open(os.path.dirname(os.__file__), os.O_RDONLY | os.O_DIRECTORY)
    return os.open(os.path.relpath(path, os.path.dirname(os.__file__)), os.O_RDONLY, dir_fd=folder)


def through_a_path_descriptor():
    return os.open(f"/proc/self/fd/{os.open(path, os.O_PATH)}", os.O_RDONLY)


def through_a_link():
    os.symlink(path, "perceptron-kit-hostile-link")
    return os.open("perceptron-kit-hostile-link", os.O_RDONLY)


WAYS = [through_a_folder, through_a_path_descriptor, through_a_link, lambda: os.open("/proc/self/root" + path, os.O_RDONLY),
        lambda: os.open(f"/proc/{os.getppid()}/root" + path, os.O_RDONLY), lambda: os.open(f"/proc/{os.getppid()}/cwd", os.O_RDONLY),
        lambda: os.open("/proc/self/cwd/" + os.path.relpath(path), os.O_RDONLY), lambda: os.open("/" * 3 + path, os.O_RDWR)]
for way in WAYS:
    try:
        print("ESCAPED: path", os.read(way(), 10**6).decode()[:9000])
    except OSError as error:
        print(error.errno)
