# %% [markdown] tags=["perceptron-kit:introduction"]
# The text of this cell is introduction.md in grader/assignment/templates/.

# %% [markdown] tags=["perceptron-kit:notation"]
# The text of this cell is notation.md in grader/assignment/templates/.

# %% [markdown] tags=["perceptron-kit:derivation"]
# The text of this cell is derivation.md in grader/assignment/templates/.

# %% [markdown] tags=["perceptron-kit:worked-example"]
# The text of this cell is worked-example.md in grader/assignment/templates/.

# %% tags=["perceptron-kit:imports"]
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

# %% tags=["perceptron-kit:plot"]
if __name__ == "__main__":
    plot_data(X_train, y_train)

# %% [markdown] tags=["perceptron-kit:layer-formulas"]
# The text of this cell is layer-formulas.md in grader/assignment/templates/.


# %% tags=["perceptron-kit:layer"]
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
        ### BEGIN SOLUTION
        # The chain rule, from a = f(z) and z = W·a_prev + b.
        dz = da * self.activation.derivative(self.outputs)
        d_weights = dz @ self.inputs.T
        d_biases = dz
        da_prev = self.weights.T @ dz  # before the update: W as it was in the forward pass

        # One step of gradient descent.
        self.weights = self.weights - learning_rate * d_weights
        self.biases = self.biases - learning_rate * d_biases
        return da_prev
        ### END SOLUTION


# %% tags=["active-ipynb", "perceptron-kit:check-backward"]
# from checks import check_backward
#
# check_backward(Layer)

# %% [markdown] tags=["perceptron-kit:gradient-check"]
# The text of this cell is gradient-check.md in grader/assignment/templates/.


# %% tags=["perceptron-kit:plot-gradients"]
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

# %% [markdown] tags=["perceptron-kit:perceptron-formulas"]
# The text of this cell is perceptron-formulas.md in grader/assignment/templates/.


# %% tags=["perceptron-kit:perceptron"]
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
        ### BEGIN SOLUTION
        mean_losses = []
        for epoch in range(1, epochs + 1):
            losses = []
            for x, label in zip(training_data, labels, strict=True):
                y = label.item()
                # ln 0 is minus infinity: ŷ stays a hair's breadth away from 0 and 1.
                y_hat = np.clip(self.forward(x).item(), 1e-7, 1 - 1e-7)
                losses.append(-(y * np.log(y_hat) + (1 - y) * np.log(1 - y_hat)))
                da = np.array([[(y_hat - y) / (y_hat * (1 - y_hat))]])  # dL/dŷ
                for layer in reversed(self.layers):
                    da = layer.backward(da, learning_rate)
            mean_losses.append(float(np.mean(losses)))
            print(f"Loss at epoch {epoch}: {mean_losses[-1]:.3f}")
        return mean_losses
        ### END SOLUTION


# %% tags=["active-ipynb", "perceptron-kit:check-fit"]
# from checks import check_fit
#
# check_fit(Layer, Perceptron)

# %% [markdown] tags=["perceptron-kit:training-instructions"]
# The text of this cell is training-instructions.md in grader/assignment/templates/.

# %% tags=["perceptron-kit:training"]
if __name__ == "__main__":
    perceptron = Perceptron([Layer(2, 6, relu), Layer(6, 6, relu), Layer(6, 1, sigmoid)])
    untrained = copy.deepcopy(perceptron)
    mean_losses = perceptron.fit(X_train, y_train, epochs=100, learning_rate=0.01)
    plot_loss(mean_losses)
    plot_before_and_after(untrained, perceptron, X_train, y_train)
    show_plots()

# %% [markdown] tags=["perceptron-kit:questions"]
# The text of this cell is questions.md in grader/assignment/templates/.

# %% [markdown] tags=["perceptron-kit:check-instructions"]
# The text of this cell is check-instructions.md in grader/assignment/templates/.

# %% [markdown] tags=["perceptron-kit:grading"]
# The text of this cell is grading.md in grader/assignment/templates/.

# %% tags=["active-ipynb", "perceptron-kit:check"]
# from checks import check
#
# check(Layer, Perceptron)
