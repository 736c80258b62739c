"""Reports an output of half a megabyte, which is more in JSON."""

import gc
import json
import os
import socket
import struct
import time

import numpy as np


def frame(header, payload=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<II", len(text), len(payload)) + text + payload


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
        return np.zeros_like(self.inputs)


class Perceptron:
    def __init__(self, layers): self.layers = layers

    def forward(self, x):
        for l in self.layers: x = l.forward(x)
        return x

    def fit(self, training_data, labels, epochs, learning_rate):
        pass


REPLY = {"id": 1, "classes": ["Layer", "Perceptron"], "skipped": [], "syntax": [], "output": "\U0001f525" * 125_000, "output_cut": False}
text = json.dumps(REPLY, ensure_ascii=False).encode()
wire_socket().sendall(struct.pack("<II", len(text), 0) + text)
time.sleep(0.05)
os._exit(0)
