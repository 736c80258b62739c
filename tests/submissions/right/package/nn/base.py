import numpy as np


class Affine:
    """z = W a + b"""

    def __init__(self, n_inputs, n_neurons):
        self.weights = np.random.uniform(-1, 1, (n_neurons, n_inputs))
        self.biases = np.random.uniform(-1, 1, (n_neurons, 1))

    def affine(self, inputs):
        self.inputs = np.reshape(inputs, (-1, 1))
        self.outputs = np.dot(self.weights, self.inputs) + self.biases
        return self.outputs

    def step(self, dz, learning_rate):
        self.weights = self.weights - learning_rate * np.dot(dz, self.inputs.T)
        self.biases = self.biases - learning_rate * dz
