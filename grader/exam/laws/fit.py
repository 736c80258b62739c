"""What can be wrong with a ``fit``: each function returns the first fault that it sees, or ``None``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from grader.candidate.replies import Call
from grader.exam.laws.fit_log import Training, TrainingStep, nearly, same
from grader.exam.laws.tolerance import differing
from grader.exam.laws.values import array_value
from grader.model import ArrayValue, CodeValue, Message, NumberValue, TextValue, Value

__all__ = [
    "ENDED",
    "Fault",
    "Formula",
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

Formula = Callable[[float, float], float]
"""Takes ŷ and y of one example."""

_MOST_LAYERS = 12
"""Calls of ``backward`` whose layers are shown."""


@dataclass(frozen=True)
class Fault:
    """What is wrong: a sentence, and what was seen and is due there."""

    says: Message
    seen: Mapping[str, Value] = field(default_factory=dict)
    due: Mapping[str, Value] = field(default_factory=dict)
    example: int | None = None
    """The row of the training data at which it was seen."""
    facts: Mapping[str, Value] = field(default_factory=dict)
    """What else is known of it."""


ENDED = Fault(Message("fit stopped with an exception."))
"""Stands for the exception, which is shown in its place."""


def wrong_output_da(
    training: Training, derivative: Formula, says: str, *, reads_labels: bool
) -> Fault | None:
    """Find a step whose first ``da`` is not the ``derivative`` of the loss.

    It may be that for a wrong label, unless that is no label (``reads_labels``).
    """
    if not training.steps:
        return Fault(
            Message("No layer's backward was called."),
            {"calls": NumberValue(0)},
            {"calls": TextValue("one for every example")},
        )
    for step in training.steps:
        if step.before is None:
            return Fault(
                Message("backward was called before a forward pass through the forward of all layers."),
                {"forward passes": NumberValue(0)},
                {"forward passes": TextValue("one for each step")},
            )
        prediction = step.before.prediction
        own = None if step.example is None else training.case.labels[step.example]
        labels = (1.0, 0.0) if own is None or reads_labels else (own,)
        if step.output_da is None or not any(
            nearly(step.output_da, derivative(prediction, y)) for y in labels
        ):
            return _wrong_da(step, own, prediction, derivative, says)
    return None


def _wrong_da(
    step: TrainingStep, label: float | None, prediction: float, derivative: Formula, says: str
) -> Fault:
    seen = _size(step.calls[0]) if step.output_da is None else NumberValue(step.output_da)
    facts: dict[str, Value] = {"ŷ": NumberValue(prediction)}
    if label is None:
        one, zero = (derivative(prediction, y) for y in (1.0, 0.0))
        due: Value = TextValue("{one} if y = 1, {zero} if y = 0", {"one": one, "zero": zero})
    else:
        due = NumberValue(derivative(prediction, label))
        facts["y"] = NumberValue(label)
    return Fault(Message(says), {"da": seen}, {"da": due}, step.example, facts)


def is_run(training: Training) -> Fault | None:
    """Find that ``fit`` is a generator."""
    if not training.reply.generator:
        return None
    return Fault(
        Message("fit is a generator (it has a yield), so calling it runs nothing."),
        {"fit": TextValue("a generator")},
        {"fit": TextValue("a plain method")},
    )


def starts_from_a_row(training: Training, step: TrainingStep) -> Fault | None:
    """Find a step without a forward pass of a row of the training data before it."""
    if step.example is not None:
        return None
    if step.before is not None:
        return not_a_row(training, step.before.first)
    return Fault(
        Message("A step had no forward pass of an example through the layers' forward before it."),
        {"forward passes": NumberValue(0)},
        {"forward passes": NumberValue(1)},
    )


def not_a_row(training: Training, call: Call) -> Fault:
    """Say what a call of the first layer's ``forward`` was given in place of a row of the training data."""
    return Fault(
        Message("What went forward was not a row of training_data as it is."),
        {"forward": _argument(call) if call.size == len(training.case.rows[0]) else _size(call)},
        {"forward": TextValue("one row of training_data at a time, with the numbers that it has")},
    )


def visits_layers(step: TrainingStep, layers: Sequence[int]) -> Fault | None:
    """Find that ``backward`` was called on other ``layers`` (from 1) than those, or in another order."""
    seen = [call.layer + 1 for call in step.calls]
    if seen == list(layers):
        return None
    return Fault(
        Message("backward was not called once on each layer, from the last to the first."),
        {"layers": _listed(seen)},
        {"layers": _listed(layers)},
        step.example,
    )


def hands_da_on(step: TrainingStep) -> Fault | None:
    """Find a layer that was given something other than what the layer after it returned."""
    for after, call in pairwise(step.calls):
        if call.size == len(after.returned) and same(call.argument, after.returned):
            continue
        return Fault(
            Message(
                "Layer {layer} was given a da that is not what layer {next} returned.",
                {"layer": call.layer + 1, "next": after.layer + 1},
            ),
            {"da": _argument(call, after.returned)},
            {"da": _flat(after.returned)},
            step.example,
        )
    return None


def hands_rate_on(step: TrainingStep, learning_rate: float) -> Fault | None:
    """Find a call of ``backward`` with another learning rate."""
    wrong = next((c.learning_rate for c in step.calls if not nearly(c.learning_rate, learning_rate)), None)
    if wrong is None:
        return None
    return Fault(
        Message("The learning rate handed to backward is not that of fit."),
        {"learning_rate": TextValue("none") if np.isnan(wrong) else NumberValue(wrong)},
        {"learning_rate": NumberValue(learning_rate)},
        step.example,
    )


def uses_own_label(training: Training, step: TrainingStep) -> Fault | None:
    """Find a step that used the label of another example."""
    if step.example is None or step.label is None or step.has_own_label(training.case):
        return None
    return Fault(
        Message("An example was trained with the label of another."),
        {"y": NumberValue(step.label)},
        {"y": NumberValue(training.case.labels[step.example])},
        step.example,
    )


def is_trained_once(epoch: int, steps: Sequence[TrainingStep]) -> Fault | None:
    """Find an example that was used more than once in an epoch (from 1)."""
    used = [step.example for step in steps if step.example is not None]
    twice = next((example for example in used if used.count(example) > 1), None)
    if twice is None:
        return None
    return Fault(
        Message("In epoch {epoch} an example was used more than once.", {"epoch": epoch}),
        {"uses": NumberValue(used.count(twice))},
        {"uses": NumberValue(1)},
        twice,
    )


def takes_every_step(training: Training) -> Fault | None:
    """Find that there are more or fewer steps than one for each example in each epoch."""
    says = Message("The number of training steps is not one for every example in every epoch.")
    if training.reply.stopped:
        says = Message("fit went on and on and was stopped.")
    elif not training.is_whole or len(training.steps) == training.expected_steps:
        return None
    return Fault(
        says,
        {"training steps": NumberValue(len(training.steps))},
        {"examples · epochs": NumberValue(training.expected_steps)},
    )


def ends(training: Training) -> Fault | None:
    """Find that ``fit`` raised something before every step was taken."""
    return None if training.is_whole else ENDED


def assigns_nothing(training: Training) -> Fault | None:
    """Find that ``fit`` changed a layer's parameters without ``backward``."""
    if not training.reply.assigned:
        return None
    return Fault(
        Message("fit gave a layer new parameters itself."),
        {"assigned": CodeValue(", ".join(training.reply.assigned))},
        {"assigned": TextValue("nothing, as backward changes the parameters")},
    )


def _listed(numbers: Sequence[int]) -> CodeValue:
    return CodeValue(
        ", ".join(map(str, numbers[:_MOST_LAYERS])) + (" …" if len(numbers) > _MOST_LAYERS else "")
    )


def _flat(numbers: Sequence[float], wrong: Sequence[int] = ()) -> ArrayValue:
    return array_value(np.array(numbers), wrong)


def _argument(call: Call, due: Sequence[float] = ()) -> Value:
    """Return what a layer was given; its numbers, if all of them are known."""
    if call.size != len(call.argument):
        return _size(call)
    return _flat(call.argument, differing(np.array(call.argument), np.array(due)))


def _size(call: Call) -> TextValue:
    if call.size < 0:
        return TextValue("not an array of numbers")
    return TextValue("an array of {size} numbers", {"size": call.size})
