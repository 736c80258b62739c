"""Compare what a call of ``backward`` did with a formula; values are built only if they are shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from grader.candidate.replies import Returned
from grader.exam.laws.findings import array_value, returned_value, shape_value
from grader.exam.laws.tolerance import close, differing, error, parallel
from grader.model import TextValue, Value

__all__ = ["Change", "Comparison", "Result", "along", "equal", "shapes"]

Floats = NDArray[np.float64]

_FORMULAS = {
    "dz": "da ⊙ f′(z)",
    "weights": "−learning_rate · dz · a_prevᵀ",
    "biases": "−learning_rate · dz",
    "da_prev": "Wᵀ · dz",
}


class Result(Struct, frozen=True, eq=False):
    """What a call did: the gradient that it returned, how far parameters moved, or the ``dz`` that it used."""

    name: str
    """``weights``, ``biases``, ``da_prev`` or ``dz``."""
    array: Floats | None
    """In the shape that the task sheet gives it; ``None`` if there are more or fewer numbers."""
    returned: Returned
    """As the submission has it: its return value, or its parameters after the call."""
    label: str = ""
    """What to call it in findings; empty if ``name`` will do."""

    def times(self, factor: float) -> Floats | None:
        """Return ``factor`` times the numbers; ``None`` if there are none."""
        return None if self.array is None else factor * self.array


class Change(Result, frozen=True, eq=False, kw_only=True):
    """How far the weights or the biases moved in a call."""

    before: Floats
    """The parameters before the call, in the shape of ``array``."""
    learning_rate: float


class Shown(NamedTuple):
    """The seen and the expected values of a finding."""

    seen: dict[str, Value]
    due: dict[str, Value]
    is_clear: bool = True
    """Whether no wrong number is 0."""


class Comparison(Struct, frozen=True, eq=False):
    """A result beside what a formula says of it."""

    name: str
    """What is compared: ``weights``, ``biases``, ``da_prev``, ``dz`` or ``shapes``."""
    holds: bool
    """Whether the formula holds, within the tolerance."""
    show: Callable[[], Shown]
    """Returns the values for a finding."""
    error: Callable[[], float] | None = None
    """Returns the largest difference as a fraction of the tolerance; ``None`` if no numbers are compared."""


def equal(result: Result, expected: Floats | None, *involved: Floats, formula: str = "") -> Comparison:
    """Compare a result with the ``expected`` numbers.

    ``involved`` are numbers that the result was computed from: rounding, and with it the tolerance, grows with them.
    ``formula`` is what to call the expected numbers, if not by the formula of the task sheet.
    """
    array = result.array
    if array is None or expected is None:
        return Comparison(result.name, False, lambda: _shown(result, expected, involved, formula))
    holds = close(array, expected, *involved)
    return Comparison(
        result.name,
        holds,
        lambda: _shown(result, expected, involved, formula),
        lambda: error(array, expected, *involved),
    )


def along(change: Change, direction: Floats) -> Comparison:
    """Compare how parameters moved with a direction of the same shape; the sign and size of the step do not matter."""
    holds = change.array is not None and parallel(change.array, direction, change.before)
    step = -change.learning_rate * direction
    return Comparison(change.name, holds, lambda: _shown(change, step, (change.before,)))


def shapes(**pairs: tuple[Returned, tuple[int, ...]]) -> Comparison:
    """Compare results, by name, with the shapes that they should have; all their numbers should be finite."""
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
