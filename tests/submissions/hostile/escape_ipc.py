"""Makes shared memory, semaphores and message queues of System V and POSIX, for the next one to find."""

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
        from multiprocessing import shared_memory
        memory = shared_memory.SharedMemory("perceptron-kit-hostile-memory", create=True, size=0 or 1)


for name, make, remove in (("shmget", (29, 194, 0x504B01, 1 << 20, 0o1600), (31, 195)), ("semget", (64, 190, 0x504B02, 1, 0o1600), (66, 191)),
                           ("msgget", (68, 186, 0x504B03, 0o1600), (71, 187))):
    number = call(*make)
    if number >= 0:
        print("ESCAPED:", name)
        call(*remove, number, 0, 0, 0)
queue = ctypes.c_char_p(b"perceptron-kit-hostile")
if call(240, 180, queue, os.O_CREAT | os.O_RDWR, 0o600, None) >= 0:
    print("ESCAPED: mq_open")
    call(241, 181, queue)
