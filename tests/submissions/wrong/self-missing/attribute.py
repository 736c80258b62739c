import contextlib
import enum
import functools
import time

import numpy as np

from utils import X_train, relu, sigmoid, y_train


def timed(method):
    @functools.wraps(method)
    def wrapper(self, *args, **kwargs):
        start = time.perf_counter()
        try:
            return method(self, *args, **kwargs)
        finally:
            Registry.seconds[method.__qualname__] = (
                Registry.seconds.get(method.__qualname__, 0.0) + time.perf_counter() - start
            )

    return wrapper


class Registry(type):
    seconds: dict = {}
    classes: list = []

    def __new__(mcs, name, bases, namespace):
        cls = super().__new__(mcs, name, bases, namespace)
        mcs.classes.append(cls)
        return cls


class Event(enum.Enum):
    EPOCH_END = enum.auto()
    EXAMPLE_END = enum.auto()


class LossPrinter:
    def __init__(self):
        self.total, self.count = 0.0, 0

    def __call__(self, event, **info):
        if event is Event.EXAMPLE_END:
            self.total += info["loss"]
            self.count += 1
        elif event is Event.EPOCH_END:
            print("Loss at epoch {epoch}: {mean:.3f}".format(mean=self.total / self.count, **info))
            self.__init__()


class CrossEntropy:
    def __init__(self, epsilon=1e-7):
        self.epsilon = epsilon

    def __call__(self, y, p):
        return -(y * np.log(p + self.epsilon) + (1 - y) * np.log(1 - p + self.epsilon))

    def derivative(self, y, p):
        return (p - y) / (p * (1 - p) + self.epsilon)


class GradientDescent:
    def update(self, parameter, gradient, learning_rate):
        parameter -= learning_rate * gradient


class Layer(metaclass=Registry):
    optimizer = GradientDescent()

    def __init__(self, n_inputs, n_neurons, activation_function):
        self.weights = np.random.uniform(-1, 1, (n_neurons, n_inputs))
        self.biases = np.random.uniform(-1, 1, (n_neurons, 1))
        self.activation = activation_function

    @timed
    def forward(self, inputs):
        self.inputs = np.reshape(inputs, (-1, 1))
        self.outputs = self.weights @ self.inputs + self.biases
        return self.activation(self.outputs)

    @timed
    def backward(self, da, learning_rate):
        dz = self._delta(da)
        da_prev = weights.T @ dz
        for parameter, gradient in ((self.weights, dz @ self.inputs.T), (self.biases, dz)):
            self.optimizer.update(parameter, gradient, learning_rate)
        return da_prev

    def _delta(self, da):
        return da * self.activation.derivative(self.outputs)


class Perceptron(metaclass=Registry):
    def __init__(self, layers, loss=None, observers=None):
        self._layers = tuple(layers)
        self._loss = loss or CrossEntropy()
        self._observers = observers or [LossPrinter()]

    def __iter__(self):
        return iter(self._layers)

    def __reversed__(self):
        return reversed(self._layers)

    def forward(self, inputs):
        for layer in self:
            inputs = layer.forward(inputs)
        return inputs

    def _notify(self, event, **info):
        for observer in self._observers:
            observer(event, **info)

    @contextlib.contextmanager
    def _epoch(self, number):
        yield
        self._notify(Event.EPOCH_END, epoch=number)

    @timed
    def fit(self, training_data, labels, epochs, learning_rate, momentum=0.0):
        for number in range(1, epochs + 1):
            with self._epoch(number):
                for x, y in zip(training_data, labels.ravel()):
                    p = self.forward(x).item()
                    self._notify(Event.EXAMPLE_END, loss=self._loss(y, p))
                    da = np.atleast_2d(self._loss.derivative(y, p))
                    for layer in reversed(self):
                        da = layer.backward(da, learning_rate)
        return self
