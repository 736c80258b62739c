# free: functools.reduce for both passes, np.einsum, rebinding, keyword calls, history tuple, walrus, lambda helpers
from functools import reduce
from itertools import accumulate, repeat

import numpy as np

from utils import X_train, relu, sigmoid, y_train

compose = lambda *fs: reduce(lambda f, g: lambda x: g(f(x)), fs)  # noqa: E731
as_column = lambda v: np.reshape(v, (-1, 1))  # noqa: E731
bce = lambda y, p: -np.log(np.where(y == 1, p, 1 - p))  # noqa: E731
d_bce = lambda y, p: -y / p + (1 - y) / (1 - p)  # noqa: E731


def pullback(weights, inputs, dz):
    return (
        np.einsum("ij,ik->kj", weights, dz).T,
        np.einsum("ik,jk->ij", dz, inputs),
        dz,
    )


class Layer:
    def __init__(self, n_inputs, n_neurons, activation_function):
        self.weights, self.biases = (np.random.uniform(-1, 1, (n_neurons, n)) for n in (n_inputs, 1))
        self.activation = activation_function

    def forward(self, inputs):
        self.inputs = as_column(inputs)
        return self.activation(z := self._remember(self.weights @ self.inputs + self.biases))

    def _remember(self, z):
        self.outputs = z
        return z

    def backward(self, da, learning_rate):
        dz = da * self.activation.derivative(self.outputs)
        da_prev, *gradients = pullback(self.weights, self.inputs, dz)
        self.weights, self.biases = map(
            lambda parameter, gradient: parameter - learning_rate * gradient,
            (self.weights, self.biases),
            gradients,
        )
        return da_prev


class Perceptron:
    def __init__(self, layers):
        self.layers = tuple(layers)

    def forward(self, inputs):
        return reduce(lambda a, layer: layer.forward(inputs=a), self.layers, inputs)

    def _step(self, x, y, learning_rate):
        p = self.forward(x).item()
        reduce(
            lambda da, layer: layer.backward(da=da, learning_rate=learning_rate),
            self.layers[::-1],
            np.full((1, 1), d_bce(y, p)),
        )
        return float(bce(y, p))

    def _epoch(self, data, labels, learning_rate):
        return sum(map(self._step, data, labels.flat, repeat(learning_rate))) / len(data)

    def fit(self, training_data, labels, epochs, learning_rate):
        means = tuple(self._epoch(training_data, labels, learning_rate) for _ in range(epochs))
        # all lines at the end
        print(*(f"Loss at epoch {i}: {m:.3f}" for i, m in enumerate(means, 1)), sep="\n")
        return means
