"""Given with the exercise: activation functions, the training data, tools for a gradient check, and plots.

There is nothing to change here. Grading always uses its own copy of this file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
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
    "compare_gradients",
    "finite_differences",
    "plot_before_and_after",
    "plot_data",
    "plot_decision_boundary",
    "plot_gradients",
    "plot_loss",
    "relative_errors",
    "relu",
    "show_plots",
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


# --- Checking a gradient --------------------------------------------------------------------------------

_LEGEND = (
    (1e-2, "The two disagree: one of them is wrong, most likely the formula."),
    (1e-4, "Suspicious: this is too much for a smooth function."),
    (1e-7, "Right only if a kink is near, such as that of ReLU at 0; for a smooth function, look again."),
    (0.0, "The two agree."),
)
"""What a relative error above each limit means."""


def finite_differences(function: Callable[[Array], float], where: Array, step: float = 1e-5) -> Array:
    """Return the derivative of `function` with respect to each number in `where`, in the shape of `where`.

    Each number is moved up and down by `step`: (function(x + step) - function(x - step)) / (2 step), the central
    difference. `function` gets arrays in the shape of `where` and returns a number; `where` itself stays as it is.
    """
    gradient = np.zeros(np.shape(where))
    for index in np.ndindex(gradient.shape):
        shift = np.zeros(gradient.shape)
        shift[index] = step
        gradient[index] = (function(where + shift) - function(where - shift)) / (2 * step)
    return gradient


def relative_errors(by_formula: Array, by_differences: Array) -> Array:
    """Return |p - q| / max(|p|, |q|) for the numbers p and q at each place; 0 where both are 0.

    Raises `ValueError` if the shapes differ.
    """
    if np.shape(by_formula) != np.shape(by_differences):
        raise ValueError(
            f"The shapes differ: {np.shape(by_formula)} by formula, {np.shape(by_differences)} by finite differences."
        )
    size = np.maximum(np.abs(by_formula), np.abs(by_differences))
    errors: Array = np.abs(np.subtract(by_formula, by_differences)) / np.where(size == 0, 1.0, size)
    return errors


def compare_gradients(by_formula: Array, by_differences: Array) -> None:
    """Print two gradients of the same shape side by side, and what the largest relative error means."""
    errors = relative_errors(by_formula, by_differences)
    print(f"{'entry':<10}{'by formula':>14}{'by differences':>16}{'relative error':>16}")
    for index in np.ndindex(errors.shape):
        entry = str([int(number) for number in index])
        numbers = f"{by_formula[index]:>14.6f}{by_differences[index]:>16.6f}"
        zero = by_formula[index] == 0 and by_differences[index] == 0
        print(f"{entry:<10}{numbers}{'both 0' if zero else f'{errors[index]:.1e}':>16}")
    print(next(says for limit, says in _LEGEND if not np.max(errors) < limit))


# --- Plots (they need matplotlib, nothing else here does) -----------------------------------------------
# Each draws a picture. In a notebook, it appears under the cell; in a script, `show_plots` shows all of them.


_BOUNDARY = 0.5
"""The output of a network between the labels 0 and 1."""


class _Network(Protocol):
    def forward(self, inputs: Array) -> Array: ...


def plot_data(points: Array, labels: Array) -> None:
    """Draw points, of shape (N, 2), in the colours of their labels, of shape (N, 1)."""
    if plt := _pyplot():
        _, axes = plt.subplots()
        _scatter(axes, points, labels)


def plot_gradients(by_formula: Array, by_differences: Array) -> None:
    """Draw each number of a gradient by formula beside the same by finite differences."""
    if plt := _pyplot():
        _, axes = plt.subplots()
        entries = [str([int(number) for number in index]) for index in np.ndindex(np.shape(by_formula))]
        places = np.arange(len(entries))
        axes.bar(places - 0.2, np.ravel(by_formula), 0.4, color="tab:blue", label="by formula")
        axes.bar(
            places + 0.2, np.ravel(by_differences), 0.4, color="tab:orange", label="by finite differences"
        )
        axes.axhline(0.0, color="black", linewidth=0.8)
        axes.set_xticks(places, entries)
        axes.set_xlabel("entry")
        axes.set_ylabel("derivative of the loss")
        axes.legend()


def plot_loss(losses: Sequence[float] | None) -> None:
    """Draw the mean loss of every epoch; `losses` is the list of them, the first epoch first."""
    if losses is None:
        print("No plot of the loss: for one, let fit return the list of the mean losses.")
    elif plt := _pyplot():
        _, axes = plt.subplots()
        axes.plot(range(1, len(losses) + 1), losses)
        axes.set_xlabel("epoch")
        axes.set_ylabel("mean loss")


def plot_decision_boundary(perceptron: _Network, points: Array, labels: Array) -> None:
    """Draw the output of `perceptron` all over the plane, with the points and their labels on it."""
    if plt := _pyplot():
        figure, axes = plt.subplots()
        figure.colorbar(_outputs(axes, perceptron, points, labels), label="output of the network")


def plot_before_and_after(untrained: _Network, trained: _Network, points: Array, labels: Array) -> None:
    """Draw the decision boundary of a network before its training beside that after it."""
    if plt := _pyplot():
        figure, both = plt.subplots(1, 2, figsize=(11, 4.5), layout="constrained")
        for axes, network, title in zip(
            both, (untrained, trained), ("before training", "after training"), strict=True
        ):
            colours = _outputs(axes, network, points, labels)
            axes.set_title(title)
        figure.colorbar(colours, ax=both, label="output of the network")


def show_plots() -> None:
    """Show all pictures that were drawn; a script waits until their windows are closed."""
    if plt := _pyplot():
        plt.show()


def _outputs(axes: Any, network: _Network, points: Array, labels: Array) -> Any:
    """Draw the outputs of a network and the line where they are 0.5, and return the scale of the colours."""
    axis = np.linspace(-1.25, 1.25, 50) * np.max(np.abs(points))
    outputs = np.array([[network.forward(np.array([x1, x2])).item() for x1 in axis] for x2 in axis])
    colours = axes.contourf(axis, axis, outputs, levels=np.linspace(0, 1, 11), cmap="coolwarm", alpha=0.6)
    if np.min(outputs) < _BOUNDARY < np.max(outputs):
        axes.contour(axis, axis, outputs, levels=[_BOUNDARY], colors="black")
    _scatter(axes, points, labels)
    return colours


def _scatter(axes: Any, points: Array, labels: Array) -> None:
    for label, colour in ((0, "tab:blue"), (1, "tab:red")):
        chosen = points[labels[:, 0] == label]
        axes.scatter(chosen[:, 0], chosen[:, 1], color=colour, edgecolor="white", label=f"label {label}")
    axes.margins(0.15)
    axes.legend(loc="upper right")
    axes.set_aspect("equal")


@cache
def _pyplot() -> Any:
    """Return matplotlib; `None` if it is not installed, which is said once."""
    try:
        return import_module("matplotlib.pyplot")
    except ImportError:
        print("No pictures: matplotlib is not installed. Try: python -m pip install matplotlib")
        return None
