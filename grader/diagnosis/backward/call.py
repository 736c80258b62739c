"""The calls of ``backward`` that a submission's mistakes are read from."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from grader.candidate.replies import Raised, Returned, StepReply
from grader.exam.answers import BackwardAnswers
from grader.exam.laws.calls import BackwardAnswer
from grader.exam.questions.cases import BackwardCase, Step, column
from grader.protocol.activations import GIVEN

__all__ = ["Call", "NotKnownError", "calls_of"]

Floats = NDArray[np.float64]


class NotKnownError(ValueError):
    """What a formula needs is not known of a call."""


class Call:
    """One call of ``backward``: what it was given, by the names of the task sheet, and what it did.

    ``W`` (n_neurons, n_inputs), ``b``, ``z``, ``a``, ``slope`` = ``f′(z)`` and ``da`` (n_neurons, 1), ``a_prev``
    (n_inputs, 1). ``reply`` is ``None`` and ``raised`` an exception if the call did not return. ``earlier`` are the
    calls before it on the same layer.
    """

    def __init__(
        self,
        case: BackwardCase,
        step: Step,
        reply: StepReply | None,
        raised: Raised | None,
        earlier: tuple[Call, ...],
    ) -> None:
        self.case, self.reply, self.raised, self.earlier = case, reply, raised, earlier
        self.n_inputs, self.n_neurons = case.size
        self.W, self.b, self.f = case.weight_matrix, case.bias_column, case.function
        self.a_prev, self.da, self.rate = column(step.inputs), column(step.da), step.learning_rate
        self.z = case.z(step)

    @cached_property
    def slope(self) -> Floats:
        """``f′(z)``."""
        return self.f.derivative(self.z)

    @cached_property
    def a(self) -> Floats:
        """``f(z)``."""
        return self.f(self.z)

    def with_da(self, da: Floats) -> Call:
        """Return the same call with another ``da``."""
        other = copy(self)
        other.da = da
        return other

    def with_rate(self, rate: float) -> Call:
        """Return the same call with another learning rate."""
        other = copy(self)
        other.rate = rate
        return other

    def with_new_weights(self, array: Floats) -> Call:
        """Return the same call as it was after an update that made ``array`` of the weights."""
        other = copy(self)
        other.new_weights = array
        return other

    @property
    def has_given_activation(self) -> bool:
        """Whether the activation is one of those that students are given."""
        return self.case.activation in GIVEN

    @staticmethod
    def known(array: Floats | None) -> Floats:
        """Return ``array``; raises ``NotKnownError`` if there is none."""
        if array is None:
            raise NotKnownError
        return array

    @property
    def returned(self) -> Returned | None:
        """What ``backward`` returned; ``None`` if it raised."""
        return None if self.reply is None else self.reply.da_prev

    @cached_property
    def new_weights(self) -> Floats | None:
        """The weights after the call, in the shape that they have; ``None`` if they are not finite numbers."""
        return None if self.reply is None else self.reply.weights.array

    @cached_property
    def new_biases(self) -> Floats | None:
        """The biases after the call, in the shape that they have; ``None`` if they are not finite numbers."""
        return None if self.reply is None else self.reply.biases.array


def calls_of(answers: BackwardAnswers) -> list[Call]:
    """Return all calls of ``backward`` that the exam has seen, in order, with those that raised."""
    return [call for family in answers.families.values() for answer in family for call in _calls(answer)]


def _calls(answer: BackwardAnswer) -> Iterator[Call]:
    case, reply = answer.case, answer.reply
    earlier: tuple[Call, ...] = ()
    for step, done in zip(case.steps, reply.steps, strict=False):
        call = Call(case, step, done, None, earlier)
        earlier = (*earlier, call)
        yield call
    if reply.raised is not None and reply.during == "Layer.backward":
        yield Call(case, case.steps[len(reply.steps)], None, reply.raised, earlier)
