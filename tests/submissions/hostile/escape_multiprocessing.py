"""Starts pools of processes in all the ways of the standard library."""

import concurrent.futures
import multiprocessing
import time

import numpy as np


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
        with concurrent.futures.ProcessPoolExecutor(2) as pool:
            list(pool.map(abs, [1, 2], timeout=0.5))


for method in ("fork", "spawn", "forkserver"):
    try:
        process = multiprocessing.get_context(method).Process(target=time.sleep, args=(20,), daemon=True)
        process.start()
        print("ESCAPED: process by", method)
    except Exception as error:
        print(method, type(error).__name__)
