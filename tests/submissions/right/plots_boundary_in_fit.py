# free: forward passes that no backward follows: the kit's own plot of the decision boundary at the end of fit, guarded to two features
import numpy as np

from utils import X_train, plot_decision_boundary, plot_loss, relu, sigmoid, y_train


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
        history = []
        for epoch in range(1, epochs + 1):
            loss = 0.0
            for x, y in zip(training_data, labels[:, 0]):
                p = self.forward(x).item()
                loss -= y * np.log(p) + (1 - y) * np.log(1 - p)
                da = np.array([[(p - y) / (p * (1 - p))]])
                for layer in reversed(self.layers):
                    da = layer.backward(da, learning_rate)
            history.append(loss / len(training_data))
            print(f"Loss at epoch {epoch}: {history[-1]:.3f}")
        plot_loss(history)
        if training_data.shape[1] == 2:
            plot_decision_boundary(self, training_data, labels)
        return history
