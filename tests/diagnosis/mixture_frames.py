"""What stands around ``backward`` and ``fit``: whole submissions, as different students hand them in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["FRAMES", "Frame"]


class Frame(NamedTuple):
    """A submission without its two methods."""

    suffix: str
    """``.py`` or ``.ipynb``."""
    text: str
    """With ``<helpers>``, ``<backward>`` and ``<fit>`` in it."""

    def filled(self, helpers: str, backward: str, fit: str) -> str:
        """Return the submission."""
        text = self.text.replace("<helpers>\n", f"{helpers}\n" if helpers else "")
        text = text.replace("<backward>", backward).replace("<fit>", fit)
        return text if self.suffix == ".py" else _notebook(text.split("# %%\n"))


def _notebook(cells: Sequence[str]) -> str:
    return json.dumps(
        {
            "cells": [
                {
                    "cell_type": "code",
                    "id": f"cell-{number}",
                    "execution_count": None,
                    "metadata": {},
                    "outputs": [],
                    "source": source.strip(),
                }
                for number, source in enumerate(cells)
            ],
            "metadata": {"language_info": {"name": "python"}},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    )


FRAMES = (
    Frame(
        ".py",
        '''import math
from functools import reduce

import numpy as np

from utils import X_train, relu, sigmoid, y_train

<helpers>

class Layer:
    """A layer of neurons."""

    def __init__(self, n_inputs, n_neurons, activation_function):
        self.weights = np.random.uniform(-1, 1, (n_neurons, n_inputs))
        self.biases = np.random.uniform(-1, 1, (n_neurons, 1))
        self.activation = activation_function
        self.inputs = np.zeros((n_inputs, 1))
        self.outputs = np.zeros((n_neurons, 1))

    def forward(self, inputs):
        self.inputs = np.reshape(inputs, (-1, 1))
        self.outputs = self.weights @ self.inputs + self.biases
        return self.activation(self.outputs)

<backward>

class Perceptron:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, inputs):
        for layer in self.layers:
            inputs = layer.forward(inputs)
        return inputs

<fit>

if __name__ == "__main__":
    perceptron = Perceptron([Layer(2, 6, relu), Layer(6, 6, relu), Layer(6, 1, sigmoid)])
    perceptron.fit(X_train, y_train, epochs=100, learning_rate=0.01)
''',
    ),
    Frame(
        ".ipynb",
        """import math
import numpy as np
from functools import reduce
from utils import *

# %%
<helpers>
class Layer:
    def __init__(self, n_inputs, n_neurons, activation_function):
        self.activation = activation_function
        self.weights = 2 * np.random.rand(n_neurons, n_inputs) - 1
        self.biases = 2 * np.random.rand(n_neurons, 1) - 1

    def forward(self, inputs):
        x = np.asarray(inputs, dtype=float)
        self.inputs = x.reshape(-1, 1)
        self.outputs = np.dot(self.weights, self.inputs) + self.biases
        return self.activation(self.outputs)

<backward>
# %%
class Perceptron:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, inputs):
        out = inputs
        for l in self.layers:
            out = l.forward(out)
        return out

<fit>
# %%
net = Perceptron([Layer(2, 4, relu), Layer(4, 1, sigmoid)])
""",
    ),
    Frame(
        ".py",
        '''"""Uebungsblatt 5, Aufgabe 2."""
from functools import reduce
import math
import numpy as np
import utils

ZUFALL = np.random.default_rng(1)
<helpers>

class Layer(object):

    def __init__(self, n_inputs, n_neurons, activation_function):
        groesse = (n_neurons, n_inputs)
        self.weights, self.biases = ZUFALL.uniform(-1, 1, groesse), ZUFALL.uniform(-1, 1, (n_neurons, 1))
        self.activation = activation_function
        self.inputs = self.outputs = None

    def forward(self, inputs):
        self.inputs = np.array(inputs, dtype=np.float64).reshape((-1, 1))
        self.outputs = np.matmul(self.weights, self.inputs)
        self.outputs = self.outputs + self.biases
        a = self.activation(self.outputs)
        return a

<backward>

class Perceptron(object):

    def __init__(self, layers):
        self.layers = list(layers)

    def forward(self, inputs):
        return reduce(lambda a, schicht: schicht.forward(a), self.layers, inputs)

<fit>

def main():
    netz = Perceptron([Layer(2, 6, utils.relu), Layer(6, 1, utils.sigmoid)])
    netz.fit(utils.X_train, utils.y_train, 20, 0.01)

if __name__ == '__main__':
    main()
''',
    ),
)
