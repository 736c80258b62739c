"""Vectorised: the whole training set goes through the network as one matrix, an example a column."""
import numpy as np

from utils import X_train, relu, sigmoid, y_train


class Layer:
    def __init__(self, n_inputs, n_neurons, activation_function):
        self.weights = np.random.uniform(-1, 1, (n_neurons, n_inputs))
        self.biases = np.random.uniform(-1, 1, (n_neurons, 1))
        self.activation = activation_function

    def forward(self, inputs):
        inputs = np.asarray(inputs, dtype=float)
        self.inputs = inputs if inputs.shape[0] == self.weights.shape[1] and inputs.ndim == 2 else inputs.reshape(-1, 1)
        self.outputs = self.weights @ self.inputs + self.biases
        return self.activation(self.outputs)

    def backward(self, da, learning_rate):
        m = self.inputs.shape[1]
        dz = da * self.activation.derivative(self.outputs)
        d_weights = dz @ self.inputs.T / m
        d_biases = np.sum(dz, axis=1, keepdims=True) / m
        da_prev = self.weights.T @ dz
        self.weights = self.weights - learning_rate * d_weights
        self.biases = self.biases - learning_rate * d_biases
        return da_prev


class Perceptron:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, inputs):
        for layer in self.layers:
            inputs = layer.forward(inputs)
        return inputs

    def fit(self, training_data, labels, epochs, learning_rate):
        X, Y = training_data.T, labels.T
        for epoch in range(1, epochs + 1):
            A = self.forward(X)
            loss = -np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A))
            dA = (A - Y) / (A * (1 - A))
            for layer in reversed(self.layers):
                dA = layer.backward(dA, learning_rate)
            print(f"Loss at epoch {epoch}: {loss:.3f}")


if __name__ == "__main__":
    net = Perceptron([Layer(2, 6, relu), Layer(6, 6, relu), Layer(6, 1, sigmoid)])
    net.fit(X_train, y_train, 100, 0.01)
