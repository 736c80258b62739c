"""Starts other programs with posix_spawn, subprocess, os.system and popen."""

import os
import subprocess
import sys

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


for way in (lambda: os.posix_spawn("/bin/sleep", ["sleep", "30"], {}), lambda: os.posix_spawnp("sleep", ["sleep", "30"], {}),
            lambda: subprocess.Popen(["sleep", "30"], start_new_session=True), lambda: subprocess.run([sys.executable, "-c", "1"], check=True),
            lambda: 1 // (os.system("true") == 0), lambda: os.popen("echo 100").read().index("100"),
            lambda: os.spawnl(os.P_NOWAIT, "/bin/sleep", "sleep", "30")):
    try:
        way()
        print("ESCAPED: started a program")
    except Exception as error:
        print(type(error).__name__)
