import numpy as np

from utils import X_train, relu, sigmoid, y_train


class Layer:
    def __init__(self, n_inputs, n_neurons, activation_function):
        self.weights = np.random.uniform(-1, 1, (n_neurons, n_inputs))
        self.biases = np.random.uniform(-1, 1, (n_neurons, 1))
        self.activation = activation_function
        self.inputs = np.zeros((n_inputs, 1))
        self.outputs = np.zeros((n_neurons, 1))
        self.s_w = np.zeros_like(self.weights)
        self.s_b = np.zeros_like(self.biases)

    def forward(self, inputs):
        self.inputs = np.reshape(inputs, (-1, 1))
        self.outputs = self.weights @ self.inputs + self.biases
        return self.activation(self.outputs)

    def backward(self, da, learning_rate):
        # the six lines of the sheet
        dz = da * self.activation.derivative(self.outputs)
        d_weights = dz @ self.inputs.T
        d_biases = dz
        da_prev = self.weights.T @ dz
        self.s_w = 0.9 * self.s_w + 0.1 * d_weights**2
        self.s_b = 0.9 * self.s_b + 0.1 * d_biases**2
        self.weights = self.weights - learning_rate * d_weights / (np.sqrt(self.s_w) + 1e-8)
        self.biases = self.biases - learning_rate * d_biases / (np.sqrt(self.s_b) + 1e-8)
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
            losses = []
            for x, label in zip(training_data, labels):
                y = label[0]
                y_hat = self.forward(x)[0, 0]
                losses.append(-(y * np.log(y_hat) + (1 - y) * np.log(1 - y_hat)))
                da = np.array([[(y_hat - y) / (y_hat * (1 - y_hat))]])
                for layer in reversed(self.layers):
                    da = layer.backward(da, learning_rate)
            print(f"Loss at epoch {epoch}: {np.mean(losses):.3f}")


if __name__ == "__main__":
    net = Perceptron([Layer(2, 6, relu), Layer(6, 6, relu), Layer(6, 1, sigmoid)])
    net.fit(X_train, y_train, 100, 0.01)
