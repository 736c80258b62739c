# earns: nothing
"""The classes are an array and a dictionary."""

import numpy as np


class Layer(np.ndarray):
    def __new__(cls, n_inputs, n_neurons, activation):
        return np.zeros((n_neurons, n_inputs)).view(cls)

    def forward(self, inputs):
        return self @ inputs

    def backward(self, da, learning_rate):
        return self.T @ da


class Perceptron(dict):
    def __init__(self, layers):
        super().__init__(enumerate(layers))

    def fit(self, *args):
        return self
