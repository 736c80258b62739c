"""Writes submissions whose ``backward`` has known mistakes, in several styles.

A style is a right ``backward`` cut into slots; a mistake replaces the text of one or more slots. Nothing here knows how
the grader finds a mistake.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import indent

__all__ = ["ALONE", "EINSUM", "IN_PLACE", "LOOPS", "SHEET", "STYLES", "Mistake", "body", "source", "written"]

Slots = Mapping[str, str]

_BEFORE = '''\
"""Exercise 3."""
import math
import numpy as np
from utils import X_train, relu, sigmoid, y_train


def sigma(x):
    return 1.0 / (1.0 + np.exp(-x))


class Layer:
    def __init__(self, n_inputs, n_neurons, activation_function):
        self.weights = np.random.uniform(-1, 1, (n_neurons, n_inputs))
        self.biases = np.random.uniform(-1, 1, (n_neurons, 1))
        self.activation = activation_function
        self.inputs = self.outputs = None
        self.history = {}

    def forward(self, inputs):
        self.inputs = np.asarray(inputs).reshape(-1, 1)
        self.outputs = self.weights @ self.inputs + self.biases
        return self.activation(self.outputs)

    def backward(self, da, learning_rate):
'''
_AFTER = """

class Perceptron:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, inputs):
        for layer in self.layers:
            inputs = layer.forward(inputs)
        return inputs

    def fit(self, training_data, labels, epochs, learning_rate):
        for epoch in range(epochs):
            loss = 0.0
            for x, y in zip(training_data, labels):
                p = float(self.forward(x).item())
                t = float(y[0])
                loss -= t * math.log(p) + (1 - t) * math.log(1 - p)
                grad = np.array([[(p - t) / (p * (1 - p))]])
                for layer in reversed(self.layers):
                    grad = layer.backward(grad, learning_rate)
            print(f"Loss at epoch {epoch + 1}: {loss / len(training_data):.3f}")
"""

SHEET = {
    "dz": "dz = da * self.activation.derivative(self.outputs)",
    "dw": "dW = dz @ self.inputs.T",
    "db": "db = dz",
    "back": "da_prev = self.weights.T @ dz",
    "w": "self.weights = self.weights - learning_rate * dW",
    "b": "self.biases = self.biases - learning_rate * db",
    "late": "",
    "return": "return da_prev",
}
"""The task sheet, line by line."""
IN_PLACE = {
    "dz": "dz = np.multiply(da, self.activation.derivative(self.outputs))",
    "dw": "dW = np.outer(dz, self.inputs)",
    "db": "db = dz.copy()",
    "back": "da_prev = np.dot(self.weights.T, dz)",
    "w": "self.weights -= learning_rate * dW",
    "b": "self.biases -= learning_rate * db",
    "late": "",
    "return": "return da_prev",
}
"""NumPy's functions, and parameters that are changed in place."""
LOOPS = {
    "dz": """\
slope = self.activation.derivative(self.outputs)
dz = np.zeros_like(self.outputs)
for i in range(len(dz)):
    dz[i, 0] = da[i, 0] * slope[i, 0]""",
    "dw": """\
dW = np.zeros(self.weights.shape)
for i in range(dW.shape[0]):
    for j in range(dW.shape[1]):
        dW[i, j] = dz[i, 0] * self.inputs[j, 0]""",
    "db": "db = np.array([[v] for v in dz[:, 0]])",
    "back": """\
da_prev = np.zeros_like(self.inputs, dtype=float)
for j in range(da_prev.size):
    for i in range(dz.size):
        da_prev[j, 0] += self.weights[i, j] * dz[i, 0]""",
    "w": """\
for i in range(self.weights.shape[0]):
    self.weights[i] = self.weights[i] - learning_rate * dW[i]""",
    "b": "self.biases[:] = self.biases - learning_rate * db",
    "late": "",
    "return": "return da_prev",
}
"""Loops over the numbers."""
EINSUM = {
    "dz": "dz = np.einsum('ik,ik->ik', da, self.activation.derivative(self.outputs))",
    "dw": "dW = np.einsum('ik,jk->ij', dz, self.inputs)",
    "db": "db = dz.sum(axis=1, keepdims=True)",
    "back": "da_prev = np.einsum('ij,ik->jk', self.weights, dz)",
    "w": "self.weights = np.subtract(self.weights, np.multiply(learning_rate, dW))",
    "b": "self.biases += -learning_rate * db",
    "late": "",
    "return": "return da_prev.reshape(-1, 1)",
}
"""Sums over indices."""
STYLES: dict[str, Slots] = {"sheet": SHEET, "in place": IN_PLACE, "loops": LOOPS, "einsum": EINSUM}

Mistake = tuple[str, Slots]
"""The mistake's name, and what it puts into the slots."""


def written(style: Slots, *changes: Slots) -> str:
    """Return a submission in ``style`` with ``changes`` to its slots."""
    return source(body(style, *changes))


def body(style: Slots, *changes: Slots) -> str:
    """Return the body of ``backward`` in ``style`` with ``changes`` to its slots."""
    slots = dict(style)
    for change in changes:
        slots |= change
    if slots["late"]:
        slots["back"] = ""
    return "\n".join(text for text in slots.values() if text)


def source(body: str) -> str:
    """Return a submission with this ``body`` of ``backward``."""
    return _BEFORE + indent(body, " " * 8) + "\n" + _AFTER


ALONE: Sequence[Mistake] = (
    ("derivative-missing", {"dz": "dz = da"}),
    ("derivative-missing", {"dz": "dz = np.array(da, copy=True)"}),
    ("activation-instead-of-derivative", {"dz": "dz = self.activation(self.outputs) * da"}),
    (
        "derivative-at-activation",
        {
            "dz": """\
out = self.activation(self.outputs)
dz = self.activation.derivative(out) * da"""
        },
    ),
    ("derivative-at-inputs", {"dz": "dz = da * self.activation.derivative(self.inputs)"}),
    (
        "activation-hard-coded",
        {
            "dz": """\
s = sigma(self.outputs)
dz = s * (1 - s) * da"""
        },
    ),
    (
        "activation-hard-coded",
        {
            "dz": """\
dz = da.copy()
dz[self.outputs <= 0] = 0"""
        },
    ),
    ("activation-hard-coded", {"dz": "dz = da * (1 - np.tanh(self.outputs) ** 2)"}),
    (
        "activation-hard-coded",
        {
            "dz": """\
out = self.activation(self.outputs)
dz = da * out * (1 - out)"""
        },
    ),
    (
        "activation-hard-coded",
        {
            "dz": """\
if self.activation is sigmoid:
    g = sigma(self.outputs)
    g = g * (1 - g)
else:
    g = 1.0 * (self.outputs > 0)
dz = da * g"""
        },
    ),
    ("dz-added", {"dz": "dz = self.activation.derivative(self.outputs) + da"}),
    ("activation-of-gradient", {"dz": "dz = self.activation.derivative(da)"}),
    ("activation-of-gradient", {"dz": "dz = self.activation(da)"}),
    ("activation-of-gradient", {"dz": "dz = sigma(da) * self.activation.derivative(self.outputs)"}),
    ("activation-of-gradient", {"dz": "dz = da * self.activation.derivative(da)"}),
    ("dz-not-elementwise", {"dz": "dz = np.dot(da, self.activation.derivative(self.outputs).T)"}),
    ("dz-not-elementwise", {"dz": "dz = np.dot(da, self.activation.derivative(self.outputs))"}),
    ("dz-not-elementwise", {"dz": "dz = np.sum(da) * self.activation.derivative(self.outputs)"}),
    ("gradient-rescaled", {"dz": "dz = 0.5 * da * self.activation.derivative(self.outputs)"}),
    ("gradient-rescaled", {"dz": "dz = da * self.activation.derivative(self.outputs) / da.shape[0]"}),
    (
        "learning-rate-in-gradient",
        {"dz": "dz = da * self.activation.derivative(self.outputs) * learning_rate"},
    ),
    ("gradient-clipped", {"dz": "dz = np.clip(da * self.activation.derivative(self.outputs), -0.5, 0.5)"}),
    ("gradient-clipped", {"dz": "dz = np.clip(da, -1, 1) * self.activation.derivative(self.outputs)"}),
    ("gradient-clipped", {"dw": "dW = np.clip(dz @ self.inputs.T, -1, 1)", "db": "db = np.clip(dz, -1, 1)"}),
    (
        "gradient-clipped",
        {
            "dw": """\
dW = dz @ self.inputs.T
dW = np.maximum(np.minimum(dW, 1.0), -1.0)"""
        },
    ),
    (
        "gradient-clipped",
        {
            "dw": """\
dW = dz @ self.inputs.T
norm = np.linalg.norm(dW)
if norm > 1.0:
    dW = dW / norm"""
        },
    ),
    ("gradient-clipped", {"return": "return np.clip(da_prev, -1, 1)"}),
    ("weights-gradient-transposed", {"dw": "dW = self.inputs @ dz.T"}),
    ("weights-gradient-transposed", {"dw": "dW = np.outer(self.inputs, dz)"}),
    ("inputs-not-transposed", {"dw": "dW = np.dot(dz, self.inputs)"}),
    ("inputs-not-transposed", {"dw": "dW = dz * self.inputs"}),
    ("weights-gradient-from-outputs", {"dw": "dW = np.dot(dz, self.outputs.T)"}),
    ("weights-gradient-from-outputs", {"dw": "dW = dz @ self.activation(self.outputs).T"}),
    ("weights-gradient-from-da", {"dw": "dW = np.outer(da, self.inputs)"}),
    ("inputs-missing", {"dw": "dW = dz"}),
    ("inputs-missing", {"dw": "dW = np.mean(dz)"}),
    ("inputs-missing", {"dw": "dW = np.repeat(dz, self.inputs.size, axis=1)"}),
    ("inputs-missing", {"dw": "dW = dz @ np.ones_like(self.inputs).T"}),
    ("biases-gradient-from-da", {"db": "db = da"}),
    ("biases-gradient-reduced", {"db": "db = np.sum(dz)"}),
    ("biases-gradient-reduced", {"db": "db = np.mean(dz, axis=0, keepdims=True)"}),
    ("gradient-rescaled", {"db": "db = dz / self.inputs.shape[0]"}),
    ("gradient-rescaled", {"dw": "dW = (1 / self.inputs.shape[0]) * np.dot(dz, self.inputs.T)"}),
    ("gradient-rescaled", {"dw": "dW = dz @ self.inputs.T / self.weights.size"}),
    ("gradient-ascent", {"w": "self.weights = self.weights + learning_rate * dW"}),
    (
        "gradient-ascent",
        {"w": "self.weights += learning_rate * dW", "b": "self.biases += learning_rate * db"},
    ),
    ("learning-rate-ignored", {"w": "self.weights = self.weights - dW"}),
    ("learning-rate-ignored", {"b": "self.biases -= db"}),
    ("learning-rate-hard-coded", {"w": "self.weights -= 0.1 * dW", "b": "self.biases -= 0.1 * db"}),
    ("learning-rate-hard-coded", {"b": "self.biases -= 0.05 * db"}),
    ("weights-not-updated", {"w": ""}),
    ("weights-not-updated", {"w": "weights = self.weights - learning_rate * dW"}),
    ("biases-not-updated", {"b": ""}),
    (
        "parameters-not-updated",
        {"w": "", "b": "", "dw": "self.dW = dz @ self.inputs.T", "db": "self.db = dz"},
    ),
    ("weights-overwritten", {"w": "self.weights = learning_rate * dW"}),
    (
        "weights-overwritten",
        {"w": "self.weights = -learning_rate * dW", "b": "self.biases = -learning_rate * db"},
    ),
    ("weights-overwritten", {"b": "self.biases = db"}),
    (
        "adaptive-rate",
        {
            "dz": """\
self.t = getattr(self, 't', 0) + 1
learning_rate = learning_rate / (1 + 0.1 * self.t)
dz = da * self.activation.derivative(self.outputs)"""
        },
    ),
    (
        "adaptive-rate",
        {
            "dz": """\
self.k = getattr(self, 'k', 0)
learning_rate = learning_rate * 0.9 ** self.k
self.k += 1
dz = da * self.activation.derivative(self.outputs)"""
        },
    ),
    (
        "adaptive-rate",
        {
            "w": """\
self.s = 0.9 * getattr(self, 's', 0) + 0.1 * dW ** 2
self.weights = self.weights - learning_rate * dW / (np.sqrt(self.s) + 1e-8)""",
            "b": """\
self.q = 0.9 * getattr(self, 'q', 0) + 0.1 * db ** 2
self.biases = self.biases - learning_rate * db / (np.sqrt(self.q) + 1e-8)""",
        },
    ),
    (
        "adaptive-rate",
        {
            "w": """\
self.s = getattr(self, 's', 0) + dW ** 2
self.weights = self.weights - learning_rate * dW / np.sqrt(self.s + 1e-6)""",
        },
    ),
    (
        "adaptive-rate",
        {
            "w": """\
h = self.history
h['t'] = h.get('t', 0) + 1
h['m'] = 0.9 * h.get('m', 0) + 0.1 * dW
h['v'] = 0.999 * h.get('v', 0) + 0.001 * dW ** 2
mh = h['m'] / (1 - 0.9 ** h['t'])
vh = h['v'] / (1 - 0.999 ** h['t'])
self.weights = self.weights - learning_rate * mh / (np.sqrt(vh) + 1e-8)""",
            "b": """\
h['mb'] = 0.9 * h.get('mb', 0) + 0.1 * db
h['vb'] = 0.999 * h.get('vb', 0) + 0.001 * db ** 2
mb = h['mb'] / (1 - 0.9 ** h['t'])
vb = h['vb'] / (1 - 0.999 ** h['t'])
self.biases = self.biases - learning_rate * mb / (np.sqrt(vb) + 1e-8)""",
        },
    ),
    (
        "momentum",
        {
            "w": """\
self.v = 0.9 * getattr(self, 'v', 0) - learning_rate * dW
self.weights = self.weights + self.v""",
            "b": """\
self.u = 0.9 * getattr(self, 'u', 0) - learning_rate * db
self.biases = self.biases + self.u""",
        },
    ),
    (
        "momentum",
        {
            "w": """\
self.v = 0.5 * getattr(self, 'v', 0) + dW
self.weights = self.weights - learning_rate * self.v"""
        },
    ),
    (
        "momentum",
        {
            "w": """\
self.v = 0.9 * getattr(self, 'v', 0) + 0.1 * dW
self.weights = self.weights - learning_rate * self.v""",
            "b": """\
self.u = 0.9 * getattr(self, 'u', 0) + 0.1 * db
self.biases = self.biases - learning_rate * self.u""",
        },
    ),
    (
        "gradient-accumulated",
        {
            "dw": """\
self.dW = getattr(self, 'dW', 0) + dz @ self.inputs.T
dW = self.dW"""
        },
    ),
    (
        "gradient-accumulated",
        {
            "db": """\
self.history['b'] = self.history.get('b', 0) + dz
db = self.history['b']"""
        },
    ),
    (
        "gradient-accumulated",
        {
            "dz": """\
dz = da * self.activation.derivative(self.outputs)
dz = self.history['z'] = self.history.get('z', 0) + dz"""
        },
    ),
    (
        "gradient-accumulated",
        {
            "return": """\
self.history['a'] = self.history.get('a', 0) + da_prev
return self.history['a']"""
        },
    ),
    ("updated-before-da_prev", {"late": "da_prev = self.weights.T @ dz"}),
    ("updated-before-da_prev", {"late": "da_prev = np.dot(dz.T, self.weights).T"}),
    ("weights-not-transposed", {"back": "da_prev = np.dot(self.weights, dz)"}),
    ("da_prev-from-da", {"back": "da_prev = np.dot(self.weights.T, da)"}),
    ("da_prev-elementwise", {"back": "da_prev = self.weights.T * dz.T"}),
    ("da_prev-elementwise", {"back": "da_prev = np.sum(self.weights * dz, axis=1)"}),
    ("da_prev-elementwise", {"back": "da_prev = np.sum(self.weights * dz)"}),
    ("da_prev-elementwise", {"back": "da_prev = (self.weights * dz).mean(axis=1, keepdims=True)"}),
    ("da_prev-not-returned", {"return": "self.da_prev = da_prev"}),
    ("wrong-gradient-returned", {"return": "return dW"}),
    ("wrong-gradient-returned", {"return": "return dz"}),
    ("wrong-gradient-returned", {"return": "return da_prev, dW, db"}),
    ("wrong-gradient-returned", {"return": "return self.weights"}),
    ("gradient-shape-lost", {"return": "return da_prev.ravel()"}),
    ("gradient-shape-lost", {"return": "return np.squeeze(da_prev)"}),
    ("gradient-shape-lost", {"return": "return da_prev[:, 0]"}),
    (
        "gradient-shape-lost",
        {"return": "return da_prev.tolist()[0] if len(da_prev) == 0 else [v for v in da_prev[:, 0]]"},
    ),
    ("learning-rate-in-gradient", {"return": "return da_prev * learning_rate"}),
    ("gradient-rescaled", {"return": "return da_prev / len(dz)"}),
)
"""Mistakes, each alone."""
