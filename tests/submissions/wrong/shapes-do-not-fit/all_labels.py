"""Notes of a careful person.

>>> bool(np.isclose(bce(1.0, 0.5), np.log(2)))
True
"""
import doctest
import warnings

import numpy as np

from utils import X_train, relu, sigmoid, y_train

np.seterr(all="raise")
np.set_printoptions(precision=4, suppress=True)
warnings.simplefilter("error")

EPS = 1e-7


def bce(y, p):
    return -(y * np.log(p) + (1.0 - y) * np.log(1.0 - p))


class Layer:
    def __init__(self, n_inputs, n_neurons, activation_function):
        assert n_inputs >= 1 and n_neurons >= 1
        self.weights = np.random.uniform(-1, 1, (n_neurons, n_inputs))
        self.biases = np.random.uniform(-1, 1, (n_neurons, 1))
        self.activation = activation_function

    def forward(self, inputs):
        self.inputs = np.reshape(inputs, (-1, 1))
        self.outputs = np.einsum("oi,ib->ob", self.weights, self.inputs) + self.biases
        return self.activation(self.outputs)

    def backward(self, da, learning_rate):
        da = np.asarray(da)
        assert da.shape == self.outputs.shape == (self.weights.shape[0], 1)
        assert self.inputs.shape == (self.weights.shape[1], 1)
        dz = da * self.activation.derivative(self.outputs)
        d_weights = np.einsum("ob,ib->oi", dz, self.inputs)
        da_prev = np.einsum("oi,ob->ib", self.weights, dz)
        assert d_weights.shape == self.weights.shape and dz.shape == self.biases.shape
        self.weights = self.weights - learning_rate * d_weights
        self.biases = self.biases - learning_rate * dz
        assert da_prev.shape == self.inputs.shape and np.isfinite(da_prev).all()
        return da_prev


class Perceptron:
    def __init__(self, layers):
        assert len(layers) > 0
        self.layers = layers

    def forward(self, inputs):
        for layer in self.layers:
            inputs = layer.forward(inputs)
        return inputs

    def fit(self, training_data, labels, epochs, learning_rate):
        n = len(training_data)
        assert training_data.ndim == 2 and labels.shape == (n, 1) and epochs >= 1
        assert set(labels.ravel().tolist()) <= {0.0, 1.0}
        for epoch in range(1, epochs + 1):
            losses = np.full(n, np.nan)
            for i in range(n):
                y_hat = self.forward(training_data[i])
                assert y_hat.shape == (1, 1) and 0 < y_hat.item() < 1
                y_hat = np.clip(y_hat, EPS, 1 - EPS)
                y = labels[i].reshape(1, 1)
                losses[i] = bce(y, y_hat).item()
                da = (y_hat - y) / np.dot(y_hat, 1 - labels)
                for layer in self.layers[::-1]:
                    da = layer.backward(da, learning_rate)
            assert not np.isnan(losses).any()
            print(f"Loss at epoch {epoch}: {losses.mean():.3f}")
        return np.array(losses)


# Does the gradient agree with finite differences?
layer, x, h = Layer(3, 1, sigmoid), np.array([0.3, -0.2, 0.9]), 1e-6
old = layer.weights.copy()
numeric = np.zeros_like(old)
for k in range(3):
    ends = []
    for sign in (1, -1):
        layer.weights = old.copy()
        layer.weights[0, k] += sign * h
        ends.append(bce(1.0, layer.forward(x).item()))
    numeric[0, k] = (ends[0] - ends[1]) / (2 * h)
layer.weights = old.copy()
p = layer.forward(x)
layer.backward((p - 1.0) / (p * (1 - p)), 1.0)
assert np.allclose(old - layer.weights, numeric, atol=1e-6)
print("gradient check passed,", doctest.testmod())
