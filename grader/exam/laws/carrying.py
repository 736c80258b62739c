"""Errors carried forward in ``Layer.backward``: which ``dz`` a submission used, and what holds for that one.

A submission whose ``dz`` is wrong is judged, in all but ``backward.dz``, with the ``dz`` that it used. That is
read off what it did, by one of four rules (``Rule``) that must serve all cases. A rule counts if two of
weights, biases and ``da_prev`` agree with it (for the true ``dz``, if one does), and the one that loses the
fewest points is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from grader.exam.laws.calls import BackwardCall, Rule
from grader.exam.laws.comparison import Comparison

__all__ = ["DIRECTIONS", "PARAMETERS", "Formula", "Reading", "judged", "read", "right_somewhere"]

Floats = NDArray[np.float64]
Formula = Callable[[BackwardCall, Floats], Sequence[Comparison]]
"""What a law says of a call, if its ``dz`` is the second argument."""

_CRITERIA = ("dz", "weights", "biases", "da_prev", "update")
DIRECTIONS = ("weights", "biases", "da_prev")
"""The three laws that each see a ``dz``."""
PARAMETERS = ("weights", "biases")
"""What moves; ``backward.update`` judges the sign and the size."""
_TWO = 2
"""So many values agree on a ``dz`` that is carried forward."""


@dataclass(frozen=True)
class Reading:
    """What holds on the given activations if ``dz`` is read by ``rule``."""

    rule: Rule
    holds: frozenset[str] = field(default=frozenset())
    """Out of ``weights``, ``biases``, ``da_prev``, ``update`` and ``dz``."""

    @property
    def directions(self) -> tuple[str, ...]:
        """The laws that agree with this ``dz``."""
        return tuple(name for name in DIRECTIONS if name in self.holds)

    @property
    def moving(self) -> tuple[str, ...]:
        """The parameters that move along their gradient."""
        return tuple(name for name in PARAMETERS if name in self.holds)


def judged(calls: Iterable[BackwardCall], rule: Rule) -> list[tuple[BackwardCall, Floats]]:
    """Return the calls that ``rule`` can judge, each with its ``dz``."""
    return [(call, dz) for call in calls if not call.is_dead and (dz := call.dz(rule)) is not None]


def read(
    calls: Sequence[BackwardCall], formulas: Mapping[str, Formula], points: Mapping[str, float]
) -> Reading:
    """Return the reading that loses the fewest of ``points``, the true ``dz`` on ties."""
    best = _reading(calls, formulas, Rule.TRUE)
    if _lost(best, points) == 0:
        return best
    others = [_reading(calls, formulas, rule) for rule in Rule if rule is not Rule.TRUE]
    return min([best, *others], key=lambda reading: _lost(reading, points))


def _lost(reading: Reading, points: Mapping[str, float]) -> float:
    return sum(points[name] for name in _CRITERIA if name not in reading.holds)


def _reading(calls: Sequence[BackwardCall], formulas: Mapping[str, Formula], rule: Rule) -> Reading:
    pairs = _most(calls, rule)
    wide = any(call.has_several_neurons for call, _ in pairs)
    square = any(call.has_several_of_both for call, _ in pairs)
    enough = {"weights": square, "biases": wide, "da_prev": square}
    holds = {
        name for name in DIRECTIONS if enough[name] and all(_holds(formulas[name], *pair) for pair in pairs)
    }
    if len(holds) < (1 if rule is Rule.TRUE else _TWO):
        return Reading(rule)
    if rule is Rule.TRUE and not any(call.is_dead for call in calls):
        holds.add("dz")
    moving = [name for name in PARAMETERS if name in holds]
    steps = [step for pair in pairs for step in formulas["update"](*pair) if step.name in moving]
    if moving and all(step.holds for step in steps):
        holds.add("update")
    return Reading(rule, frozenset(holds))


def _most(calls: Sequence[BackwardCall], rule: Rule) -> list[tuple[BackwardCall, Floats]]:
    """Return the calls that ``rule`` can judge; none at all if they are fewer than half."""
    eligible = [call for call in calls if rule is not Rule.DA_PREV or call.da_prev_tells_dz]
    pairs = judged(eligible, rule)
    return pairs if 2 * len(pairs) >= len(eligible) else []


def _holds(formula: Formula, call: BackwardCall, dz: Floats) -> bool:
    return all(comparison.holds for comparison in formula(call, dz))


def right_somewhere(calls: Iterable[BackwardCall], formula: Formula) -> bool:
    """Tell whether something that ``formula`` says holds in calls that constants do not get right by luck.

    Those are two calls, of several neurons and inputs, with numbers of different size in ``dz``.
    """
    telling = [call for call in calls if call.has_several_of_both and not call.is_dead]
    return any(sum(_is_right(call, formula, rule) for call in telling) >= _TWO for rule in Rule)


def _is_right(call: BackwardCall, formula: Formula, rule: Rule) -> bool:
    dz = call.dz(rule)
    if dz is None or len(set(np.abs(dz[dz != 0.0]).tolist())) < _TWO:
        return False
    holding = sum(comparison.holds for comparison in formula(call, dz))
    return holding >= (1 if rule is Rule.TRUE else _TWO)
