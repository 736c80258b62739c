"""The examiner's own network: outputs, losses and gradients for many parameter vectors at once.

A parameter vector holds, for each layer, its weights row by row and then its biases.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from grader.exam.questions.cases import LayerParameters
from grader.protocol.activations import ACTIVATIONS

__all__ = ["Network", "OutputGradient", "cross_entropy_derivative"]

Floats = NDArray[np.float64]

OutputGradient = Callable[[Floats, Floats], Floats]
"""Takes ŷ and y, both of shape ``(B,)``, and returns ``da`` at the output, of shape ``(B,)``."""


def cross_entropy_derivative(predictions: Floats, labels: Floats) -> Floats:
    """Return the derivative of the cross-entropy, (ŷ − y) / ( ŷ·(1 − ŷ) ), elementwise."""
    return (predictions - labels) / (predictions * (1.0 - predictions))


class Network(Struct, frozen=True, dict=True):
    """A network with the sizes and activations of ``layers``, in order; parameters come as vectors."""

    layers: tuple[LayerParameters, ...]

    @cached_property
    def _slices(self) -> list[tuple[slice, slice]]:
        slices, start = [], 0
        for layer in self.layers:
            middle = start + layer.n_neurons * layer.n_inputs
            end = middle + layer.n_neurons
            slices.append((slice(start, middle), slice(middle, end)))
            start = end
        return slices

    def pre_activations(self, theta: Floats, rows: Floats) -> list[tuple[Floats, Floats]]:
        """Return, for each layer, its inputs and its pre-activations.

        ``theta`` has shape ``(B, P)``: B parameter vectors. ``rows`` has shape ``(B, N, n_features)`` or
        ``(1, N, n_features)``. The arrays returned have shapes ``(B, N, n_inputs)`` and ``(B, N, n_neurons)``.
        """
        a, passed = rows, []
        for layer, (w, b) in zip(self.layers, self._slices, strict=True):
            weights = theta[:, w].reshape(-1, layer.n_neurons, layer.n_inputs)
            z = a @ weights.transpose(0, 2, 1) + theta[:, None, b]
            passed.append((a, z))
            a = ACTIVATIONS[layer.activation](z)
        return passed

    def outputs(self, theta: Floats, rows: Floats) -> Floats:
        """Return ŷ, of shape ``(B, N)``, for ``theta`` (B, P) and ``rows`` (B or 1, N, n_features)."""
        _, z = self.pre_activations(theta, rows)[-1]
        return ACTIVATIONS[self.layers[-1].activation](z)[:, :, 0]

    def mean_loss(self, theta: Floats, rows: Floats, labels: Floats) -> Floats:
        """Return the mean cross-entropy, of shape ``(B,)``, for ``rows`` (N, n_features) and ``labels`` (N,)."""
        predictions = self.outputs(theta, rows[None])
        losses: Floats = -np.log(np.where(labels == 1.0, predictions, 1.0 - predictions))
        means: Floats = losses.mean(axis=1)
        return means

    def gradients(
        self,
        theta: Floats,
        rows: Floats,
        labels: Floats,
        output_da: OutputGradient = cross_entropy_derivative,
    ) -> Floats:
        """Return the gradient of one example's loss for each of B networks, by backpropagation.

        ``theta`` has shape ``(B, P)``, ``rows`` ``(B, n_features)``, ``labels`` ``(B,)``; returns ``(B, P)``.
        """
        passed = self.pre_activations(theta, rows[:, None, :])
        gradient = np.empty_like(theta)
        prediction = ACTIVATIONS[self.layers[-1].activation](passed[-1][1])
        da = output_da(prediction[:, 0, 0], labels)[:, None, None]
        for layer, (w, b), (a_prev, z) in zip(
            reversed(self.layers), reversed(self._slices), reversed(passed), strict=True
        ):
            dz = da * ACTIVATIONS[layer.activation].derivative(z)
            gradient[:, w] = (dz.transpose(0, 2, 1) @ a_prev).reshape(len(theta), -1)
            gradient[:, b] = dz[:, 0, :]
            da = dz @ theta[:, w].reshape(-1, layer.n_neurons, layer.n_inputs)
        return gradient

    def split(self, theta: Floats) -> Sequence[tuple[Floats, Floats]]:
        """Return each layer's weights (n_neurons, n_inputs) and biases (n_neurons, 1) out of ``theta`` (P,)."""
        return [
            (theta[w].reshape(layer.n_neurons, layer.n_inputs), theta[b].reshape(layer.n_neurons, 1))
            for layer, (w, b) in zip(self.layers, self._slices, strict=True)
        ]
