"""The activation functions that layers are examined with, each with its derivative.

They are called on pre-activations ``z`` of any shape and return new arrays of that shape.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["ACTIVATIONS", "GIVEN", "UNSEEN", "Activation"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Activation:
    """An activation function ``f``, with ``f(z)`` by call and ``f′(z)`` by ``derivative``."""

    name: str
    function: Callable[[Floats], Floats]
    derivative: Callable[[Floats], Floats]

    def __call__(self, z: Floats) -> Floats:
        """Return ``f(z)``, elementwise, in the shape of ``z``."""
        return self.function(z)


def _sigmoid(z: Floats) -> Floats:
    return 0.5 * (1.0 + np.tanh(0.5 * z))


_ALL = (
    Activation("relu", lambda z: np.maximum(z, 0.0), lambda z: np.where(z > 0.0, 1.0, 0.0)),
    Activation("sigmoid", _sigmoid, lambda z: _sigmoid(z) * (1.0 - _sigmoid(z))),
    Activation("identity", lambda z: z * 1.0, np.ones_like),
    Activation("tanh", np.tanh, lambda z: 1.0 - np.tanh(z) ** 2),
    Activation("softplus", lambda z: np.logaddexp(0.0, z), _sigmoid),
    Activation("square", lambda z: z * z, lambda z: 2.0 * z),
    Activation("sine", np.sin, np.cos),
)

ACTIVATIONS = {activation.name: activation for activation in _ALL}
GIVEN = ("relu", "sigmoid")
"""The names of those that students are given in ``utils.py``."""
UNSEEN = tuple(name for name in ACTIVATIONS if name not in GIVEN)
"""The names of those that students have not seen."""
