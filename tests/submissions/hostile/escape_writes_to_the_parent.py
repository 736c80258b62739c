"""Writes into the memory of its parent what is there already."""

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


class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


content = ctypes.create_string_buffer(ctypes.string_at(id(type), 8), 8)
ours, theirs = Vector(ctypes.addressof(content), 0), Vector(id(type), 0)
result = call(311, 271, os.getppid(), ctypes.byref(ours), 1, ctypes.byref(theirs), 1, 0)
if result >= 0 or -result not in DENIED | {errno.ESRCH}:
    print("ESCAPED: process_vm_writev", result)
try:
    os.close(os.open(f"/proc/{os.getppid()}/mem", os.O_RDWR))
    print("ESCAPED: opened the parent's memory")
except OSError as error:
    print(error.errno)
