"""What a submission did in all calls, the ``dz`` of a formula in them, and what explains a result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from grader.diagnosis.backward.call import Call
from grader.diagnosis.backward.formulas import RIGHT_DZ, Formula

__all__ = ["Match", "Observed", "OwnDz", "is_same", "own_dz", "text_of"]

Floats = NDArray[np.float64]

_TRIALS = 3
_LARGE = 2
_LENGTH = 200
"""Characters of an exception's text that are compared."""


class Observed:
    """All calls of one submission: those that returned, and those that raised."""

    def __init__(self, calls: Sequence[Call], tolerance: float) -> None:
        self.returned = [call for call in calls if call.reply is not None]
        self.raised = [call for call in calls if call.raised is not None]
        self.tolerance = tolerance

    @cached_property
    def trials(self) -> list[int]:
        """A few calls that tell most formulas apart, by their indices among those that returned."""

        def telling(i: int) -> tuple[bool, ...]:
            call = self.returned[i]
            return (
                bool(call.earlier),
                call.rate in {0.0, 1.0},
                call.case.activation == "relu",
                min(call.case.size) < _LARGE,
                not call.has_given_activation,
            )

        ranked = sorted(range(len(self.returned)), key=telling)
        square = [i for i in ranked if self.returned[i].n_inputs == self.returned[i].n_neurons]
        oblong = [i for i in ranked if self.returned[i].n_inputs != self.returned[i].n_neurons]
        return sorted({*oblong[:2], *square[:1], *ranked[: _TRIALS - 2]})


@dataclass(frozen=True, eq=False)
class OwnDz:
    """The ``dz`` that a formula gives in each call."""

    formula: Formula
    values: Sequence[Floats]
    """In the calls that returned."""
    raised: Sequence[Floats | str]
    """In the calls that raised; the text of the exception if the formula raises there."""
    tells: frozenset[int]
    """The calls in which it is not the right ``dz``."""


@dataclass(frozen=True, eq=False)
class Match:
    """What explains one result in all calls that returned, and some of the exceptions."""

    mistakes: Mapping[str, str]
    """Each with what it belongs to: the formula (``of``), the step (``step``) or the shape (``shape``)."""
    seen: str
    """The formula: ``d_weights = a_prev · dzᵀ``."""
    step: str = ""
    """The step, if it is wrong: ``W ← W + learning_rate · d_weights``."""
    texts: Sequence[frozenset[str]] = ()
    """For each call that raised, the texts of the exceptions that this could have raised there."""
    tells: frozenset[int] = frozenset()
    """The calls in which the result is not the right one for this ``dz``."""
    factor: str = ""
    """What the gradient is multiplied by, if it is a wrong factor that ``dz`` may have brought along."""
    is_gradient: bool = True
    """Whether something was computed; false if nothing was done or returned."""


def own_dz(observed: Observed, formula: Formula, only: Sequence[int] | None = None) -> OwnDz | None:
    """Return the ``dz`` of ``formula``; ``None`` if it raises in a call that returned.

    ``only`` are the indices of the calls that returned that matter; the others get the value of the first.
    """
    values: list[Floats] = []
    chosen = set(range(len(observed.returned)) if only is None else only)
    for i, call in enumerate(observed.returned):
        if i not in chosen:
            values.append(_NOTHING)
            continue
        try:
            values.append(formula.compute(call, _NOTHING))
        except ValueError:
            return None
    if only is not None:
        return OwnDz(formula, values, (), frozenset())
    raised: list[Floats | str] = []
    for call in observed.raised:
        try:
            raised.append(formula.compute(call, _NOTHING))
        except ValueError as error:
            raised.append(text_of(error))
    tells = frozenset[int]()
    if formula is not RIGHT_DZ:
        tells = frozenset(
            i
            for i, (call, dz) in enumerate(zip(observed.returned, values, strict=True))
            if not is_same(dz, call.da * call.slope, observed.tolerance)
        )
    return OwnDz(formula, values, raised, tells)


_NOTHING = np.zeros((0, 0))


def text_of(error: ValueError) -> str:
    """Return the text of an exception as a reply has it."""
    return " ".join(str(error).split())[:_LENGTH]


def is_same(seen: Floats, due: Floats, tolerance: float) -> bool:
    """Tell whether two arrays have one shape and the same numbers."""
    if seen.shape != due.shape:
        return False
    return bool(np.abs(seen - due).max(initial=0.0) <= tolerance * max(1.0, float(np.abs(due).max(initial=0.0))))
