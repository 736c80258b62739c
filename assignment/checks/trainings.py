"""Call `fit` with recording layers, and read what they recorded.

A training step is a run of `backward` calls and the forward pass before it.

There is nothing to change here.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Sequence
from functools import cached_property
from math import isfinite, log
from typing import Any, NamedTuple

import numpy as np

from checks.exceptions import NotWritten, is_stub
from checks.limits import Printed, TimeUp
from checks.recorders import Call, FitCase, Log, Recorder, Stop, fit_cases
from checks.tolerance import FRACTION, close

METHOD = "Perceptron.fit"
LINE = re.compile(r"Loss at epoch (0|[1-9]\d{0,8}): (-?(?:0|[1-9]\d{0,8})(?:\.\d{0,3})?)", re.ASCII)
ROUNDING = 0.0015 + 1e-9


def loss(y_hat: float, y: float) -> float:
    """Return the loss of one example."""
    return -(y * log(y_hat) + (1 - y) * log(1 - y_hat))


def derivative(y_hat: float, y: float) -> float:
    """Return the derivative of the loss with respect to ŷ."""
    return (y_hat - y) / (y_hat * (1 - y_hat))


def nearly(left: float, right: float) -> bool:
    """Tell whether two numbers are equal."""
    return isfinite(left - right) and abs(left - right) <= FRACTION * max(abs(left), abs(right))


def same(left: Sequence[float], right: Sequence[float]) -> bool:
    """Tell whether two lists of numbers are equal."""
    return len(left) == len(right) and close(np.array(left), np.array(right))


class Pass(NamedTuple):
    """A forward pass through all layers: which row went in (None: another array), and ŷ."""

    first: Call
    example: int | None
    y_hat: float


class Step(NamedTuple):
    """The `backward` calls of one training step, and the forward pass before them."""

    before: Pass | None
    calls: list[Call]

    @property
    def example(self) -> int | None:
        """The row of the training data that went forward, or None."""
        return None if self.before is None else self.before.example

    @property
    def da(self) -> float | None:
        """The first `da`, or None if it was not a single number."""
        first = self.calls[0]
        return first.argument[0] if first.size == 1 and first.argument else None

    @property
    def label(self) -> float | None:
        """The label that this step used, or None if its `da` does not tell."""
        if self.before is None or self.da is None:
            return None
        if nearly(self.da, derivative(self.before.y_hat, 1.0)):
            return 1.0
        return 0.0 if nearly(self.da, derivative(self.before.y_hat, 0.0)) else None


class Training:
    """One call of `fit`, by the log of its layers."""

    def __init__(self, case: FitCase) -> None:
        self.case = case
        self.calls: list[Call] = []
        self.printed = ""
        self.error: BaseException | None = None
        self.was_stopped = self.is_generator = False
        self.assigned: set[str] = set()

    @cached_property
    def items(self) -> list[Pass | Step]:
        """The forward passes and the steps, in order."""
        items: list[Pass | Step] = []
        forwards: list[Call] = []
        run: list[Call] = []
        own: Pass | None = None
        for call in self.calls:
            if call.is_backward:
                run.append(call)
                continue
            if run:
                items.append(Step(own, run))
                run, own, forwards = [], None, []
            forwards = self._continued(forwards, call)
            if len(forwards) == len(self.case.sizes):
                own = Pass(forwards[0], self.row_of(forwards[0]), forwards[-1].returned[0])
                items.append(own)
                forwards = []
        if run:
            items.append(Step(own, run))
        return items

    def _continued(self, forwards: list[Call], call: Call) -> list[Call]:
        if call.layer == 0:
            return [call]
        if forwards and call.layer == len(forwards) - 1 and same(call.argument, forwards[-1].argument):
            return forwards
        follows = forwards and call.layer == len(forwards) and same(call.argument, forwards[-1].returned)
        return [*forwards, call] if follows else []

    def row_of(self, call: Call) -> int | None:
        """Return which row a call was given, or None if it was something else."""
        return self._rows.get(call.argument) if call.size == len(call.argument) else None

    @cached_property
    def _rows(self) -> dict[tuple[float, ...], int]:
        return {tuple(row): number for number, row in enumerate(self.case.rows.tolist())}

    @cached_property
    def passes(self) -> list[Pass]:
        """The forward passes."""
        return [item for item in self.items if isinstance(item, Pass)]

    @cached_property
    def steps(self) -> list[Step]:
        """The training steps."""
        return [item for item in self.items if isinstance(item, Step)]

    @property
    def due(self) -> int:
        """The number of training steps that there should be."""
        return self.case.epochs * len(self.case.rows)

    @property
    def is_whole(self) -> bool:
        """Whether every step was taken, even if an exception came after an epoch's last one."""
        return self.error is None or len(self.steps) == self.due

    @cached_property
    def tells_labels(self) -> bool:
        """Whether every step tells which label it used."""
        return bool(self.steps) and all(step.label is not None for step in self.steps)

    def label(self, step: Step) -> float | None:
        """Return the label of the example that a step is for."""
        return None if step.example is None else float(self.case.labels[step.example, 0])

    @property
    def lines(self) -> list[str]:
        """The printed lines that look like those of the task sheet."""
        shown = (line.rstrip("\r").rpartition("\r")[2] for line in self.printed.split("\n"))
        return [line.strip() for line in shown if "loss at epoch" in line.lower()]


def ask(perceptron_class: Any, printed: Printed) -> list[Training]:
    """Call `fit` in all cases; raises `NotWritten` if it is the skeleton's."""
    return [_training(perceptron_class, case, printed) for case in fit_cases()]


def _training(perceptron_class: Any, case: FitCase, printed: Printed) -> Training:
    training = Training(case)
    per_epoch = len(case.rows) * len(case.sizes)
    record = Log(case.epochs * per_epoch)
    last = len(case.sizes) - 1
    layers = [Recorder(i, size, i == last, case.is_steady, record) for i, size in enumerate(case.sizes)]
    perceptron: Any = None

    def fit(epochs: int) -> Any:
        return perceptron.fit(case.rows.copy(), case.labels.copy(), epochs, case.learning_rate)

    printed.take()
    try:
        perceptron = perceptron_class(layers)
        record.is_watching = True
        training.is_generator = isinstance(fit(case.epochs), types.GeneratorType)
    except Stop:
        training.was_stopped = True
    except (TimeUp, KeyboardInterrupt):
        raise
    except BaseException as error:  # whatever goes wrong in the student's code
        if is_stub(error, METHOD):
            raise NotWritten(METHOD) from None
        training.error = error
        training.was_stopped = _train_the_rest(record, per_epoch, case.epochs, fit)
    record.is_watching = False
    record.flush()
    training.calls, training.assigned, training.printed = record.calls, record.assigned, printed.take()
    return training


def _train_the_rest(record: Log, per_epoch: int, epochs: int, fit: Callable[[int], Any]) -> bool:
    """After an exception at the end of an epoch, train the others; return whether `fit` was stopped."""
    first = record.backwards // per_epoch
    for trained in range(first, epochs if first else 0):
        if record.backwards != trained * per_epoch:
            break
        try:
            fit(1)
        except Stop:
            return True
        except (TimeUp, KeyboardInterrupt):
            raise
        except BaseException:  # likely the same again
            continue
    return False
