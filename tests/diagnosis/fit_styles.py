"""Writes submissions whose ``fit`` has mistakes, in several styles; ``Layer`` is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import dedent, indent

__all__ = ["STYLES", "program"]

_HEAD = """\
import numpy as np


class Layer:
    def __init__(self, n_inputs, n_neurons, activation_function):
        self.weights = np.random.uniform(-1, 1, (n_neurons, n_inputs))
        self.biases = np.random.uniform(-1, 1, (n_neurons, 1))
        self.activation = activation_function

    def forward(self, inputs):
        self.inputs = np.reshape(inputs, (-1, 1))
        self.outputs = self.weights @ self.inputs + self.biases
        return self.activation(self.outputs)

    def backward(self, da, learning_rate):
        dz = da * self.activation.derivative(self.outputs)
        da_prev = self.weights.T @ dz
        self.weights = self.weights - learning_rate * dz @ self.inputs.T
        self.biases = self.biases - learning_rate * dz
        return da_prev


class Perceptron:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, inputs):
        for layer in self.layers:
            inputs = layer.forward(inputs)
        return inputs

"""


@dataclass(frozen=True)
class Style:
    """A right ``fit``: texts of its parts, each of which a variant may replace."""

    signature: str
    parts: dict[str, str]
    body: str


def _style(signature: str, body: str, **parts: str) -> Style:
    return Style(signature, parts, dedent(body).strip("\n"))


STYLES = {
    "zip": _style(
        "training_data, labels, epochs, learning_rate",
        """
        {before}
        for epoch in {epochs}:
            total = 0.0
            {begin}
            for {loop}:
                {example}
                y_hat = {forward}
                loss = {loss}
                {add}
                da = {da}
                {walk}
                {after}
            {end}
            {print}
        """,
        before="N = len(training_data)",
        epochs="range(1, epochs + 1)",
        begin="pass",
        loop="x, y in zip(training_data, labels)",
        example="y = y.item()",
        forward="self.forward(x).item()",
        loss="-(y * np.log(y_hat) + (1 - y) * np.log(1 - y_hat))",
        add="total += loss",
        da="(y_hat - y) / (y_hat * (1 - y_hat))",
        walk="for layer in reversed(self.layers):\n    da = layer.backward(da, learning_rate)",
        after="pass",
        end="mean = total / N",
        print='print(f"Loss at epoch {epoch}: {mean:.3f}")',
    ),
    "index": _style(
        "X, Y, n_epochs, lr",
        """
        {before}
        for epoch in {epochs}:
            losses = []
            {begin}
            for {loop}:
                {example}
                p = {forward}
                loss = {loss}
                {add}
                da = {da}
                {walk}
                {after}
            {end}
            {print}
        return None
        """,
        before="n = X.shape[0]",
        epochs="range(n_epochs)",
        begin="pass",
        loop="i in range(n)",
        example="x, y = X[i], Y[i, 0]",
        forward="np.clip(self.forward(x)[0, 0], 1e-9, 1 - 1e-9)",
        loss="-np.log(p) if y == 1 else -np.log(1 - p)",
        add="losses.append(loss)",
        da="np.array([[-1 / p if y == 1 else 1 / (1 - p)]])",
        walk=(
            "k = len(self.layers)\nwhile k > 0:\n"
            "    k -= 1\n    da = self.layers[k].backward(da=da, learning_rate=lr)"
        ),
        after="pass",
        end="mean = np.mean(losses)",
        print='print("Loss at epoch %d: %.3f" % (epoch + 1, mean))',
    ),
    "columns": _style(
        "data, targets, epochs=10, eta=0.1",
        """
        {before}
        self.history = []
        for e in {epochs}:
            errors = np.zeros(m)
            {begin}
            for {loop}:
                {example}
                a = {forward}
                loss = {loss}
                {add}
                grad = {da}
                {walk}
                {after}
            {end}
            self.history.append(mean)
            {print}
        return self.history
        """,
        before="m, rng = len(targets), np.random.default_rng(3)",
        epochs="range(epochs)",
        begin="order = rng.permutation(m)",
        loop="k, i in enumerate(order)",
        example="x, t = data[i].reshape(-1, 1), targets[i].reshape(1, 1)",
        forward="self.forward(x)",
        loss="-(t * np.log(a + 1e-8) + (1 - t) * np.log(1 - a + 1e-8))",
        add="errors[k] = loss.item()",
        da="-(t / (a + 1e-8) - (1 - t) / (1 - a + 1e-8))",
        walk="for layer in self.layers[::-1]:\n    grad = layer.backward(grad, eta)",
        after="pass",
        end="mean = errors.mean()",
        print='print("Loss at epoch {}: {:.3f}".format(e + 1, mean))',
    ),
}


def program(style: str, *changes: dict[str, str]) -> str:
    """Return a submission in a ``style`` of which the parts in ``changes`` are replaced."""
    chosen = STYLES[style]
    parts = dict(chosen.parts)
    for change in changes:
        unknown = change.keys() - parts.keys()
        if unknown:
            raise KeyError(f"{style} has no {unknown}")
        parts.update(change)
    lines = [line for text in chosen.body.splitlines() for line in _filled(text, parts)]
    head = f"    def fit(self, {chosen.signature}):\n"
    return _HEAD + head + indent("\n".join(lines), " " * 8) + "\n"


def _filled(line: str, parts: dict[str, str]) -> Sequence[str]:
    """Return ``line`` with its part filled in; a part of several lines keeps the indentation."""
    margin = line[: len(line) - len(line.lstrip())]
    for name, text in parts.items():
        if line.strip() == f"{{{name}}}":
            return indent(text, margin).splitlines()
        line = line.replace(f"{{{name}}}", text)
    return [line]
