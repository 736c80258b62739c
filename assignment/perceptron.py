"""A multilayer perceptron from scratch: the task is in TASK.md."""

import copy

import numpy as np

from utils import (
    Activation,
    Array,
    X_train,
    compare_gradients,
    finite_differences,
    plot_before_and_after,
    plot_data,
    plot_gradients,
    plot_loss,
    relu,
    show_plots,
    sigmoid,
    y_train,
)

if __name__ == "__main__":
    plot_data(X_train, y_train)


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
        # Your lines go here, in place of the next one.
        raise NotImplementedError("Layer.backward is not written yet.")


def check_gradient(layer: Layer, a_prev: Array, da: Array) -> None:
    """Compare the gradient of the weights by `backward` with the one by finite differences."""
    weights, biases = layer.weights.copy(), layer.biases.copy()

    def loss(changed: Array) -> float:
        # With this loss, the gradient with respect to the activations is `da`.
        return float(np.sum(da * layer.activation(changed @ a_prev + biases)))

    layer.forward(a_prev)
    layer.backward(da, learning_rate=1.0)
    # With the rate 1, the weights move by minus their gradient.
    by_formula = weights - layer.weights
    by_differences = finite_differences(loss, weights)
    compare_gradients(by_formula, by_differences)
    plot_gradients(by_formula, by_differences)


if __name__ == "__main__":
    check_gradient(Layer(3, 2, sigmoid), np.array([[0.5], [-1.0], [2.0]]), np.array([[1.0], [-2.0]]))


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
        # Your lines go here, in place of the next one.
        raise NotImplementedError("Perceptron.fit is not written yet.")


if __name__ == "__main__":
    perceptron = Perceptron([Layer(2, 6, relu), Layer(6, 6, relu), Layer(6, 1, sigmoid)])
    untrained = copy.deepcopy(perceptron)
    mean_losses = perceptron.fit(X_train, y_train, epochs=100, learning_rate=0.01)
    plot_loss(mean_losses)
    plot_before_and_after(untrained, perceptron, X_train, y_train)
    show_plots()
