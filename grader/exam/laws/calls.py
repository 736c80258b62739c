"""The calls of ``Layer.backward``: what each was given and what it did."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from grader.candidate.replies import BackwardReply, Returned, StepReply
from grader.exam.laws.comparison import Change, Result
from grader.exam.laws.tolerance import largest
from grader.exam.questions.cases import BackwardCase, Step, column

__all__ = ["BackwardAnswer", "BackwardCall", "Rule"]

Floats = NDArray[np.float64]

_LEAST_SIZE, _LARGEST_SIZE = 1e-3, 1e3
"""Between these times the size of ``da``, a carried-forward ``dz`` counts (EXERCISE: rule 2)."""
_LEAST_SINGULAR_VALUE = 0.2


class Rule(Enum):
    """The ways to read off which ``dz`` a submission used, each with what to call that one."""

    TRUE = "dz"
    BIASES = "dz, read off the change of the biases"
    WEIGHTS = "dz, read off the change of the weights"
    DA_PREV = "dz, read off da_prev"


@dataclass(frozen=True, eq=False)
class BackwardCall:
    """One call of ``backward`` after one of ``forward``, and what it did."""

    case: BackwardCase
    step: Step
    number: int
    """The call's place among the case's calls, from 1."""
    reply: StepReply

    @property
    def n_inputs(self) -> int:
        """The number of the layer's inputs."""
        return self.case.n_inputs

    @property
    def n_neurons(self) -> int:
        """The number of the layer's neurons."""
        return self.case.n_neurons

    @property
    def weights(self) -> Floats:
        """``W`` in the forward pass, of shape ``(n_neurons, n_inputs)``."""
        return self.case.weight_matrix

    @property
    def biases(self) -> Floats:
        """``b`` in the forward pass, of shape ``(n_neurons, 1)``."""
        return self.case.bias_column

    @cached_property
    def a_prev(self) -> Floats:
        """The inputs, of shape ``(n_inputs, 1)``."""
        return column(self.step.inputs)

    @cached_property
    def da(self) -> Floats:
        """The gradient handed in, of shape ``(n_neurons, 1)``."""
        return column(self.step.da)

    @property
    def slope(self) -> Floats:
        """``f′(z)``, of shape ``(n_neurons, 1)``."""
        return self.case.function.derivative(self.case.z(self.step))

    @property
    def learning_rate(self) -> float:
        """The learning rate handed in."""
        return self.step.learning_rate

    @cached_property
    def change_of_weights(self) -> Change:
        """The weights after the call less those before."""
        after = self.reply.weights.shaped(self.n_neurons, self.n_inputs)
        return self._change("weights", "change of the weights", self.reply.weights, after, self.weights)

    @cached_property
    def change_of_biases(self) -> Change:
        """The biases after the call less those before; their shape may differ if their number is right."""
        after = self.reply.biases.reshaped(self.n_neurons, 1)
        return self._change("biases", "change of the biases", self.reply.biases, after, self.biases)

    def _change(
        self, name: str, label: str, returned: Returned, after: Floats | None, before: Floats
    ) -> Change:
        change = None if after is None else after - before
        return Change(name, change, returned, label, before=before, learning_rate=self.learning_rate)

    @cached_property
    def da_prev(self) -> Result:
        """The numbers returned, as a column of ``n_inputs``."""
        return Result("da_prev", self.reply.da_prev.reshaped(self.n_inputs, 1), self.reply.da_prev)

    @property
    def results(self) -> tuple[Result, Result, Result]:
        """All that the call left."""
        return self.da_prev, self.change_of_biases, self.change_of_weights

    @cached_property
    def true_dz(self) -> Floats:
        """``da ⊙ f′(z)``, of shape ``(n_neurons, 1)``."""
        return self.da * self.slope

    @cached_property
    def is_dead(self) -> bool:
        """Whether nothing moved and zeros came back."""
        return all(result.array is not None and not result.array.any() for result in self.results)

    @property
    def has_several_neurons(self) -> bool:
        """Whether mistakes of structure show in the neurons: there are several, with different ``da``."""
        return len(set(self.step.da)) > 1

    @property
    def has_several_of_both(self) -> bool:
        """Whether mistakes of structure show in neurons and inputs: several of both, with different numbers."""
        return self.has_several_neurons and len({abs(x) for x in self.step.inputs}) > 1

    def dz(self, rule: Rule) -> Floats | None:
        """Return the ``dz`` that ``rule`` reads off, of shape ``(n_neurons, 1)``; ``None`` if it cannot."""
        if rule is Rule.TRUE:
            return self.true_dz
        dz = self._own_dz(rule)
        if dz is None or not _LEAST_SIZE <= largest(dz) / largest(self.da) <= _LARGEST_SIZE:
            return None
        return dz

    def _own_dz(self, rule: Rule) -> Floats | None:
        rate, x = self.learning_rate, self.a_prev
        weights, biases, da_prev = self.change_of_weights, self.change_of_biases, self.da_prev
        if rule is Rule.BIASES:
            return None if biases.array is None else -biases.array / rate
        if rule is Rule.WEIGHTS:
            return None if weights.array is None else -weights.array @ x / (rate * (x * x).sum())
        if da_prev.array is None or not self.da_prev_tells_dz:
            return None
        solution: Floats = np.linalg.lstsq(self.weights.T, da_prev.array, rcond=None)[0].astype(np.float64)
        return solution

    @cached_property
    def da_prev_tells_dz(self) -> bool:
        """Whether ``Wᵀ·dz`` has one solution ``dz``, and a stable one."""
        if self.n_neurons > self.n_inputs:
            return False
        values = np.linalg.svd(self.weights, compute_uv=False)
        return bool(values.min() >= _LEAST_SINGULAR_VALUE)


@dataclass(frozen=True)
class BackwardAnswer:
    """What was seen of one case: its calls that returned, and whether one raised something."""

    case: BackwardCase
    reply: BackwardReply

    @cached_property
    def calls(self) -> tuple[BackwardCall, ...]:
        """The calls that returned."""
        pairs = zip(self.case.steps, self.reply.steps, strict=False)
        return tuple(BackwardCall(self.case, step, i, reply) for i, (step, reply) in enumerate(pairs, 1))
