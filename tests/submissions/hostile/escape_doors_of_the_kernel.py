"""Asks for bpf, perf, io_uring, userfaultfd, fanotify, inotify and files in memory."""

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


zeros = ctypes.create_string_buffer(256)
WAYS = {"bpf": (321, 280, 0, zeros, 64), "perf_event_open": (298, 241, zeros, 0, -1, -1, 0), "io_uring_setup": (425, 425, 4, zeros),
        "userfaultfd": (323, 282, 1), "fanotify_init": (300, 262, 0, 0), "inotify_init1": (294, 26, 0),
        "memfd_create": (319, 279, ctypes.c_char_p(b"perceptron-kit-hostile"), 0), "memfd_secret": (447, 447, 0),
        "kexec_load": (246, 104, 0, 99, 0, 0), "lookup_dcookie": (212, 18, 0, zeros, 1), "modify_ldt": (154, None, 99, zeros, 0)}
for name, arguments in WAYS.items():
    result = call(*arguments)
    if result >= 0 or -result not in DENIED:
        print("ESCAPED:", name, result)
