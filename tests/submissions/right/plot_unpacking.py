# free: several lines from one plot call inside fit, unpacked as matplotlib returns them (y, format, y, format; a matrix of two columns)
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
        self.weights = self.weights - learning_rate * np.einsum("ik,jk->ij", dz, self.inputs)
        self.biases = self.biases - learning_rate * dz
        return da_prev


class Perceptron:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, inputs):
        for layer in self.layers:
            inputs = layer.forward(inputs)
        return inputs

    def fit(self, training_data, labels, epochs, learning_rate):
        means, rights = [], []
        for epoch in range(1, epochs + 1):
            loss = right = 0
            for x, (y,) in zip(training_data, labels):
                p = self.forward(x).item()
                right += round(p) == y
                loss -= np.log(p) if y else np.log(1 - p)
                da = np.array([[-1 / p if y else 1 / (1 - p)]])
                for layer in reversed(self.layers):
                    da = layer.backward(da, learning_rate)
            means.append(loss / len(labels))
            rights.append(right / len(labels))
            print(f"Loss at epoch {epoch}: {means[-1]:.3f}")
        loss_line, right_line = plt.plot(means, "r-", rights, "b--")
        plt.legend([loss_line, right_line], ["loss", "accuracy"])
        plt.figure()
        first, second = plt.plot(range(1, epochs + 1), np.column_stack([means, rights]))
        second.set_linestyle(":")
        plt.show()
