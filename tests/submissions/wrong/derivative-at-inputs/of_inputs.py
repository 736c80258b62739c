import numpy as np

from utils import X_train, relu, sigmoid, y_train


class Layer:
    def __init__(self, n_inputs, n_neurons, activation_function):
        self.inputs = None
        self.outputs = None
        self.weights = np.random.uniform(-1, 1, (n_neurons, n_inputs))
        self.biases = np.random.uniform(-1, 1, (n_neurons, 1))
        self.activation = activation_function

    def forward(self, inputs):
        self.inputs = np.array(inputs, dtype=float).reshape(-1, 1)
        self.outputs = self.weights @ self.inputs + self.biases
        return self.activation(self.outputs)

    def backward(self, da, learning_rate):
        dz = da * self.activation.derivative(self.inputs)
        d_weights = dz @ self.inputs.T
        d_biases = dz
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
        for epoch in range(1, epochs + 1):
            total = 0.0
            for x, y in zip(training_data, labels):
                y = y.item()
                y_hat = self.forward(x).item()
                total += -(y * np.log(y_hat) + (1 - y) * np.log(1 - y_hat))
                da = np.array([[(y_hat - y) / (y_hat * (1 - y_hat))]])
                for layer in reversed(self.layers):
                    da = layer.backward(da, learning_rate)
            print(f"Loss at epoch {epoch}: {total / len(training_data):.3f}")


if __name__ == "__main__":
    net = Perceptron([Layer(2, 6, relu), Layer(6, 6, relu), Layer(6, 1, sigmoid)])
    net.fit(X_train, y_train, 100, 0.01)
