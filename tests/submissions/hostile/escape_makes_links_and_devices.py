"""Makes folders, links, pipes, devices and sockets, and renames and cuts what it made."""

import os
import socket
import stat

import numpy as np


class Layer:
    """A fully connected layer: z = W·a_prev + b and a = f(z)."""

    def __init__(self, n_inputs: int, n_neurons: int, activation_function) -> None:
        self.n_inputs, self.n_neurons = n_inputs, n_neurons
        self.weights = np.random.uniform(-1.0, 1.0, size=(n_neurons, n_inputs))
        self.biases = np.random.uniform(-1.0, 1.0, size=(n_neurons, 1))
        self.activation = activation_function
        self.inputs = self.outputs = None

    def forward(self, inputs: np.ndarray) -> np.ndarray:
        self.inputs = np.asarray(inputs).reshape(-1, 1)
        self.outputs = np.dot(self.weights, self.inputs) + self.biases
        return self.activation(self.outputs)

    def backward(self, da: np.ndarray, learning_rate: float) -> np.ndarray:
        return np.zeros_like(self.inputs)


class Perceptron:
    """Layers, the output of each being the input of the next."""

    def __init__(self, layers: list) -> None:
        self.layers = layers

    def forward(self, inputs: np.ndarray) -> np.ndarray:
        for layer in self.layers:
            inputs = layer.forward(inputs)
        return inputs

    def fit(self, training_data, labels, epochs: int, learning_rate: float) -> None:
        pass


base = os.path.join("/tmp", "perceptron-kit-hostile-")
for name, way in {"mkdir": lambda p: os.mkdir(p), "symlink": lambda p: os.symlink("/etc/passwd", p), "link": lambda p: os.link(os.__file__, p),
                  "mkfifo": lambda p: os.mkfifo(p), "mknod": lambda p: os.mknod(p, stat.S_IFCHR | 0o600, os.makedev(1, 3)),
                  "bind": lambda p: socket.socket(socket.AF_UNIX).bind(p), "tmpfile": lambda p: os.open(os.path.dirname(p), os.O_TMPFILE | os.O_RDWR),
                  "rename": lambda p: (open(p, "x").close(), os.rename(p, p + "d")), "truncate": lambda p: (open(p, "x").close(), os.truncate(p, 0)),
                  "unlink": lambda p: (open(p + "u", "x").close(), os.unlink(p + "u"))}.items():
    try:
        way(base + name)
        print("ESCAPED:", name)
    except OSError as error:
        print(name, error.errno)
for name in ("no-such-file", "no/such/file"):
    for way in (os.unlink, os.rmdir, lambda p: os.rename(p, p + "x")):
        try:
            way(base + name)
        except OSError as error:
            print(error.errno)
