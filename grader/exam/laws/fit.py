"""Check what ``fit`` did: each function returns a finding for the first mistake that it sees, or ``None``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import isfinite

import numpy as np
from msgspec.structs import replace

from grader.candidate.replies import Call
from grader.exam.laws.findings import array_value, listed
from grader.exam.laws.fit_log import Training, TrainingStep, nearly, same
from grader.exam.laws.tolerance import differing
from grader.model import ArrayValue, CodeValue, Finding, Message, NumberValue, TextValue, Value

__all__ = [
    "ENDED",
    "Derivative",
    "assigns_nothing",
    "ends",
    "hands_da_on",
    "hands_rate_on",
    "is_run",
    "is_trained_once",
    "not_a_row",
    "starts_from_a_row",
    "takes_every_step",
    "uses_own_label",
    "visits_layers",
    "wrong_output_da",
]

Derivative = Callable[[float, float], float]
"""Takes ŷ and y of one example."""

_MOST_LAYERS = 12
"""The layers of so many calls of ``backward`` are shown."""


ENDED = Finding("", Message("fit stopped with an exception."))
"""Stands for the exception, which is shown instead."""


def _finding(
    says: str | Message, name: str, seen: Value | float, due: Value | float, step: TrainingStep | None = None
) -> Finding:
    """Return the finding in which the seen and the expected value are both called ``name``."""
    facts: dict[str, Value] = {}
    if step is not None and step.example is not None:
        facts["example"] = CodeValue(f"training_data[{step.example}]")
    message = Message(says) if isinstance(says, str) else says
    return Finding("", message, {name: _value(seen)}, {name: _value(due)}, facts)


def _value(value: Value | float) -> Value:
    if isinstance(value, int | float):
        return NumberValue(value if isfinite(value) else None)
    return value


def wrong_output_da(
    training: Training, derivative: Derivative, says: str, *, reads_labels: bool
) -> Finding | None:
    """Find a step whose first ``da`` is not the ``derivative`` of the loss.

    The derivative for the wrong label is accepted too if ``reads_labels``; the law of backpropagation sees the label.
    """
    if not training.steps:
        return _finding("No layer's backward was called.", "calls", 0, TextValue("one for every example"))
    for step in training.steps:
        if step.before is None:
            says = "backward was called before a forward pass through the forward of all layers."
            return _finding(says, "forward passes", 0, TextValue("one for each step"))
        prediction = step.before.prediction
        own = None if step.example is None else training.case.labels[step.example]
        labels = (1.0, 0.0) if own is None or reads_labels else (own,)
        if step.output_da is None or not any(
            nearly(step.output_da, derivative(prediction, y)) for y in labels
        ):
            return _wrong_da(step, own, prediction, derivative, says)
    return None


def _wrong_da(
    step: TrainingStep, label: float | None, prediction: float, derivative: Derivative, says: str
) -> Finding:
    seen = _size(step.calls[0]) if step.output_da is None else step.output_da
    facts: dict[str, Value] = {"ŷ": NumberValue(prediction)}
    if label is None:
        one, zero = (derivative(prediction, y) for y in (1.0, 0.0))
        found = _finding(
            says, "da", seen, TextValue("{one} if y = 1, {zero} if y = 0", {"one": one, "zero": zero})
        )
    else:
        facts["y"] = NumberValue(label)
        found = _finding(says, "da", seen, derivative(prediction, label), step)
    return replace(found, facts={**found.facts, **facts})


def is_run(training: Training) -> Finding | None:
    """Find whether ``fit`` is a generator."""
    if not training.reply.generator:
        return None
    says = "fit is a generator (it has a yield), so calling it runs nothing."
    return _finding(says, "fit", TextValue("a generator"), TextValue("a plain method"))


def starts_from_a_row(training: Training, step: TrainingStep) -> Finding | None:
    """Find a step that no forward pass of a training example came before."""
    if step.example is not None:
        return None
    if step.before is not None:
        return not_a_row(training, step.before.first)
    says = "A step had no forward pass of an example through the layers' forward before it."
    return _finding(says, "forward passes", 0, 1)


def not_a_row(training: Training, call: Call) -> Finding:
    """Return the finding that the first layer's ``forward`` was given something other than a training example."""
    seen = _argument(call) if call.size == len(training.case.rows[0]) else _size(call)
    due = TextValue("one row of training_data at a time, with the numbers that it has")
    return _finding("What went forward was not a row of training_data as it is.", "forward", seen, due)


def visits_layers(step: TrainingStep, layers: Sequence[int]) -> Finding | None:
    """Find whether ``backward`` was called on other layers than ``layers`` (from 1), or in another order."""
    seen = [call.layer + 1 for call in step.calls]
    if seen == list(layers):
        return None
    says = "backward was not called once on each layer, from the last to the first."
    return _finding(
        says, "layers", CodeValue(listed(seen, _MOST_LAYERS)), CodeValue(listed(layers, _MOST_LAYERS)), step
    )


def hands_da_on(step: TrainingStep) -> Finding | None:
    """Find a layer that was given something other than what the layer after it returned."""
    for after, call in pairwise(step.calls):
        if call.size != len(after.returned) or not same(call.argument, after.returned):
            numbers: dict[str, str | int | float] = {"layer": call.layer + 1, "next": after.layer + 1}
            says = Message("Layer {layer} was given a da that is not what layer {next} returned.", numbers)
            return _finding(says, "da", _argument(call, after.returned), _flat(after.returned), step)
    return None


def hands_rate_on(step: TrainingStep, learning_rate: float) -> Finding | None:
    """Find a call of ``backward`` with another learning rate."""
    for call in step.calls:
        if not nearly(call.learning_rate, learning_rate):
            seen = TextValue("none") if np.isnan(call.learning_rate) else call.learning_rate
            says = "The learning rate passed to backward is not that of fit."
            return _finding(says, "learning_rate", seen, learning_rate, step)
    return None


def uses_own_label(training: Training, step: TrainingStep) -> Finding | None:
    """Find a step that used the label of another example."""
    if step.example is None or step.label is None or step.label == training.case.labels[step.example]:
        return None
    due = training.case.labels[step.example]
    return _finding("An example was trained with the label of another.", "y", step.label, due, step)


def is_trained_once(epoch: int, steps: Sequence[TrainingStep]) -> Finding | None:
    """Find an example that was used more than once in an epoch (from 1)."""
    used = [step.example for step in steps]
    for step in steps:
        if step.example is not None and used.count(step.example) > 1:
            says = Message("In epoch {epoch} an example was used more than once.", {"epoch": epoch})
            return _finding(says, "uses", used.count(step.example), 1, step)
    return None


def takes_every_step(training: Training) -> Finding | None:
    """Find whether there are more or fewer steps than one for each example in each epoch."""
    seen, due = len(training.steps), training.expected_steps
    if training.reply.stopped:
        return _finding("fit went on and on and was stopped.", "training steps", seen, due)
    if not training.is_whole or seen == due:
        return None
    says = "The number of training steps is not one for every example in every epoch."
    return _finding(says, "training steps", seen, due)


def ends(training: Training) -> Finding | None:
    """Find whether ``fit`` raised an exception before it took every step."""
    return None if training.is_whole else ENDED


def assigns_nothing(training: Training) -> Finding | None:
    """Find whether ``fit`` changed a layer's parameters without ``backward``."""
    if not training.reply.assigned:
        return None
    seen, due = (
        CodeValue(", ".join(training.reply.assigned)),
        TextValue("nothing: backward changes the parameters"),
    )
    return _finding("fit gave a layer new parameters itself.", "assigned", seen, due)


def _flat(numbers: Sequence[float], wrong: Sequence[int] = ()) -> ArrayValue:
    return array_value(np.array(numbers), wrong)


def _argument(call: Call, due: Sequence[float] = ()) -> Value:
    """Return the numbers that a layer was given, or how many there were if not all of them are known."""
    if call.size != len(call.argument):
        return _size(call)
    return _flat(call.argument, differing(np.array(call.argument), np.array(due)))


def _size(call: Call) -> TextValue:
    if call.size < 0:
        return TextValue("not an array of numbers")
    return TextValue("an array of {size} numbers", {"size": call.size})
