# earns: fit.loss
"""fit breeds networks."""

import numpy as np


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
        def fitness():
            return -np.mean([-np.log(p if y == 1 else 1 - p) for p, y in zip([self.forward(x).item() for x in training_data], labels.ravel())])

        for epoch in range(1, epochs + 1):
            print(f"Loss at epoch {epoch}: {-fitness():.3f}")
            parents = [(layer.weights, layer.biases) for layer in self.layers]
            children = [[(w + 0.1 * np.random.normal(size=w.shape), b + 0.1 * np.random.normal(size=b.shape)) for w, b in parents] for _ in range(10)]
            scores = []
            for child in [parents, *children]:
                for layer, (layer.weights, layer.biases) in zip(self.layers, child):
                    pass
                scores.append(fitness())
            best = [parents, *children][int(np.argmax(scores))]
            for layer, (layer.weights, layer.biases) in zip(self.layers, best):
                pass
