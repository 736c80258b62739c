"""Compare the lines that ``fit`` prints with the mean losses of its forward passes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, islice

import numpy as np

from grader.exam.laws.findings import array_value, listed
from grader.exam.laws.fit import ENDED, not_a_row
from grader.exam.laws.fit_log import Training
from grader.model import Finding, Message, NumberValue, PrintedValue, TextValue, Value

__all__ = ["ExampleLoss", "prints_mean_of"]

ExampleLoss = Callable[[float, float], float]
"""Takes ŷ and y of one example, and returns its loss."""
Losses = Sequence[float]
"""The losses of the examples of an epoch."""

_LINE = re.compile(r"Loss at epoch (0|[1-9]\d{0,8}): (-?(?:0|[1-9]\d{0,8})(?:\.\d{0,3})?)", re.ASCII)
_LEAVE = 0.0015 + 1e-9
"""How far a printed mean may be off (docs/contract.md)."""
_MOST_READINGS = 1000
"""At most so many ways to assign forward passes to epochs are tried."""
_MOST_LOSSES = 8
"""The losses of so many examples are shown."""
_MOST_LINES = 8
"""The epochs of so many lines are shown."""


def prints_mean_of(training: Training, loss: ExampleLoss) -> Finding | None:
    """Find what is wrong with the printed lines: each epoch needs one, with the mean of ``loss``."""
    case, lines = training.case, training.reply.lines
    if training.reply.raised is not None:
        return ENDED
    matches = [match for line in lines if (match := _LINE.fullmatch(line.strip()))]
    seen, epochs = [int(match[1]) for match in matches], range(1, case.epochs + 1)
    if sorted(seen) != list(epochs):
        return _wrong_lines(case.epochs, lines, seen)
    printed = dict(zip(seen, matches, strict=True))
    values = [float(printed[epoch][2]) for epoch in epochs]
    readings = list(_readings(training, loss))
    if not readings:
        return _no_means(training)
    if any(all(map(_near, values, reading)) for reading in readings):
        return None
    epoch, losses = next(
        (epoch, losses)
        for epoch, losses in zip(epochs, readings[0], strict=True)
        if not _near(values[epoch - 1], losses)
    )
    return Finding(
        "",
        Message("The line printed for epoch {epoch} does not have its mean loss.", {"epoch": epoch}),
        {"": PrintedValue(printed[epoch][0])},
        {"": PrintedValue(f"Loss at epoch {epoch}: {np.mean(losses):.3f}")},
        {"losses": array_value(np.array(losses))} if len(losses) <= _MOST_LOSSES else {},
    )


def _near(value: float, losses: Losses) -> bool:
    return bool(abs(value - np.mean(losses)) <= _LEAVE)


def _wrong_lines(epochs: int, lines: Sequence[str], seen: Sequence[int]) -> Finding:
    due = TextValue(
        "one line like “Loss at epoch 1: 0.693” for each of the epochs 1 to {epochs}", {"epochs": epochs}
    )
    if epochs == 1:
        due = TextValue("one line like “Loss at epoch 1: 0.693” for epoch 1")
    printed: Value
    if seen:
        says = Message("The lines with the loss are not one for each epoch.")
        printed = TextValue("lines for the epochs {epochs}", {"epochs": listed(seen, _MOST_LINES)})
    elif lines:
        says = Message("The lines with the loss have another form.")
        printed = PrintedValue(lines[0].strip())
    else:
        says = Message("The lines with the loss are missing.")
        printed = TextValue("no such line")
    return Finding("", says, {"": printed}, {"": due})


def _no_means(training: Training) -> Finding:
    """Return the finding that says why the forward passes have no mean loss."""
    first_layer = (call for call in training.reply.calls if call.layer == 0 and not call.is_backward)
    other = next((call for call in first_layer if training.row_of(call) is None), None)
    if other is not None:
        return not_a_row(training, other)
    says = "The forward passes do not make up whole epochs, so there is no mean loss to compare with."
    if not training.passes:
        says = "There were no forward passes to compute a loss from."
    return Finding(
        "",
        Message(says),
        {"forward passes": NumberValue(len(training.passes))},
        {"examples · epochs": NumberValue(training.expected_steps)},
    )


def _readings(training: Training, loss: ExampleLoss) -> Iterator[Sequence[Losses]]:
    """Yield the losses in each epoch, for each sensible way to read the log."""
    case = training.case
    own: list[float] = []
    true: list[float] = []
    for step in training.steps:
        if step.before is None or step.example is None:
            continue
        prediction, label = step.before.prediction, case.labels[step.example]
        read_off = step.label if training.tells_labels and step.label is not None else label
        true.append(loss(prediction, label))
        own.append(loss(prediction, read_off))
    for losses in (own, true):
        if losses and len(losses) % case.epochs == 0:
            yield np.array(losses).reshape(case.epochs, -1).tolist()
    if len(training.steps) != training.expected_steps:
        yield from _rounds(training, loss)


def _rounds(training: Training, loss: ExampleLoss) -> Iterator[Sequence[Losses]]:
    """Yield the losses in the rounds of forward passes, if the steps are too few to tell the epochs.

    A round goes through every example once. There may be more rounds than epochs, for an accuracy say: then any
    of them may be the epochs', in order.
    """
    case = training.case
    rounds: list[Losses] = []
    losses: dict[int, float] = {}
    for item in training.passes:
        if item.example is None or item.example in losses:
            losses = {}
        if item.example is not None:
            losses[item.example] = loss(item.prediction, case.labels[item.example])
        if len(losses) == case.examples:
            rounds.append(list(losses.values()))
            losses = {}
    for chosen in islice(combinations(rounds, case.epochs), _MOST_READINGS):
        yield list(chosen)
