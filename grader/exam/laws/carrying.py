"""Carry errors forward in ``Layer.backward``: find which ``dz`` a submission used, and what holds for it.

If a submission's ``dz`` is wrong, all laws but those of ``backward.dz`` are judged with the ``dz`` that it used. One of
four rules (``Rule``) finds this ``dz`` in all cases. A rule counts if two of weights, biases and ``da_prev`` agree with
it; for the true ``dz`` one is enough. The rule that loses the fewest points is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from msgspec import Struct, field
from numpy.typing import NDArray

from grader.exam.laws.calls import BackwardCall, Rule
from grader.exam.laws.comparison import Comparison

__all__ = ["DIRECTIONS", "PARAMETERS", "Formula", "Reading", "judged", "read", "right_somewhere"]

Floats = NDArray[np.float64]
Formula = Callable[[BackwardCall, Floats], Sequence[Comparison]]
"""Takes a call and its ``dz``, and returns what the law compares."""

_CRITERIA = ("dz", "weights", "biases", "da_prev", "update")
DIRECTIONS = ("weights", "biases", "da_prev")
"""The results that tell a ``dz``."""
PARAMETERS = ("weights", "biases")
"""The results that move; ``backward.update`` judges the sign and the size."""
_TWO = 2
"""How many results must agree on a ``dz`` that is carried forward."""
_ROUNDING = 1e-6
"""Sizes that differ by a smaller fraction are those of one constant, read off with rounding in float32."""


class Reading(Struct, frozen=True):
    """What holds for the given activations with the ``dz`` that ``rule`` finds.

    The methods return results by which a law may be judged; if they return none, the law is skipped.
    """

    rule: Rule
    holds: frozenset[str] = field(default=frozenset())
    """Out of ``weights``, ``biases``, ``da_prev``, ``update`` and ``dz``."""

    def moving(self) -> tuple[str, ...]:
        """Return the parameters that move along their gradient."""
        return tuple(name for name in PARAMETERS if name in self.holds)

    def moving_along_true_dz(self) -> tuple[str, ...]:
        """Return the parameters that move along their true gradient: another ``dz`` may depend on the learning rate."""
        return self.moving() if self.rule is Rule.TRUE else ()

    def right(self) -> tuple[str, ...]:
        """Return the results that are right, if ``dz`` is."""
        return tuple(name for name in DIRECTIONS if name in self.holds) if "dz" in self.holds else ()

    def first_right(self) -> tuple[str, ...]:
        """Return one of the results that are right, if ``dz`` is."""
        return tuple(name for name in ("da_prev", "biases", "weights") if name in self.right())[:1]


def judged(calls: Iterable[BackwardCall], rule: Rule) -> list[tuple[BackwardCall, Floats]]:
    """Return the calls in which ``rule`` finds a ``dz``, each with this ``dz``."""
    return [(call, dz) for call in calls if not call.is_dead and (dz := call.dz(rule)) is not None]


def read(
    calls: Sequence[BackwardCall], formulas: Mapping[str, Formula], points: Mapping[str, float]
) -> Reading:
    """Return the reading that loses the fewest of ``points``; on ties, that of the true ``dz``."""
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
        name
        for name in DIRECTIONS
        if enough[name] and all(compared.holds for pair in pairs for compared in formulas[name](*pair))
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
    """Return the calls in which ``rule`` finds a ``dz``; none at all if they are fewer than half."""
    eligible = [call for call in calls if rule is not Rule.DA_PREV or call.da_prev_tells_dz]
    pairs = judged(eligible, rule)
    return pairs if 2 * len(pairs) >= len(eligible) else []


def right_somewhere(calls: Iterable[BackwardCall], formula: Formula) -> bool:
    """Tell whether something that ``formula`` compares is right in two calls, and not by luck.

    The two have several neurons and inputs, and numbers of different size in ``dz``, so that no constant is right. If
    the true ``dz`` is ``da`` itself, a call shows nothing about it.
    """
    telling = [call for call in calls if call.has_several_of_both and not call.is_dead]
    return any(sum(_is_right(call, formula, rule) for call in telling) >= _TWO for rule in Rule)


def _is_right(call: BackwardCall, formula: Formula, rule: Rule) -> bool:
    if rule is Rule.TRUE and np.array_equal(call.true_dz, call.da):
        return False
    dz = call.dz(rule)
    sizes = np.abs(dz[dz != 0.0]) if dz is not None else np.zeros(0)
    if dz is None or sizes.size < _TWO or sizes.max() - sizes.min() <= _ROUNDING * sizes.max():
        return False
    holding = sum(comparison.holds for comparison in formula(call, dz))
    return holding >= (1 if rule is Rule.TRUE else _TWO)
