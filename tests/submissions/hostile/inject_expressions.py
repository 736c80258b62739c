"""Raises where the expression, the names and the lines around are markup, formulas, commands and sequences."""

import numpy as np


class Layer:
    def __init__(self, n_inputs, n_neurons, activation_function):
        self.weights, self.biases = np.zeros((n_neurons, n_inputs)), np.zeros((n_neurons, 1))
        self.activation = activation_function

    def forward(self, inputs):
        self.inputs = np.reshape(inputs, (-1, 1))
        self.outputs = self.weights @ self.inputs + self.biases
        return self.activation(self.outputs)

    def backward(self, da, learning_rate):
        # </pre></code><script>alert(1)</script><img src=x onerror=alert(1)> ``` ~~~ | [x](javascript:1) @everyone
        # ::error file=x::100 of 100 ##[error]x =HYPERLINK("x") {{ 7 * 7 }} {% raw %} $(touch x) %0A::set-output
        dz = {"</code><script>alert(1)</script>\u202e`|": da}["</code><script>alert(1)</script>\u202e`|"] @ np.ones((7, 7, 7))[0]
        # ]]> --> \x1b]0;owned\x07 [bold green]passed[/bold green] ✓ backward.dz 100 / 100
        return dz


class Perceptron:
    def __init__(self, layers):
        self.layers = layers

    def fit(self, training_data, labels, epochs, learning_rate):
        raise KeyError("::error::x\n=1+1\n# </pre><script>alert(1)</script>`{name}{0.__class__}%s")
