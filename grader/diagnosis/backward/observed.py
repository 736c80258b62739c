"""What a submission did in all calls, the ``dz`` of a formula in them, and what explains a result."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from grader.diagnosis.backward.call import Call
from grader.diagnosis.backward.formulas import RIGHT_DZ, Formula

__all__ = ["Match", "Observed", "OwnDz", "is_dominated", "is_same", "text_of"]

Floats = NDArray[np.float64]

_SEVERAL = 2
_LENGTH = 200
"""Characters of an exception's text that are compared."""
_NO_DZ = np.zeros((0, 0))
"""What formulas for ``dz`` are given as their ``dz``."""


class Observed:
    """All calls of one submission: those that returned, and those that raised."""

    def __init__(self, calls: Sequence[Call], tolerance: float) -> None:
        self.returned = [call for call in calls if call.reply is not None]
        self.raised = [call for call in calls if call.raised is not None]
        self.tolerance = tolerance

    @cached_property
    def trials(self) -> list[int]:
        """A few calls that tell most formulas apart, by their indices among those that returned."""

        def hides(i: int) -> tuple[bool, ...]:
            call = self.returned[i]
            few = min(call.case.size) < _SEVERAL
            return (few, bool(call.earlier), call.rate in {0.0, 1.0}, call.case.activation != "sigmoid")

        ranked = sorted(range(len(self.returned)), key=hides)
        square = [i for i in ranked if self.returned[i].n_inputs == self.returned[i].n_neurons]
        oblong = [i for i in ranked if self.returned[i].n_inputs != self.returned[i].n_neurons]
        unseen = [i for i in ranked if not self.returned[i].has_given_activation]
        return list(dict.fromkeys([*oblong[:2], *square[:1], *unseen[:1], *ranked[:4]]))

    def raising(self, texts: Mapping[int, Collection[str]]) -> frozenset[int]:
        """Return the calls that raised, by their indices, in which the exception has one of ``texts``."""
        return frozenset(
            i
            for i, expected in texts.items()
            if (raised := self.raised[i].raised) is not None
            and raised.type == ValueError.__name__
            and raised.text in expected
        )


class OwnDz:
    """The ``dz`` that a formula gives in each call, computed when it is asked for."""

    def __init__(self, observed: Observed, formula: Formula) -> None:
        self.formula = formula
        self._observed = observed
        self._values: dict[int, Floats | None] = {}

    def value(self, i: int) -> Floats | None:
        """Return the ``dz`` in the i-th call that returned; ``None`` if the formula raises there."""
        if i not in self._values:
            try:
                self._values[i] = self.formula.compute(self._observed.returned[i], _NO_DZ)
            except ValueError:
                self._values[i] = None
        return self._values[i]

    @cached_property
    def is_possible(self) -> bool:
        """Whether the formula raises in no call that returned."""
        return all(self.value(i) is not None for i in range(len(self._observed.returned)))

    @cached_property
    def raised(self) -> Sequence[Floats | str]:
        """The ``dz`` in the calls that raised; the text of the exception if the formula raises there."""
        values: list[Floats | str] = []
        for call in self._observed.raised:
            try:
                values.append(self.formula.compute(call, _NO_DZ))
            except ValueError as error:
                values.append(text_of(error))
        return values

    @cached_property
    def raises(self) -> frozenset[int]:
        """The calls that raised in which the formula would have raised just so."""
        return self._observed.raising(
            {i: (own,) for i, own in enumerate(self.raised) if isinstance(own, str)}
        )

    @cached_property
    def tells(self) -> frozenset[int]:
        """The calls that returned in which this is not the right ``dz``."""
        if self.formula is RIGHT_DZ:
            return frozenset()
        tolerance = self._observed.tolerance
        return frozenset(
            i
            for i, call in enumerate(self._observed.returned)
            if not is_same(self.value(i), call.da * call.slope, tolerance)
        )


@dataclass(frozen=True, eq=False)
class Match:
    """What explains one result in all calls that returned, and some of the exceptions."""

    mistakes: Mapping[str, str]
    """Each with what it belongs to: the ``formula``, the ``step`` or the ``shape``."""
    seen: str
    """The formula: ``d_weights = a_prev · dzᵀ``."""
    step: str = ""
    """The step, if it is wrong: ``W ← W + learning_rate · d_weights``."""
    factor: str = ""
    """What the gradient is multiplied by besides the sign and the learning rate of the right step: ``2 · ``."""
    raises: frozenset[int] = frozenset()
    """The calls that raised in which this would have raised just so."""
    tells: frozenset[int] = frozenset()
    """The calls in which the result is not the right one for this ``dz``."""
    is_gradient: bool = True
    """Whether something was computed; false if nothing was done or returned."""


def is_dominated(mistakes: Collection[str], raises: frozenset[int], known: Iterable[Match]) -> bool:
    """Tell whether one of the matches that are ``known`` explains as much by no more than these mistakes."""
    return any(match.mistakes.keys() <= set(mistakes) and raises <= match.raises for match in known)


def text_of(error: ValueError) -> str:
    """Return the text of an exception as a reply has it."""
    return " ".join(str(error).split())[:_LENGTH]


def is_same(seen: Floats | None, due: Floats | None, tolerance: float) -> bool:
    """Tell whether two arrays have one shape and the same numbers."""
    if seen is None or due is None or seen.shape != due.shape:
        return False
    return bool(
        np.abs(seen - due).max(initial=0.0) <= tolerance * max(1.0, float(np.abs(due).max(initial=0.0)))
    )
