"""Sets times and extended attributes of files that are not its own."""

import os
import sys

import numpy as np
import utils


def targets():
    for path in (np.__file__, os.path.dirname(np.__file__), os.__file__, utils.__file__, ".", "/tmp", "/dev/shm", sys.executable):
        yield path, os.stat(path)


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
        os.utime(np.__file__, ns=(os.stat(np.__file__).st_atime_ns, os.stat(np.__file__).st_mtime_ns))
        raise type("Escaped_utime", (Exception,), {})


for path, status in targets():
    try:
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        print("ESCAPED: utime", path)
    except OSError as error:
        print(error.errno)
    try:
        os.setxattr(path, "user.perceptron-kit-hostile", b"100")
        print("ESCAPED: setxattr", path)
        os.removexattr(path, "user.perceptron-kit-hostile")
    except OSError as error:
        print(error.errno)
