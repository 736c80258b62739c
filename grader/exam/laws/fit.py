"""The laws of ``Perceptron.fit``, read off the log of its calls on probe layers.

``fit`` is judged without the submission's ``backward``. A step is a run of ``backward`` calls that no
``forward`` interrupts, together with the forward pass before it; forward passes that no step follows are a
submission's own affair.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, islice
from math import isfinite, log

import numpy as np

from grader.candidate.replies import Call, FitReply
from grader.exam.laws.tolerance import FRACTION, close
from grader.exam.laws.values import number
from grader.exam.questions.cases import FitCase

__all__ = [
    "ENDED",
    "Fault",
    "Pass",
    "Training",
    "TrainingStep",
    "backpropagation",
    "cross_entropy",
    "loss",
    "output_gradient",
    "reads_labels",
]

_LINE = re.compile(r"Loss at epoch (0|[1-9]\d{0,8}): (-?(?:0|[1-9]\d{0,8})(?:\.\d{0,3})?)", re.ASCII)
_LEAVE = 0.0015 + 1e-9
"""How far a printed mean may be off (EXERCISE: how it is run)."""
_READINGS = 1000
"""So many ways to read epochs off forward passes are tried."""


@dataclass(frozen=True)
class Fault:
    """What a law found wrong: a sentence, and what was seen and expected there."""

    text: str
    seen: str
    expected: str
    example: int | None = None
    """The row of the training data where it was seen."""


ENDED = Fault("fit ended with an exception", "an exception", "no exception")


@dataclass(frozen=True, eq=False)
class Pass:
    """A forward pass through all layers: what went in, and ŷ."""

    first: Call
    """The call of the first layer's ``forward``."""
    example: int | None
    """The row of the training data; ``None`` if the input was not one of them."""
    prediction: float


@dataclass(frozen=True, eq=False)
class TrainingStep:
    """The ``backward`` calls of one step, and the forward pass before them."""

    before: Pass | None
    calls: tuple[Call, ...]

    @property
    def output_da(self) -> float | None:
        """The first ``da`` that went into the layers, or ``None`` if it was not a single number."""
        first = self.calls[0]
        return first.argument[0] if first.size == 1 and first.argument else None

    @cached_property
    def label(self) -> float | None:
        """The label that ``da`` is the derivative for: 1 for −1/ŷ, 0 for 1/(1−ŷ), none for anything else."""
        if self.before is None or self.output_da is None:
            return None
        for label in (1.0, 0.0):
            if _equal(self.output_da, output_derivative(label, self.before.prediction)):
                return label
        return None

    def has_own_label(self, case: FitCase) -> bool:
        """Tell whether the label is that of the example that went in, as far as it can be said."""
        example = None if self.before is None else self.before.example
        return example is None or self.label is None or self.label == case.labels[example]


@dataclass(frozen=True, eq=False)
class Training:
    """One case of ``fit`` and what its log says."""

    case: FitCase
    reply: FitReply

    @cached_property
    def passes(self) -> list[Pass]:
        """The forward passes that went through all layers in order."""
        return [item for item in self._items if isinstance(item, Pass)]

    @cached_property
    def steps(self) -> list[TrainingStep]:
        """The steps, in order."""
        return [item for item in self._items if isinstance(item, TrainingStep)]

    @property
    def expected_steps(self) -> int:
        """One step for every example in every epoch."""
        return self.case.epochs * self.case.examples

    @cached_property
    def _items(self) -> list[Pass | TrainingStep]:
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
                own = Pass(forwards[0], self._example(forwards[0]), forwards[-1].returned[0])
                items.append(own)
                forwards = []
        if run:
            items.append(TrainingStep(own, tuple(run)))
        return items

    def _continued(self, forwards: list[Call], call: Call) -> list[Call]:
        """Return the pass that ``call`` goes on with, or the one that it begins."""
        if call.layer == 0:
            return [call]
        if forwards and call.layer == len(forwards) - 1 and _same(call.argument, forwards[-1].argument):
            return forwards
        follows = forwards and call.layer == len(forwards) and _same(call.argument, forwards[-1].returned)
        return [*forwards, call] if follows else []

    def _example(self, call: Call) -> int | None:
        # Rows are multiples of 1/8, which float32 holds exactly.
        return self._rows.get(call.argument) if call.size == len(call.argument) else None

    @cached_property
    def _rows(self) -> dict[tuple[float, ...], int]:
        return {row: i for i, row in enumerate(self.case.rows)}

    @property
    def is_whole(self) -> bool:
        """Whether every step was taken, even if ``fit`` raised something when an epoch was over."""
        return self.reply.raised is None or len(self.steps) == self.expected_steps

    @property
    def tells_labels(self) -> bool:
        """Whether every step's ``da`` is the derivative of the loss for one label or the other."""
        return bool(self.steps) and all(step.label is not None for step in self.steps)


def cross_entropy(label: float, prediction: float) -> float:
    """Return the loss of one example, −( y·ln ŷ + (1 − y)·ln(1 − ŷ) )."""
    return -log(prediction if label else 1.0 - prediction)


def output_derivative(label: float, prediction: float) -> float:
    """Return the derivative of the loss of one example, (ŷ − y) / ( ŷ·(1 − ŷ) )."""
    return (prediction - label) / (prediction * (1.0 - prediction))


def reads_labels(trainings: Iterable[Training]) -> bool:
    """Tell whether ``da`` is the derivative for label 1 in some steps and for label 0 in others.

    Where it is for the same one always, no second value says that it is a label's: a term may be left out.
    """
    told = {step.label for training in trainings for step in training.steps}
    return {0.0, 1.0} <= told


def output_gradient(training: Training, *, reads_labels: bool) -> Fault | None:
    """Find a step whose first ``da`` is not the derivative of the loss.

    It may be that for a wrong label, unless that is no label (``reads_labels``).
    """
    if not training.steps:
        return Fault("no layer's backward was called", "no call", "a call for every example")
    for step in training.steps:
        if step.label is None or not (reads_labels or step.has_own_label(training.case)):
            return _wrong_derivative(training, step)
    return None


def _wrong_derivative(training: Training, step: TrainingStep) -> Fault:
    if step.before is None:
        return Fault(
            "backward was called before a forward pass through the forward of all layers",
            "no pass",
            "one for each step",
        )
    prediction, example = step.before.prediction, step.before.example
    label = None if example is None else training.case.labels[example]
    given = step.calls[0]
    seen = _number(step.output_da) if step.output_da is not None else _size_of(given)
    if label is None:
        one, zero = (_number(output_derivative(y, prediction)) for y in (1.0, 0.0))
        expected = f"{one} (y = 1) or {zero} (y = 0)"
        return Fault(f"for ŷ = {_number(prediction)} the first da was", seen, expected)
    return Fault(
        f"for an example with y = {_number(label)} and ŷ = {_number(prediction)} the first da was",
        seen,
        _number(output_derivative(label, prediction)),
        example,
    )


def backpropagation(training: Training, labels_are_told: bool) -> Fault | None:
    """Find the first thing wrong with the order and the arguments of the calls.

    ``labels_are_told``: whether the label that a step used can be read off its ``da``.
    """
    for fault in _faults(training, labels_are_told):
        return fault
    return None


def _faults(training: Training, labels_are_told: bool) -> Iterator[Fault]:
    case, reply, steps = training.case, training.reply, training.steps
    if reply.generator:
        yield Fault(
            "fit is a generator (it has a yield), so calling it runs nothing", "a generator", "a plain method"
        )
    for step in steps:
        yield from _step_faults(training, step, labels_are_told)
    yield from _epoch_faults(case, steps)
    if reply.stopped:
        steps_seen, steps_due = (_several(n, "step") for n in (len(steps), training.expected_steps))
        yield Fault("fit went on and on and was stopped", steps_seen, steps_due)
    if training.is_whole and len(steps) != training.expected_steps:
        yield Fault(
            f"with {_several(case.examples, 'example')} and {_several(case.epochs, 'epoch')} "
            "the number of training steps was",
            str(len(steps)),
            f"{training.expected_steps}, one for every example in every epoch",
        )
    if not training.is_whole:
        yield ENDED
    if reply.assigned:
        names = " and ".join(reply.assigned)
        yield Fault(
            "fit gave a layer new parameters itself", f"{names} assigned", "changes by backward alone"
        )


def _step_faults(training: Training, step: TrainingStep, labels_are_told: bool) -> Iterator[Fault]:
    case = training.case
    layers = len(case.sizes)
    order = [call.layer + 1 for call in step.calls]
    example = step.before.example if step.before else None
    if example is None:
        yield _no_example(case, step)
    if order != list(range(layers, 0, -1)):
        yield Fault(
            f"with {_several(layers, 'layer')}, backward was called on layers",
            ", ".join(map(str, order[:12])) + (" …" if len(order) > 12 else ""),  # noqa: PLR2004 - a line's length
            ", ".join(map(str, range(layers, 0, -1))),
            example,
        )
        return
    for after, call in zip(step.calls, step.calls[1:], strict=False):
        if call.size != len(after.returned) or not _same(call.argument, after.returned):
            yield Fault(
                f"layer {call.layer + 1} was given a da that is not what layer {after.layer + 1} returned",
                _numbers(call),
                _listed(after.returned),
                example,
            )
    for call in step.calls:
        if not _equal(call.learning_rate, case.learning_rate):
            seen = "none" if np.isnan(call.learning_rate) else _number(call.learning_rate)
            yield Fault(
                "the learning rate handed to backward was", seen, _number(case.learning_rate), example
            )
    if labels_are_told and example is not None and not step.has_own_label(case):
        yield Fault(
            "an example was trained with the label of another",
            f"y = {_number(step.label)}",
            f"y = {_number(case.labels[example])}",
            example,
        )


def _epoch_faults(case: FitCase, steps: Sequence[TrainingStep]) -> Iterator[Fault]:
    for start in range(0, len(steps), case.examples):
        epoch = steps[start : start + case.examples]
        used = [step.before.example for step in epoch if step.before is not None]
        twice = next((e for e in used if e is not None and used.count(e) > 1), None)
        if twice is not None:
            yield Fault(
                f"in epoch {start // case.examples + 1} an example was used",
                f"{used.count(twice)} times",
                "once",
                twice,
            )


def loss(training: Training) -> Fault | None:
    """Find what is wrong with the printed lines, or none where they print each epoch's mean loss."""
    case, lines = training.case, training.reply.lines
    if training.reply.raised is not None:
        return ENDED
    printed = [(line, match) for line in lines if (match := _LINE.fullmatch(line.strip()))]
    epochs = [int(match.group(1)) for _, match in printed]
    if sorted(epochs) != list(range(1, case.epochs + 1)):
        return _wrong_lines(case, lines, epochs)
    values = {int(match.group(1)): float(match.group(2)) for _, match in printed}
    readings = list(_means(training))
    if not readings:
        return _no_pass_of_a_row(case, training.passes)
    if any(_agree(values, means) for means in readings):
        return None
    means = readings[0]
    epoch = next(e for e in sorted(values) if not _near(values[e], means[e - 1]))
    text = next(line for line, match in printed if int(match.group(1)) == epoch).strip()
    return Fault("the line printed was", f"“{text}”", f"“Loss at epoch {epoch}: {means[epoch - 1]:.3f}”")


def _no_example(case: FitCase, step: TrainingStep) -> Fault:
    """Say what went forward before a step, if it was not a row of the training data."""
    if step.before is not None:
        return _no_pass_of_a_row(case, [step.before])
    return Fault(
        "a step had no forward pass of an example through the layers' forward before it",
        "none",
        "one forward pass for each step",
    )


def _no_pass_of_a_row(case: FitCase, passes: Sequence[Pass]) -> Fault:
    """Say that no row of the training data went forward as it is, and what did instead."""
    other = next((item for item in passes if item.example is None), None)
    if other is None:
        return Fault("there were no forward passes to compute a loss from", "none", "one for every example")
    return Fault(
        "what went forward was not a row of training_data as it is",
        _numbers(other.first) if other.first.size == len(case.rows[0]) else _size_of(other.first),
        "one row of training_data at a time, with the numbers that it has",
    )


def _wrong_lines(case: FitCase, lines: Sequence[str], epochs: Sequence[int]) -> Fault:
    which = "epoch 1" if case.epochs == 1 else f"each of the epochs 1 to {case.epochs}"
    wanted = f"one line like “Loss at epoch 1: 0.693” for {which}"
    if not epochs and lines:
        return Fault("the lines with the loss have another form", f"“{lines[0].strip()}”", wanted)
    if not epochs:
        return Fault("the lines with the loss are missing", "no such line", wanted)
    seen = "lines for the epochs " + ", ".join(map(str, epochs[:8])) + (" …" if len(epochs) > 8 else "")  # noqa: PLR2004
    return Fault("the lines with the loss are not one for each epoch", seen, wanted)


def _means(training: Training) -> Iterator[list[float]]:
    """Yield what the mean of each epoch is, in every reading of the log that makes sense."""
    case = training.case
    steps = [step for step in training.steps if step.before is not None and step.before.example is not None]
    own: list[float] = []
    true: list[float] = []
    for step in steps:
        assert step.before is not None  # noqa: S101 - filtered above
        assert step.before.example is not None  # noqa: S101
        label = case.labels[step.before.example]
        true.append(cross_entropy(label, step.before.prediction))
        told = step.label if training.tells_labels and step.label is not None else label
        own.append(cross_entropy(told, step.before.prediction))
    for losses in (own, true):
        if losses and len(losses) % case.epochs == 0:
            yield [float(mean) for mean in np.array(losses).reshape(case.epochs, -1).mean(axis=1)]
    if len(training.steps) != training.expected_steps:
        yield from _means_of_rounds(training)


def _means_of_rounds(training: Training) -> Iterator[list[float]]:
    """Yield the mean losses of the rounds of forward passes, where the steps are too few to tell the epochs.

    A round goes through every example once. There may be more rounds than epochs, for an accuracy say: then any
    of them may be the epochs', in order.
    """
    case = training.case
    rounds: list[float] = []
    losses: dict[int, float] = {}
    for item in training.passes:
        if item.example is None or item.example in losses:
            losses = {}
        if item.example is not None:
            losses[item.example] = cross_entropy(case.labels[item.example], item.prediction)
        if len(losses) == case.examples:
            rounds.append(float(np.mean(list(losses.values()))))
            losses = {}
    for chosen in islice(combinations(rounds, case.epochs), _READINGS):
        yield list(chosen)


def _agree(values: dict[int, float], means: Sequence[float]) -> bool:
    return all(_near(values[epoch], mean) for epoch, mean in enumerate(means, 1))


def _near(value: float, mean: float) -> bool:
    return abs(value - mean) <= _LEAVE


def _same(left: Sequence[float], right: Sequence[float]) -> bool:
    if len(left) != len(right):
        return False
    # What was passed on untouched is equal, and quicker to compare.
    return (left == right and all(map(isfinite, left))) or close(np.array(left), np.array(right))


def _equal(left: float, right: float) -> bool:
    return isfinite(left - right) and abs(left - right) <= FRACTION * max(abs(left), abs(right))


def _several(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _number(value: float | None) -> str:
    return "none" if value is None else number(value)


def _listed(values: Sequence[float]) -> str:
    return "[" + ", ".join(map(number, values)) + "]"


def _numbers(call: Call) -> str:
    return _listed(call.argument) if call.size == len(call.argument) else _size_of(call)


def _size_of(call: Call) -> str:
    return "no array of numbers" if call.size < 0 else f"an array of {call.size} numbers"
