# free: Layer made by a factory with type(), alias Perceptron = Network, lambda attributes, reversed order of the examples, vjp closures
import numpy as np

import utils as u


def make_layer_class(name, initialise, **extra):
    def __init__(self, n_inputs, n_neurons, activation_function):
        self.weights, self.biases = initialise(n_neurons, n_inputs), initialise(n_neurons, 1)
        self.activation = activation_function
        self.pullback = None

    def forward(self, inputs):
        x = self.inputs = np.reshape(inputs, (-1, 1))
        W = self.weights
        z = self.outputs = W @ x + self.biases

        def pullback(da):
            dz = da * self.activation.derivative(z)
            return W.T @ dz, dz @ x.T, dz

        self.pullback = pullback
        return self.activation(z)

    def backward(self, da, learning_rate):
        da_prev, dW, db = self.pullback(da)
        self.weights, self.biases = self.weights - learning_rate * dW, self.biases - learning_rate * db
        return da_prev

    return type(name, (object,), dict(__init__=__init__, forward=forward, backward=backward, **extra))


Layer = make_layer_class("Layer", lambda *shape: np.random.uniform(-1, 1, shape), info=lambda self: "dense")


class Network:
    loss = staticmethod(lambda y, p: -np.log(abs(1 - y - p)))
    gradient = staticmethod(lambda y, p: 1 / (1 - y - p))

    def __init__(self, layers):
        self.blocks = layers

    def forward(self, inputs):
        for block in self.blocks:
            inputs = block.forward(inputs)
        return inputs

    def fit(self, training_data, labels, epochs, learning_rate):
        count = 0
        while (count := count + 1) <= epochs:
            losses = []
            for x, y in zip(training_data[::-1], labels[::-1, 0]):
                p = self.forward(x)
                losses.append(self.loss(y, p).item())
                da = self.gradient(y, p)
                for block in self.blocks[::-1]:
                    da = block.backward(da, learning_rate)
            print(f"Loss at epoch {count}: {np.mean(losses):.3f}")


Perceptron = Network
Network.__call__ = lambda self, x: self.forward(x)
