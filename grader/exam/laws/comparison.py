"""Compare what a call of ``backward`` left with what a formula says; values are only built if they are shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from grader.candidate.replies import Returned
from grader.exam.laws.tolerance import close, differing, parallel
from grader.exam.laws.values import array_value, returned_value, shape_value
from grader.model import TextValue, Value

__all__ = ["Change", "Comparison", "Result", "along", "equal", "shapes"]

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

    @classmethod
    def between(
        cls,
        name: str,
        label: str,
        before: Floats,
        after: Floats | None,
        returned: Returned,
        learning_rate: float,
    ) -> Change:
        """Return how far parameters moved, unless their shape is lost ``after`` the call."""
        change = None if after is None else after - before
        return cls(name, change, returned, label, before=before, learning_rate=learning_rate)


class Shown(NamedTuple):
    """The values of a finding: what was seen of something, and what is due."""

    seen: dict[str, Value]
    due: dict[str, Value]
    is_clear: bool = True
    """Whether no number that is wrong is 0."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """A formula beside what was seen of it."""

    name: str
    """What is compared: ``weights``, ``biases``, ``da_prev``, ``dz`` or ``shapes``."""
    holds: bool
    """Whether the formula holds, within the tolerance."""
    show: Callable[[], Shown]
    """Returns what was seen and what is due."""


def equal(result: Result, expected: Floats | None, *involved: Floats, formula: str = "") -> Comparison:
    """Compare a result with the numbers that are due; ``involved`` are those that they are computed from.

    ``formula`` is what to call the numbers, if not by the formula of the task sheet.
    """
    array = result.array
    holds = array is not None and expected is not None and close(array, expected, *involved)
    return Comparison(result.name, holds, lambda: _shown(result, expected, involved, formula))


def along(change: Change, direction: Floats) -> Comparison:
    """Compare how parameters moved with a direction of the same shape, whatever the sign and size of the step."""
    holds = change.array is not None and parallel(change.array, direction, change.before)
    step = -change.learning_rate * direction
    return Comparison(change.name, holds, lambda: _shown(change, step, (change.before,)))


def shapes(**pairs: tuple[Returned, tuple[int, ...]]) -> Comparison:
    """Compare the shapes of what a call left, by name, with those that are due; all numbers are to be finite."""
    wrong = {name: pair for name, pair in pairs.items() if pair[0].shaped(*pair[1]) is None}
    text = "an array of shape {shape}, of finite numbers"

    def show() -> Shown:
        seen = {
            name: returned_value(returned) if returned.array is None else shape_value(returned.array.shape)
            for name, (returned, _) in wrong.items()
        }
        due = {name: TextValue(text, {"shape": str(shape)}) for name, (_, shape) in wrong.items()}
        return Shown(seen, {**due})

    return Comparison("shapes", not wrong, show)


def _shown(result: Result, expected: Floats | None, involved: tuple[Floats, ...], formula: str = "") -> Shown:
    array, formula = result.array, formula or _FORMULAS[result.name]
    if array is None or expected is None:
        due = TextValue("the same shape") if expected is None else array_value(expected)
        return Shown({result.name: returned_value(result.returned)}, {formula: due})
    wrong = differing(array, expected, *involved)
    seen = array_value(array, wrong) if result.label else returned_value(result.returned, wrong)
    is_clear = not ((array == 0) & (expected != 0)).any()
    return Shown({result.label or result.name: seen}, {formula: array_value(expected)}, is_clear)
