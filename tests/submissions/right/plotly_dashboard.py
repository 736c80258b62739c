# free: plotly inside fit: make_subplots of the module plotly.subplots, imported from the package; (n, 1) inputs, y in the exponent
import numpy as np
from plotly import graph_objects as go
from plotly import subplots

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
        da_prev = np.squeeze(self.weights.T @ dz, axis=1)[:, None]
        self.weights -= learning_rate * np.tensordot(dz, self.inputs, axes=([1], [1]))
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
        dashboard = subplots.make_subplots(rows=1, cols=2, subplot_titles=("loss", "accuracy"))
        losses, accuracies = [], []
        for epoch in range(1, epochs + 1):
            loss, right = 0.0, 0
            for x, y in zip(training_data[..., None], labels[:, 0]):
                p = self.forward(x)[0, 0]
                right += (p >= 0.5) == y
                loss -= np.log(p**y * (1 - p) ** (1 - y))
                da = np.array([[-((-1) ** (1 - y)) / (p**y * (1 - p) ** (1 - y))]])
                for layer in reversed(self.layers):
                    da = layer.backward(da, learning_rate)
            losses.append(loss / len(labels))
            accuracies.append(right / len(labels))
            print(f"Loss at epoch {epoch}: {losses[-1]:.3f}")
        for column, values in enumerate((losses, accuracies), 1):
            dashboard.add_trace(go.Scatter(y=values), row=1, col=column)
        dashboard.update_layout(height=300)
        dashboard.show()
        return losses
