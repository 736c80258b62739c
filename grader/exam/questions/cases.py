"""The cases that a candidate is asked, as frozen records that can be compared by value."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from grader.protocol.activations import ACTIVATIONS, Activation

__all__ = ["BackwardCase", "FitCase", "LayerParameters", "Numbers", "Step", "TrainCase", "array", "column"]

Floats = NDArray[np.float64]
Numbers = tuple[float, ...]


def array(numbers: Numbers, *shape: int) -> Floats:
    """Return ``numbers`` as float64 in ``shape``."""
    return np.array(numbers, dtype=np.float64).reshape(shape)


def column(numbers: Numbers) -> Floats:
    """Return ``numbers`` as a column of shape ``(n, 1)``."""
    return array(numbers, -1, 1)


class Step(Struct, frozen=True, array_like=True):
    """One ``forward`` and the ``backward`` after it: ``inputs`` (n_inputs), ``da`` (n_neurons)."""

    inputs: Numbers
    da: Numbers
    learning_rate: float


class BackwardCase(Struct, frozen=True, array_like=True, dict=True):
    """One layer and its steps; the parameters are assigned anew before each of them.

    ``weights`` has n_neurons · n_inputs numbers, row by row, ``biases`` n_neurons.
    """

    n_inputs: int
    n_neurons: int
    activation: str
    weights: Numbers
    biases: Numbers
    steps: tuple[Step, ...]

    @property
    def size(self) -> tuple[int, int]:
        """The numbers of inputs and of neurons."""
        return self.n_inputs, self.n_neurons

    @property
    def function(self) -> Activation:
        """The layer's activation function."""
        return ACTIVATIONS[self.activation]

    @cached_property
    def weight_matrix(self) -> Floats:
        """``W``, of shape ``(n_neurons, n_inputs)``."""
        return array(self.weights, self.n_neurons, self.n_inputs)

    @cached_property
    def bias_column(self) -> Floats:
        """``b``, of shape ``(n_neurons, 1)``."""
        return column(self.biases)

    def z(self, step: Step) -> Floats:
        """Return the pre-activations of a step, of shape ``(n_neurons, 1)``."""
        return self.weight_matrix @ column(step.inputs) + self.bias_column

    def header(self) -> dict[str, Any]:
        """Return the header of this case in a ``backward`` request."""
        return {
            "n_inputs": self.n_inputs,
            "n_neurons": self.n_neurons,
            "activation": self.activation,
            "steps": len(self.steps),
        }

    def arrays(self) -> Iterator[Floats]:
        """Yield the arrays of this case in a ``backward`` request."""
        yield self.weight_matrix
        yield self.bias_column
        for step in self.steps:
            yield column(step.inputs)
            yield column(step.da)
            yield array((step.learning_rate,), 1)


class FitCase(Struct, frozen=True, array_like=True):
    """A ``fit`` with probe layers: ``rows`` of features, one label each, ``sizes`` (n_inputs, n_neurons)."""

    rows: tuple[Numbers, ...]
    labels: Numbers
    epochs: int
    learning_rate: float
    sizes: tuple[tuple[int, int], ...]
    is_steady: bool = False
    """Whether every epoch has the same loss, so that a ``fit`` with early stopping would stop."""

    @property
    def examples(self) -> int:
        """The number of training examples."""
        return len(self.rows)

    def header(self) -> dict[str, Any]:
        """Return the header of this case in a ``fit`` request."""
        return {
            "examples": self.examples,
            "features": len(self.rows[0]),
            "epochs": self.epochs,
            "learning_rate": self.learning_rate,
            "sizes": [list(pair) for pair in self.sizes],
            "steady": self.is_steady,
        }

    def arrays(self) -> Iterator[Floats]:
        """Yield the arrays of this case in a ``fit`` request."""
        yield np.array(self.rows, dtype=np.float64)
        yield column(self.labels)


class LayerParameters(Struct, frozen=True, array_like=True):
    """A layer of a whole network: weights (n_neurons · n_inputs numbers) and biases (n_neurons)."""

    n_inputs: int
    n_neurons: int
    activation: str
    weights: Numbers
    biases: Numbers


class TrainCase(Struct, frozen=True, array_like=True):
    """A whole network that ``fit`` trains, ``calls`` times for one epoch."""

    layers: tuple[LayerParameters, ...]
    rows: tuple[Numbers, ...]
    labels: Numbers
    learning_rate: float
    calls: int

    def parameters(self) -> Floats:
        """Return all parameters as one flat vector: for each layer its weights, then its biases."""
        return np.concatenate([np.array(layer.weights + layer.biases) for layer in self.layers])

    def header(self) -> dict[str, Any]:
        """Return the header of this case in a ``train`` request."""
        return {
            "layers": [[layer.n_inputs, layer.n_neurons, layer.activation] for layer in self.layers],
            "examples": len(self.rows),
            "calls": self.calls,
        }

    def arrays(self) -> Iterator[Floats]:
        """Yield the arrays of this case in a ``train`` request."""
        for layer in self.layers:
            yield array(layer.weights, layer.n_neurons, layer.n_inputs)
            yield column(layer.biases)
        yield np.array(self.rows, dtype=np.float64)
        yield column(self.labels)
        yield array((self.learning_rate,), 1)
