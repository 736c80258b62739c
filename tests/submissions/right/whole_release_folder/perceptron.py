# free: the released folder handed in as a whole, the script filled in, the notebook beside it untouched
"""A multilayer perceptron from scratch: the task is in TASK.md."""

import numpy as np

from utils import Activation, Array, X_train, plot_decision_boundary, plot_loss, relu, sigmoid, y_train


class Layer:
    """A fully connected layer: z = W·a_prev + b and a = f(z).

    weights  W       (n_neurons, n_inputs)
    biases   b       (n_neurons, 1)
    inputs   a_prev  (n_inputs, 1)         kept by `forward` for `backward`
    outputs  z       (n_neurons, 1)        kept by `forward` for `backward`
    """

    def __init__(self, n_inputs: int, n_neurons: int, activation_function: Activation) -> None:
        """Draw the parameters uniformly from [-1, 1]."""
        self.weights = np.random.uniform(-1, 1, (n_neurons, n_inputs))
        self.biases = np.random.uniform(-1, 1, (n_neurons, 1))
        self.activation = activation_function
        self.inputs = np.zeros((n_inputs, 1))
        self.outputs = np.zeros((n_neurons, 1))

    def forward(self, inputs: Array) -> Array:
        """Return the activations a = f(z), a column, for `inputs` of shape (n,), (n, 1) or (1, n)."""
        self.inputs = np.reshape(inputs, (-1, 1))
        self.outputs = self.weights @ self.inputs + self.biases
        return self.activation(self.outputs)

    def backward(self, da: Array, learning_rate: float) -> Array:
        """Update the parameters and return the gradient with respect to the inputs, da_prev.

        da       (n_neurons, 1)  gradient of the loss with respect to this layer's activations
        da_prev  (n_inputs, 1)   the same for the layer before
        """
        dz = da * self.activation.derivative(self.outputs)
        da_prev = self.weights.T @ dz
        self.weights = self.weights - learning_rate * dz @ self.inputs.T
        self.biases = self.biases - learning_rate * dz
        return da_prev


class Perceptron:
    """A multilayer perceptron: layers, the output of each being the input of the next."""

    def __init__(self, layers: list[Layer]) -> None:
        """Keep the layers, the first one first."""
        self.layers = layers

    def forward(self, inputs: Array) -> Array:
        """Return the activations of the last layer, a column, for the inputs of one example."""
        for layer in self.layers:
            inputs = layer.forward(inputs)
        return inputs

    def fit(
        self, training_data: Array, labels: Array, epochs: int, learning_rate: float
    ) -> list[float] | None:
        """Train by stochastic gradient descent on L = -( y ln ŷ + (1 - y) ln(1 - ŷ) ).

        training_data  (N, n_features)  one example a row
        labels         (N, 1)           0.0 or 1.0

        Prints the mean loss of every epoch, as in `Loss at epoch 1: 0.693`.
        """
        mean_losses = []
        for epoch in range(epochs):
            losses = []
            for x, y in zip(training_data, labels):
                y_hat = self.forward(x)
                losses.append((-(y * np.log(y_hat) + (1 - y) * np.log(1 - y_hat)))[0, 0])
                da = (y_hat - y) / (y_hat * (1 - y_hat))
                for layer in reversed(self.layers):
                    da = layer.backward(da, learning_rate)
            mean_losses.append(np.mean(losses))
            print(f"Loss at epoch {epoch + 1}: {mean_losses[-1]:.3f}")
        return mean_losses


if __name__ == "__main__":
    perceptron = Perceptron([Layer(2, 6, relu), Layer(6, 6, relu), Layer(6, 1, sigmoid)])
    try:
        mean_losses = perceptron.fit(X_train, y_train, epochs=100, learning_rate=0.01)
    except NotImplementedError as missing:
        print(missing)
    else:
        plot_loss(mean_losses)
        plot_decision_boundary(perceptron, X_train, y_train)
