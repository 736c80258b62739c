# free: weights and biases as properties with setters, stored transposed and flat, __slots__, in-place, da of shape (1,)
import numpy as np

from utils import X_train, relu, sigmoid, y_train


class Layer:
    __slots__ = ("_theta", "_n_in", "_n_out", "activation", "inputs", "outputs")

    def __init__(self, n_inputs, n_neurons, activation_function):
        self._n_in, self._n_out = n_inputs, n_neurons
        # one matrix for everything: a row per input, the last row is the bias
        self._theta = np.random.uniform(-1, 1, (n_inputs + 1, n_neurons))
        self.activation = activation_function

    @property
    def weights(self):
        return self._theta[:-1].T

    @weights.setter
    def weights(self, value):
        self._theta[:-1] = np.transpose(value)

    @property
    def biases(self):
        return self._theta[-1][:, None]

    @biases.setter
    def biases(self, value):
        self._theta[-1] = np.ravel(value)

    def forward(self, inputs):
        self.inputs = np.append(np.ravel(inputs), 1.0)
        self.outputs = (self.inputs @ self._theta)[:, None]
        return self.activation(self.outputs)

    def backward(self, da, learning_rate):
        dz = (np.reshape(da, (-1, 1)) * self.activation.derivative(self.outputs)).ravel()
        da_prev = self._theta[:-1] @ dz
        self._theta -= learning_rate * np.multiply.outer(self.inputs, dz)
        return da_prev.reshape(-1, 1)


class Perceptron:
    __slots__ = ("_stack",)

    def __init__(self, layers):
        self._stack = layers[::-1]  # the last layer first

    def forward(self, inputs):
        for layer in reversed(self._stack):
            inputs = layer.forward(inputs)
        return inputs

    def fit(self, training_data, labels, epochs, learning_rate):
        for epoch in range(1, 1 + epochs):
            losses = np.empty(len(training_data))
            for n, (x, (y,)) in enumerate(zip(training_data, labels)):
                (p,) = self.forward(x).ravel()
                losses[n] = -np.log(p) if y else -np.log1p(-p)
                da = np.array([(p - y) / (p - p * p)])
                for layer in self._stack:
                    da = layer.backward(da, learning_rate)
            print(f"  Loss at epoch {epoch}: {losses.mean():.3f}  ")
