"""Given with the exercise: activation functions, the training data and a few plots.

There is nothing to change here. Grading always uses its own copy of this file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Activation",
    "Array",
    "ReLU",
    "Sigmoid",
    "X_train",
    "plot_data",
    "plot_decision_boundary",
    "plot_loss",
    "relu",
    "sigmoid",
    "y_train",
]

Array = NDArray[np.floating]


# --- Activation functions -----------------------------------------------------------------------------


class Activation(Protocol):
    """An activation function f with its derivative f', both elementwise."""

    def __call__(self, z: Array) -> Array:
        """Return f(z), in the shape of `z`."""
        ...

    def derivative(self, z: Array) -> Array:
        """Return f'(z), in the shape of `z`."""
        ...


class ReLU:
    """The rectified linear unit: f(z) = max(0, z), and f'(z) = 1 where z > 0, else 0."""

    def __call__(self, z: Array) -> Array:
        """Return f(z), in the shape of `z`."""
        a: Array = np.maximum(z, 0.0)
        return a

    def derivative(self, z: Array) -> Array:
        """Return f'(z), in the shape of `z`."""
        return np.where(z > 0, 1.0, 0.0)


class Sigmoid:
    """The logistic function: f(z) = 1 / (1 + exp(-z)), and f'(z) = f(z) (1 - f(z))."""

    def __call__(self, z: Array) -> Array:
        """Return f(z), in the shape of `z`."""
        # The same as 1 / (1 + exp(-z)), but exp(-z) itself would overflow where z is very negative.
        a: Array = np.exp(-np.logaddexp(0.0, -z))
        return a

    def derivative(self, z: Array) -> Array:
        """Return f'(z), in the shape of `z`."""
        return self(z) * self(-z)  # since 1 - f(z) = f(-z)


relu = ReLU()
sigmoid = Sigmoid()


# --- Training data: a disc (label 1) inside a ring (label 0), which no straight line separates ----------


def _random_integers(low: int, high: int) -> Iterator[int]:
    """Draw integers from `low` to `high`, the same ones on every machine and with every NumPy."""
    state = 1
    while True:
        state = (1664525 * state + 1013904223) % 2**32  # a linear congruential generator
        yield low + (state >> 16) % (high - low + 1)


def _disc_and_ring(n_rounds: int) -> tuple[Array, Array]:
    """Return points of shape (4 * n_rounds, 2) and their labels of shape (4 * n_rounds, 1)."""
    coordinates = _random_integers(-128, 128)

    def point_between(inner: int, outer: int) -> tuple[int, int]:
        while True:
            x, y = next(coordinates), next(coordinates)
            if inner**2 <= x**2 + y**2 <= outer**2:
                return x, y

    points, labels = [], []
    for label in [0, 1, 1, 0] * n_rounds:
        points.append(point_between(0, 64) if label == 1 else point_between(96, 128))
        labels.append([label])
    return np.array(points) / 64, np.array(labels, dtype=float)


X_train, y_train = _disc_and_ring(n_rounds=32)


# --- Plots (they need matplotlib, nothing else here does) -----------------------------------------------


class _Network(Protocol):
    def forward(self, inputs: Array) -> Array: ...


def plot_data(points: Array, labels: Array) -> None:
    """Show points, of shape (N, 2), in the colours of their labels, of shape (N, 1)."""
    if plt := _pyplot():
        _scatter(plt, points, labels)
        plt.show()


def plot_decision_boundary(perceptron: _Network, points: Array, labels: Array) -> None:
    """Show the output of `perceptron` all over the plane, with the points and their labels on it."""
    if plt := _pyplot():
        axis = np.linspace(-1.25, 1.25, 50) * np.max(np.abs(points))
        outputs = np.array([[perceptron.forward(np.array([x1, x2])).item() for x1 in axis] for x2 in axis])
        plt.contourf(axis, axis, outputs, levels=np.linspace(0, 1, 11), cmap="coolwarm", alpha=0.6)
        plt.colorbar(label="output of the network")
        plt.contour(axis, axis, outputs, levels=[0.5], colors="black")
        _scatter(plt, points, labels)
        plt.show()


def plot_loss(losses: Sequence[float] | None) -> None:
    """Show the mean loss of every epoch; `losses` is the list of them, the first epoch first."""
    if losses is None:
        print("No plot of the loss: for one, let fit return the list of the mean losses.")
    elif plt := _pyplot():
        plt.plot(range(1, len(losses) + 1), losses)
        plt.xlabel("epoch")
        plt.ylabel("mean loss")
        plt.show()


def _scatter(plt: Any, points: Array, labels: Array) -> None:
    for label, colour in ((0, "tab:blue"), (1, "tab:red")):
        chosen = points[labels[:, 0] == label]
        plt.scatter(chosen[:, 0], chosen[:, 1], color=colour, edgecolor="white", label=f"label {label}")
    plt.margins(0.15)
    plt.legend(loc="upper right")
    plt.gca().set_aspect("equal")


def _pyplot() -> Any:
    try:
        return import_module("matplotlib.pyplot")
    except ImportError:
        print("No plot: matplotlib is not installed. Try: python -m pip install matplotlib")
        return None
