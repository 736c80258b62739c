# free: matplotlib's object interface inside fit: figure.subplots, axes arrays, squeeze=False, plots after every epoch
import matplotlib.pyplot as plt
import numpy as np

from utils import X_train, relu, sigmoid, y_train


class Layer:
    def __init__(self, n_inputs, n_neurons, activation_function):
        self.weights = np.random.uniform(-1, 1, (n_neurons, n_inputs))
        self.biases = np.random.uniform(-1, 1, (n_neurons, 1))
        self.activation = activation_function

    def forward(self, inputs):
        self.inputs = np.reshape(inputs, (-1, 1))
        self.outputs = self.weights @ self.inputs + self.biases
        return self.activation(self.outputs)

    def backward(self, da, learning_rate):
        dz = da * self.activation.derivative(self.outputs)
        da_prev = self.weights.T @ dz
        self.weights -= learning_rate * dz @ self.inputs.T
        self.biases -= learning_rate * dz
        return da_prev


class Perceptron:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, inputs):
        for layer in self.layers:
            inputs = layer.forward(inputs)
        return inputs

    def fit(self, training_data, labels, epochs, learning_rate):
        figure = plt.figure(figsize=(9, 3), layout="constrained")
        curve, slope, histogram = figure.subplots(1, 3)
        means = []
        for epoch in range(1, epochs + 1):
            losses = []
            for x, y in zip(training_data, labels[:, 0]):
                p = self.forward(x).item()
                losses.append(-(y * np.log(p) + (1 - y) * np.log(1 - p)))
                da = np.array([[(p - y) / (p * (1 - p))]])
                for layer in reversed(self.layers):
                    da = layer.backward(da, learning_rate)
            means.append(sum(losses) / len(losses))
            print(f"Loss at epoch {epoch}: {means[-1]:.3f}")
            histogram.clear()
            counts, edges, bars = histogram.hist(losses, bins=5)
            histogram.set_title(f"most: {counts.max():.0f} at {edges[counts.argmax()]:.2f}")
        curve.plot(means)
        slope.plot(np.diff(means))
        plt.show()
        return means
