"""Read the log of a ``fit`` with probe layers: its forward passes and its training steps.

``fit`` is judged without the submission's ``backward``. A step is a run of ``backward`` calls without a ``forward``
between them, together with the forward pass before it. Forward passes without a step after them are allowed.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from math import isfinite

import numpy as np
from msgspec import Struct

from grader.candidate.replies import Call, FitReply
from grader.exam.laws.tolerance import FRACTION, close
from grader.exam.questions.cases import FitCase

__all__ = ["Pass", "Training", "TrainingStep", "nearly", "same"]


class Pass(Struct, frozen=True, eq=False):
    """A forward pass through all layers: what went in, and ŷ."""

    first: Call
    """The call of the first layer's ``forward``."""
    example: int | None
    """The number of the row of the training data that went in, from 0; ``None`` if something else did."""
    prediction: float


class TrainingStep(Struct, frozen=True, eq=False, dict=True):
    """The ``backward`` calls of one step, and the forward pass before them."""

    before: Pass | None
    calls: tuple[Call, ...]

    @property
    def example(self) -> int | None:
        """The number of the row of the training data that went forward; ``None`` if something else did."""
        return None if self.before is None else self.before.example

    @property
    def output_da(self) -> float | None:
        """The first ``da`` that went into the layers, or ``None`` if it was not a single number."""
        first = self.calls[0]
        return first.argument[0] if first.size == 1 and first.argument else None

    @cached_property
    def label(self) -> float | None:
        """The label that this step used: 1 if ``da`` is −1/ŷ, 0 if it is 1/(1−ŷ), otherwise ``None``."""
        if self.before is None or self.output_da is None:
            return None
        prediction = self.before.prediction
        if nearly(self.output_da, -1.0 / prediction):
            return 1.0
        return 0.0 if nearly(self.output_da, 1.0 / (1.0 - prediction)) else None


class Training(Struct, frozen=True, eq=False, dict=True):
    """One case of ``fit`` and what its log says."""

    case: FitCase
    reply: FitReply

    @cached_property
    def passes(self) -> list[Pass]:
        """The forward passes that went through all layers in order."""
        return [item for item in self.items if isinstance(item, Pass)]

    @cached_property
    def steps(self) -> list[TrainingStep]:
        """The steps, in order."""
        return [item for item in self.items if isinstance(item, TrainingStep)]

    @property
    def expected_steps(self) -> int:
        """One step for every example in every epoch."""
        return self.case.epochs * self.case.examples

    @cached_property
    def items(self) -> list[Pass | TrainingStep]:
        """The forward passes and the steps, in the order of the log."""
        items: list[Pass | TrainingStep] = []
        forwards: list[Call] = []
        run: list[Call] = []
        own: Pass | None = None
        for call in self.reply.calls:
            if call.is_backward:
                run.append(call)
                continue
            if run:
                items.append(TrainingStep(own, tuple(run)))
                run, own, forwards = [], None, []
            forwards = self._continued(forwards, call)
            if len(forwards) == len(self.case.sizes):
                own = Pass(forwards[0], self.row_of(forwards[0]), forwards[-1].returned[0])
                items.append(own)
                forwards = []
        if run:
            items.append(TrainingStep(own, tuple(run)))
        return items

    def _continued(self, forwards: list[Call], call: Call) -> list[Call]:
        """Return the calls of the forward pass that ``call`` continues or begins; none if it does neither."""
        if call.layer == 0:
            return [call]
        if forwards and call.layer == len(forwards) - 1 and same(call.argument, forwards[-1].argument):
            return forwards
        follows = forwards and call.layer == len(forwards) and same(call.argument, forwards[-1].returned)
        return [*forwards, call] if follows else []

    def row_of(self, call: Call) -> int | None:
        """Return which row of the training data a call was given, from 0; ``None`` if it was something else."""
        # Rows are multiples of 1/8, which float32 holds exactly.
        return self._rows.get(call.argument) if call.size == len(call.argument) else None

    @cached_property
    def _rows(self) -> dict[tuple[float, ...], int]:
        return {row: i for i, row in enumerate(self.case.rows)}

    @property
    def is_whole(self) -> bool:
        """Whether every step was taken, even if ``fit`` raised an exception after an epoch's last step."""
        return self.reply.raised is None or len(self.steps) == self.expected_steps

    @property
    def tells_labels(self) -> bool:
        """Whether every step's ``da`` is the derivative of the loss for one label or the other."""
        return bool(self.steps) and all(step.label is not None for step in self.steps)


def same(left: Sequence[float], right: Sequence[float]) -> bool:
    """Tell whether two flat arrays are equal, within the tolerance."""
    if len(left) != len(right):
        return False
    # What was passed on untouched is equal, and quicker to compare.
    return (left == right and all(map(isfinite, left))) or close(np.array(left), np.array(right))


def nearly(left: float, right: float) -> bool:
    """Tell whether two numbers are equal, within the tolerance."""
    return isfinite(left - right) and abs(left - right) <= FRACTION * max(abs(left), abs(right))
