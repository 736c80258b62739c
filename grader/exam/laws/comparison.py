"""Compare what a call of ``backward`` left with what a formula says; values are only built if they are shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from grader.candidate.replies import Returned
from grader.exam.laws.tolerance import close, differing, parallel
from grader.exam.laws.values import array_value, returned_value, shape_value
from grader.model import TextValue, Value

__all__ = ["Change", "Comparison", "Equality", "Result", "Shapes", "along", "equal"]

Floats = NDArray[np.float64]

_FORMULAS = {
    "dz": "da ⊙ f′(z)",
    "weights": "−learning_rate · dz · a_prevᵀ",
    "biases": "−learning_rate · dz",
    "da_prev": "Wᵀ · dz",
}


@dataclass(frozen=True, eq=False)
class Result:
    """What a call left: the gradient that it returned, how far parameters moved, or the ``dz`` that it used."""

    name: str
    """``weights``, ``biases``, ``da_prev`` or ``dz``."""
    array: Floats | None
    """In the shape of the formula sheet; ``None`` if the numbers do not fit into it."""
    returned: Returned
    """What the submission has there itself: its return value, or the parameters."""
    label: str = ""
    """What to call the array, if not by ``name``."""

    def times(self, factor: float) -> Floats | None:
        """Return ``factor`` times the numbers, if there are some."""
        return None if self.array is None else factor * self.array


@dataclass(frozen=True, eq=False)
class Change(Result):
    """How far the weights or the biases moved in a call."""

    before: Floats = field(kw_only=True)
    """The parameters before the call, in the shape of ``array``."""
    learning_rate: float = field(kw_only=True)


class Comparison(Protocol):
    """A formula beside what was seen of it."""

    @property
    def name(self) -> str:
        """What is compared: ``weights``, ``biases``, ``da_prev`` or ``dz``."""

    @property
    def holds(self) -> bool:
        """Whether the formula holds, within the tolerance."""

    @property
    def is_clear(self) -> bool:
        """Whether no number that is wrong is 0."""

    @property
    def seen(self) -> dict[str, Value]:
        """What the submission did."""

    @property
    def due(self) -> dict[str, Value]:
        """What the formula says."""


@dataclass(frozen=True, eq=False)
class Equality:
    """A result beside the numbers that are due; ``holds`` may forgive its sign and size."""

    result: Result
    expected: Floats | None
    involved: tuple[Floats, ...]
    holds: bool
    formula: str = ""
    """What to call ``expected``, if not by the formula of the result."""

    @property
    def name(self) -> str:
        """What is compared."""
        return self.result.name

    @property
    def is_clear(self) -> bool:
        """Whether no number that is wrong is 0."""
        array, expected = self.result.array, self.expected
        return array is None or expected is None or not ((array == 0) & (expected != 0)).any()

    @property
    def seen(self) -> dict[str, Value]:
        """What the submission did."""
        result, wrong = self.result, self._wrong()
        if result.array is not None and result.label:
            return {result.label: array_value(result.array, wrong)}
        return {result.name: returned_value(result.returned, wrong)}

    @property
    def due(self) -> dict[str, Value]:
        """What the formula says."""
        formula = self.formula or _FORMULAS[self.result.name]
        return {formula: TextValue("the same shape") if self.expected is None else array_value(self.expected)}

    def _wrong(self) -> tuple[int, ...]:
        if self.result.array is None or self.expected is None:
            return ()
        return differing(self.result.array, self.expected, *self.involved)


@dataclass(frozen=True, eq=False)
class Shapes:
    """The shapes of what a call left beside those that are due."""

    pairs: dict[str, tuple[Returned, tuple[int, ...]]]
    name: str = "shape"
    is_clear: bool = True

    @property
    def holds(self) -> bool:
        """Whether all are arrays of finite real numbers, of their shapes."""
        return all(returned.shaped(*shape) is not None for returned, shape in self.pairs.values())

    @property
    def seen(self) -> dict[str, Value]:
        """What has another shape."""
        return {
            name: returned_value(returned) if returned.array is None else shape_value(returned.array.shape)
            for name, (returned, shape) in self.pairs.items()
            if returned.shaped(*shape) is None
        }

    @property
    def due(self) -> dict[str, Value]:
        """The shapes of those."""
        return {
            name: TextValue(
                "an array of shape {shape}, of finite numbers", {"shape": str(self.pairs[name][1])}
            )
            for name in self.seen
        }


def equal(result: Result, expected: Floats | None, *involved: Floats, formula: str = "") -> Equality:
    """Compare a result with the numbers that are due; ``involved`` are those that they are computed from."""
    array = result.array
    holds = array is not None and expected is not None and close(array, expected, *involved)
    return Equality(result, expected, involved, holds, formula)


def along(change: Change, direction: Floats) -> Equality:
    """Compare how parameters moved with a direction of the same shape, whatever the sign and size of the step."""
    holds = change.array is not None and parallel(change.array, direction, change.before)
    return Equality(change, -change.learning_rate * direction, (change.before,), holds)
