"""Imports the grader and the reference, as packages, by path and by runpy."""

import importlib.machinery
import importlib.util
import os
import pkgutil
import runpy
import sys

import numpy as np
import utils


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


base = os.path.dirname(utils.__file__)
sys.path[:0] = [base, os.path.join(base, "solution"), os.path.dirname(os.path.dirname(np.__file__)), "", "."]
for name in ("grader", "grader.exam.test_fit", "grader.exam.questions.strategies", "grader.model", "solution.perceptron", "hypothesis", "pytest", "_pytest"):
    try:
        module = importlib.import_module(name)
        if getattr(module, "__file__", None):
            print("ESCAPED: imported", name, sorted(vars(module))[:50])
    except ImportError as error:
        print(name, error)
reference = runpy.run_path(os.path.join(base, "solution", "perceptron.py"))
globals().update(Layer=reference["Layer"], Perceptron=reference["Perceptron"])
loader = importlib.machinery.SourceFileLoader("reference", os.path.join(base, "solution", "perceptron.py"))
print(loader.get_source("reference"))
