# free: Perceptron as a subclass of list, generator helper inside fit, round(loss, 3), itertools.count, forward through the layers themselves
import itertools
import random

import numpy as np

from utils import relu, sigmoid, X_train, y_train


class Layer:
    def __init__(self, n_inputs, n_neurons, activation_function):
        gen = np.random.default_rng(0)
        self.weights = gen.normal(0.0, n_inputs ** -0.5, (n_neurons, n_inputs))
        self.biases = gen.normal(size=(n_neurons, 1))
        self.activation = activation_function

    def forward(self, inputs):
        self.inputs = np.array([v for v in np.nditer(np.asarray(inputs))], dtype=float)[:, None]
        self.outputs = np.inner(self.weights, self.inputs.T) + self.biases
        return self.activation(self.outputs)

    def backward(self, da, learning_rate):
        dz = da * self.activation.derivative(self.outputs)
        da_prev = np.linalg.multi_dot([self.weights.T, dz, np.eye(1)])
        self.weights, self.biases = (
            self.weights - learning_rate * np.vstack([d * self.inputs.T for d in dz]),
            self.biases - learning_rate * dz,
        )
        return da_prev


class Perceptron(list):
    def forward(self, inputs):
        for layer in self:
            inputs = layer.forward(inputs)
        return inputs

    def fit(self, training_data, labels, epochs, learning_rate):
        def examples():
            order = list(range(len(labels)))
            random.shuffle(order)
            for i in order:
                yield training_data[i][:, np.newaxis], labels[i][0]

        for epoch in itertools.count(1):
            if epoch > epochs:
                break
            losses = []
            for column, label in examples():
                activations = [column]
                for layer in self:
                    activations.append(layer.forward(activations[-1]))
                p = activations.pop().item()
                losses.append(-np.log(p) * label - np.log(1 - p) * (1 - label))
                da = [-1 / p, 1 / (1 - p)][int(label == 0)]
                for layer in self[::-1]:
                    da = layer.backward(da, learning_rate)
            print("Loss at epoch", f"{epoch}: {round(sum(losses) / len(losses), 3):g}")
        return iter(losses)
