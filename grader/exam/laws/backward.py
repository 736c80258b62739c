"""The laws of ``Layer.backward``, with errors carried forward.

A submission whose ``dz`` is wrong is judged, in all but ``backward.dz``, with the ``dz`` that it used. That is
read off what it did, by one of four rules (``Rule``) that must serve all cases; a rule counts where two of
weights, biases and ``da_prev`` agree with it (for the true ``dz``, where one does), and the one that loses the
fewest points is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from grader.candidate.replies import BackwardReply, StepReply
from grader.exam.laws.tolerance import close, largest, parallel
from grader.exam.questions.cases import BackwardCase, Step, column

__all__ = [
    "LAWS",
    "Observation",
    "Reading",
    "Rule",
    "Sighting",
    "failing_sizes",
    "observations",
    "read",
    "right_somewhere",
]

Floats = NDArray[np.float64]

_CRITERIA = ("dz", "weights", "biases", "da_prev", "update")
_LEAST_SIZE, _LARGEST_SIZE = 1e-3, 1e3
"""Between these times the size of ``da``, a carried-forward ``dz`` counts (EXERCISE: rule 2)."""
_LEAST_SINGULAR_VALUE = 0.2
_TWO = 2
"""So many values agree on a ``dz`` that is carried forward."""


class Rule(Enum):
    """The ways to read off which ``dz`` a submission used."""

    TRUE = "da ⊙ f′(z)"
    BIASES = "the movement of the biases"
    WEIGHTS = "the movement of the weights"
    DA_PREV = "the gradient returned"


@dataclass(frozen=True, eq=False)
class Observation:
    """One call of ``backward`` and what it did."""

    case: BackwardCase
    step: Step
    number: int
    """The call's place among the case's calls, from 1."""
    reply: StepReply

    @property
    def da(self) -> Floats:
        """``da``, of shape ``(n_neurons, 1)``."""
        return column(self.step.da)

    @property
    def inputs(self) -> Floats:
        """``a_prev``, of shape ``(n_inputs, 1)``."""
        return column(self.step.inputs)

    @cached_property
    def true_dz(self) -> Floats:
        """``da ⊙ f′(z)``, of shape ``(n_neurons, 1)``."""
        return self.case.dz(self.step)

    @cached_property
    def weights_moved(self) -> Floats | None:
        """The weights after the call less those before, or none where their shape is lost."""
        after = self.reply.weights.shaped(self.case.n_neurons, self.case.n_inputs)
        return None if after is None else after - self.case.weight_matrix

    @cached_property
    def biases_moved(self) -> Floats | None:
        """The biases after the call less those before, or none where their number is lost."""
        after = self.reply.biases.reshaped(self.case.n_neurons, 1)
        return None if after is None else after - self.case.bias_column

    @cached_property
    def da_prev(self) -> Floats | None:
        """The numbers returned, as a column, or none where their number is not ``n_inputs``."""
        return self.reply.da_prev.reshaped(self.case.n_inputs, 1)

    @cached_property
    def is_dead(self) -> bool:
        """Whether nothing moved and zeros came back."""
        arrays = (self.weights_moved, self.biases_moved, self.da_prev)
        return all(array is not None and not array.any() for array in arrays)

    @property
    def has_several_neurons(self) -> bool:
        """Whether mistakes of structure show in the neurons: there are several, with different ``da``."""
        return len(set(self.step.da)) > 1

    @property
    def has_several_of_both(self) -> bool:
        """Whether mistakes of structure show in neurons and inputs: several of both, with different numbers."""
        return self.has_several_neurons and len({abs(x) for x in self.step.inputs}) > 1

    @property
    def keeps_shapes(self) -> bool:
        """Whether ``da_prev``, weights and biases are real, finite and of their shapes."""
        n_inputs, n_neurons = self.case.n_inputs, self.case.n_neurons
        return (
            self.reply.da_prev.shaped(n_inputs, 1) is not None
            and self.reply.weights.shaped(n_neurons, n_inputs) is not None
            and self.reply.biases.shaped(n_neurons, 1) is not None
        )

    def dz(self, rule: Rule) -> Floats | None:
        """Return the ``dz`` that ``rule`` reads off, of shape ``(n_neurons, 1)``; none where it cannot."""
        if rule is Rule.TRUE:
            return self.true_dz
        dz = self._own_dz(rule)
        if dz is None or not _LEAST_SIZE <= _size(dz) / _size(self.da) <= _LARGEST_SIZE:
            return None
        return dz

    def _own_dz(self, rule: Rule) -> Floats | None:
        rate, x = self.step.learning_rate, self.inputs
        if rule is Rule.BIASES:
            return None if self.biases_moved is None else -self.biases_moved / rate
        if rule is Rule.WEIGHTS:
            return None if self.weights_moved is None else -self.weights_moved @ x / (rate * (x * x).sum())
        if self.da_prev is None or not self.da_prev_tells_dz:
            return None
        solution: Floats = np.linalg.lstsq(self.case.weight_matrix.T, self.da_prev, rcond=None)[0].astype(
            np.float64
        )
        return solution

    @cached_property
    def da_prev_tells_dz(self) -> bool:
        """Whether ``Wᵀ·dz`` has one solution ``dz``, and a stable one."""
        if self.case.n_neurons > self.case.n_inputs:
            return False
        values = np.linalg.svd(self.case.weight_matrix, compute_uv=False)
        return bool(values.min() >= _LEAST_SINGULAR_VALUE)


@dataclass(frozen=True)
class Sighting:
    """What was seen of one case: its calls that returned, and whether one raised."""

    case: BackwardCase
    reply: BackwardReply

    @cached_property
    def observations(self) -> tuple[Observation, ...]:
        """The calls that returned."""
        pairs = zip(self.case.steps, self.reply.steps, strict=False)
        return tuple(Observation(self.case, step, i, reply) for i, (step, reply) in enumerate(pairs, 1))


def failing_sizes(sightings: Iterable[Sighting]) -> frozenset[tuple[int, int]]:
    """Return the sizes (n_inputs, n_neurons) of the layers that raised."""
    return frozenset(sighting.case.size for sighting in sightings if sighting.reply.raised is not None)


def observations(sightings: Sequence[Sighting]) -> list[Observation]:
    """Return all calls on layers of the sizes at which none raised."""
    failing = failing_sizes(sightings)
    return [seen for s in sightings if s.case.size not in failing for seen in s.observations]


def _weights_along(seen: Observation, dz: Floats) -> bool:
    moved = seen.weights_moved
    return moved is not None and parallel(moved, dz @ seen.inputs.T, seen.case.weight_matrix)


def _biases_along(seen: Observation, dz: Floats) -> bool:
    moved = seen.biases_moved
    return moved is not None and parallel(moved, dz, seen.case.bias_column)


def _da_prev_equals(seen: Observation, dz: Floats) -> bool:
    weights = seen.case.weight_matrix
    return seen.da_prev is not None and close(seen.da_prev, weights.T @ dz, np.abs(weights).T @ np.abs(dz))


def _weights_step(seen: Observation, dz: Floats) -> bool:
    moved, step = seen.weights_moved, -seen.step.learning_rate * dz @ seen.inputs.T
    return moved is not None and close(moved, step, seen.case.weight_matrix)


def _biases_step(seen: Observation, dz: Floats) -> bool:
    moved, step = seen.biases_moved, -seen.step.learning_rate * dz
    return moved is not None and close(moved, step, seen.case.bias_column)


Law = Callable[[Observation, Floats], bool]
LAWS: Mapping[str, Law] = {"weights": _weights_along, "biases": _biases_along, "da_prev": _da_prev_equals}
"""The three that each see a ``dz``."""
STEPS: Mapping[str, Law] = {"weights": _weights_step, "biases": _biases_step}
"""The two whose sign and size ``backward.update`` judges."""


@dataclass(frozen=True)
class Reading:
    """What holds on the given activations when ``dz`` is read by ``rule``."""

    rule: Rule
    holds: frozenset[str] = field(default=frozenset())
    """Out of ``weights``, ``biases``, ``da_prev``, ``update`` and ``dz``."""

    @property
    def directions(self) -> tuple[str, ...]:
        """The laws that agree with this ``dz``."""
        return tuple(name for name in LAWS if name in self.holds)

    @property
    def moving(self) -> tuple[str, ...]:
        """The parameters that move along their gradient."""
        return tuple(name for name in STEPS if name in self.holds)


def judged(seen: Sequence[Observation], rule: Rule) -> list[tuple[Observation, Floats]]:
    """Return the calls that ``rule`` can judge, each with its ``dz``; none at all where fewer than half remain."""
    eligible = [o for o in seen if rule is not Rule.DA_PREV or o.da_prev_tells_dz]
    pairs = [(o, dz) for o in eligible if not o.is_dead and (dz := o.dz(rule)) is not None]
    return pairs if 2 * len(pairs) >= len(eligible) else []


def read(seen: Sequence[Observation], points: Mapping[str, float]) -> Reading:
    """Return the reading that loses the fewest of ``points``, the true ``dz`` on ties."""
    best = _reading(seen, Rule.TRUE)
    if _lost(best, points) == 0:
        return best
    return min(
        [best, *(_reading(seen, rule) for rule in Rule if rule is not Rule.TRUE)],
        key=lambda r: _lost(r, points),
    )


def _lost(reading: Reading, points: Mapping[str, float]) -> float:
    return sum(points[name] for name in _CRITERIA if name not in reading.holds)


def _reading(seen: Sequence[Observation], rule: Rule) -> Reading:
    pairs = judged(seen, rule)
    wide = any(o.has_several_neurons for o, _ in pairs)
    square = any(o.has_several_of_both for o, _ in pairs)
    enough = {"weights": square, "biases": wide, "da_prev": square}
    holds = {n for n, law in LAWS.items() if enough[n] and all(law(o, dz) for o, dz in pairs)}
    if len(holds) < (1 if rule is Rule.TRUE else _TWO):
        return Reading(rule)
    if rule is Rule.TRUE and not any(o.is_dead for o in seen):
        holds.add("dz")
    moving = [law for name, law in STEPS.items() if name in holds]
    if moving and all(law(o, dz) for law in moving for o, dz in pairs):
        holds.add("update")
    return Reading(rule, frozenset(holds))


def right_somewhere(seen: Iterable[Observation]) -> bool:
    """Tell whether a law other than that of the shapes holds in calls that constants do not get right by luck.

    Those are two calls, of several neurons and inputs, with numbers of different size in ``dz``.
    """
    telling = [o for o in seen if o.has_several_of_both and not o.is_dead]
    return any(sum(_is_right(o, rule) for o in telling) >= _TWO for rule in Rule)


def _is_right(seen: Observation, rule: Rule) -> bool:
    dz = seen.dz(rule)
    if dz is None or len(set(np.abs(dz[dz != 0.0]).tolist())) < _TWO:
        return False
    return sum(law(seen, dz) for law in LAWS.values()) >= (1 if rule is Rule.TRUE else _TWO)


def _size(array: Floats) -> float:
    return largest(array)
