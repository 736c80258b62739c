"""The calls of ``Layer.backward``: what each was given and what it did."""

from __future__ import annotations

from enum import Enum
from functools import cached_property

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from grader.candidate.replies import BackwardReply, Returned, StepReply
from grader.exam.laws.comparison import Change, Result
from grader.exam.laws.tolerance import largest
from grader.exam.questions.cases import BackwardCase, Step, column

__all__ = ["BackwardAnswer", "BackwardCall", "Rule"]

Floats = NDArray[np.float64]

_LEAST_SIZE, _LARGEST_SIZE = 1e-3, 1e3
"""A carried-forward ``dz`` counts if it is between so many times as large as ``da`` (docs/criteria.md)."""
_LEAST_SINGULAR_VALUE = 0.2


class Rule(Enum):
    """The ways to tell which ``dz`` a submission used, each with what a finding calls this ``dz``."""

    TRUE = "dz"
    BIASES = "dz, read off the change of the biases"
    WEIGHTS = "dz, read off the change of the weights"
    DA_PREV = "dz, read off da_prev"


class BackwardCall:
    """One call of ``backward`` after one of ``forward``, and what it did.

    ``weights`` (n_neurons, n_inputs) and ``biases`` (n_neurons, 1) are those of the forward pass, ``a_prev``
    (n_inputs, 1) are its inputs, ``slope`` (n_neurons, 1) is ``f′(z)``. ``da`` (n_neurons, 1) and ``learning_rate``
    are the arguments of ``backward``. ``number`` is the call's place among the case's calls, from 1.
    """

    def __init__(self, case: BackwardCase, step: Step, number: int, reply: StepReply) -> None:
        self.case, self.step, self.number, self.reply = case, step, number, reply
        self.n_inputs, self.n_neurons = case.size
        self.weights, self.biases = case.weight_matrix, case.bias_column
        self.a_prev, self.da, self.learning_rate = column(step.inputs), column(step.da), step.learning_rate
        self.slope = case.function.derivative(case.z(step))
        self.true_dz = self.da * self.slope
        self.da_prev = Result("da_prev", reply.da_prev.reshaped(self.n_inputs, 1), reply.da_prev)
        weights = reply.weights.shaped(self.n_neurons, self.n_inputs)
        biases = reply.biases.reshaped(self.n_neurons, 1)
        self.change_of_weights = self._change("weights", self.weights, weights, reply.weights)
        self.change_of_biases = self._change("biases", self.biases, biases, reply.biases)
        self.results = (self.da_prev, self.change_of_biases, self.change_of_weights)

    def _change(self, name: str, before: Floats, after: Floats | None, returned: Returned) -> Change:
        change, label = None if after is None else after - before, f"change of the {name}"
        return Change(name, change, returned, label, before=before, learning_rate=self.learning_rate)

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
        """Return the ``dz`` that ``rule`` finds, of shape ``(n_neurons, 1)``; ``None`` if it finds none."""
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
        """Whether ``Wᵀ·dz = da_prev`` has one solution ``dz``, and a stable one."""
        if self.n_neurons > self.n_inputs:
            return False
        values = np.linalg.svd(self.weights, compute_uv=False)
        return bool(values.min() >= _LEAST_SINGULAR_VALUE)


class BackwardAnswer(Struct, frozen=True, dict=True):
    """What a submission did in one case: the calls that returned, and the exception that ended it, if any."""

    case: BackwardCase
    reply: BackwardReply

    @cached_property
    def calls(self) -> tuple[BackwardCall, ...]:
        """The calls that returned."""
        pairs = zip(self.case.steps, self.reply.steps, strict=False)
        return tuple(BackwardCall(self.case, step, i, reply) for i, (step, reply) in enumerate(pairs, 1))
