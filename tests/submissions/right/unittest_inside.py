# free: unittest class in the module, run unguarded with exit=False, dict of parameters behind __getattr__/__setattr__, zip(reversed(...))
import unittest

import numpy as np
from utils import X_train, relu, sigmoid, y_train


class Layer:
    def __init__(self, n_inputs, n_neurons, activation_function):
        super().__setattr__("params", {})
        self.weights = np.random.uniform(-1, 1, (n_neurons, n_inputs))
        self.biases = np.random.uniform(-1, 1, (n_neurons, 1))
        self.cache = {}
        self.act = activation_function

    def __getattr__(self, name):
        try:
            return self.__dict__["params"][name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name, value):
        if name in ("weights", "biases"):
            self.params[name] = np.array(value, dtype=float)
        else:
            super().__setattr__(name, value)

    def forward(self, inputs):
        a_prev = np.reshape(inputs, (-1, 1))
        z = self.weights @ a_prev + self.biases
        self.cache = {"a_prev": a_prev, "z": z}
        return self.act(z)

    def backward(self, da, learning_rate):
        z, a_prev = self.cache["z"], self.cache["a_prev"]
        dz = da * self.act.derivative(z)
        grads = {"weights": dz @ a_prev.T, "biases": dz}
        da_prev = self.weights.T @ dz
        for name, grad in grads.items():
            setattr(self, name, self.params[name] - learning_rate * grad)
        return da_prev


class Perceptron:
    def __init__(self, layers):
        self.layers = {f"layer{i}": layer for i, layer in enumerate(layers)}

    def forward(self, inputs):
        for _, layer in self.layers.items():
            inputs = layer.forward(inputs)
        return inputs

    def fit(self, training_data, labels, epochs, learning_rate):
        names = list(self.layers)
        for epoch, total in enumerate([0.0] * epochs, start=1):
            for x, y in zip(reversed(training_data), reversed(labels[:, 0])):
                p = self.forward(x)
                total += float(np.squeeze(-(y * np.log(p) + (1 - y) * np.log(1 - p))))
                da = (p - y) / (p * (1 - p))
                for name, number in zip(reversed(names), range(len(names), 0, -1)):
                    da = self.layers[name].backward(da, learning_rate)
            print(f"Loss at epoch {epoch}: {total / len(labels):.3f}")


class TestLayer(unittest.TestCase):
    def test_shape(self):
        layer = Layer(3, 4, relu)
        layer.forward(np.ones(3))
        self.assertEqual(layer.backward(np.ones((4, 1)), 0.1).shape, (3, 1))


unittest.TextTestRunner(verbosity=0).run(unittest.defaultTestLoader.loadTestsFromTestCase(TestLayer))
unittest.main(argv=["ignored"], exit=False)
