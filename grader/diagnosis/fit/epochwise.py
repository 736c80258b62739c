"""Read a ``fit`` in which a step follows on the forward passes of several examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from grader.diagnosis.fit.batches import Batch, joint_formula
from grader.diagnosis.fit.blocks import Block, Reading
from grader.diagnosis.fit.formulas import DUE
from grader.diagnosis.fit.inputs import rows_in
from grader.diagnosis.fit.mistake import ALL, BACKPROPAGATION, ENOUGH, LOSS, OUTPUT_GRADIENT, Mistake, unknown
from grader.diagnosis.fit.steps import output_da
from grader.diagnosis.fit.streams import Epoch, Group, Stream, bounded, epoch_streams
from grader.diagnosis.fit.structure import examples_visited
from grader.exam.laws.fit_log import Pass

__all__ = ["Epochwise", "in_batches", "is_once_per_epoch", "once_per_epoch", "unknown_steps"]


class Epochwise(NamedTuple):
    """What is known of the steps, and what the printed losses may come from."""

    mistakes: list[Mistake]
    counts: list[int]
    """How many epochs each case has."""
    epochs: list[Epoch]
    streams: list[Stream]


def is_once_per_epoch(readings: Sequence[Reading]) -> bool:
    """Tell whether every run of ``backward`` has the forward passes of an epoch before it."""
    return all(_is_once_per_epoch(reading) for reading in readings)


def _is_once_per_epoch(reading: Reading) -> bool:
    covered = {frozenset(block.covered) for block in reading.blocks}
    if len(covered) != 1 or (size := len(*covered)) < 2:  # noqa: PLR2004 - one example is a step of its own
        return False
    steps, due = len(reading.blocks), reading.training.case.epochs
    # A forward pass more for the step itself would tell that the others only looked at the loss.
    is_even = all(len(block.passes) % size == 0 for block in reading.blocks)
    return due <= steps <= due + 1 or (steps > 1 and is_even) or (steps <= due and size == reading.examples)


def once_per_epoch(readings: Sequence[Reading]) -> Epochwise | None:
    """Return what is known of a ``fit`` that calls ``backward`` for the last example of an epoch alone."""
    if not is_once_per_epoch(readings):
        return None
    last = output_da(readings, [[[block] for block in reading.blocks] for reading in readings])
    if any(mistake.id == "unknown" for mistake in last.mistakes):
        return None
    seen = "backward after the loop over the examples, for the last one"
    due = "backward for every example"
    once = Mistake("backward-once-per-epoch", (BACKPROPAGATION,), len(readings), seen, due)
    epochs = [[[block] for block in reading.blocks] for reading in readings]
    found = _read(readings, epochs, [*last.mistakes, once])
    return found if last.bounds is None else _with_bounds(found, *last.bounds)


def in_batches(readings: Sequence[Reading]) -> Epochwise | None:
    """Return what is known of a ``fit`` whose ``da`` come from several examples each."""
    batches = [[_batch(reading, block) for block in reading.blocks] for reading in readings]
    whole = [batch for each in batches for batch in each if batch is not None]
    if len(whole) < sum(map(len, batches)) or max(len(batch.rows) for batch in whole) == 1:
        return None
    joint = joint_formula(whole)
    if joint is None or len(readings) < ENOUGH:
        return None
    seen, due = f"da = {joint.text}, over several examples", "a step of its own for every example"
    found = [_in_formula(name, readings, joint.text) for name in joint.ids]
    found.append(Mistake("batch-training", ALL, len(readings), seen, due))
    epochs = [
        _epochs_of(reading, [batch.rows for batch in each if batch is not None])
        for reading, each in zip(readings, batches, strict=True)
    ]
    read = _read(readings, epochs, found)
    return read if joint.bounds is None else _with_bounds(read, *joint.bounds)


def unknown_steps(readings: Sequence[Reading]) -> Mistake:
    """Return what is certain of steps that follow on forward passes in no way that we know."""
    blocks = [(reading, block) for reading in readings for block in reading.blocks]
    if any(block.step.before is None for _, block in blocks):
        says = "A step has no forward pass through all layers before it."
    elif not all(_latest(reading, block.passes) for reading, block in blocks):
        says = "What your fit sends forward is neither a row of the data nor several of them."
    elif all(len(block.passes) == 1 for _, block in blocks):
        says = "Your fit does not go through every example once in each epoch."
    else:
        says = "Your fit does not take one step for each forward pass of an example."
    return unknown(says, *ALL)


def _in_formula(name: str, readings: Sequence[Reading], text: str) -> Mistake:
    costs = (OUTPUT_GRADIENT, LOSS) if name == "prediction-clipped" else (OUTPUT_GRADIENT,)
    return Mistake(name, costs, len(readings), f"da = {text}", DUE)


def _batch(reading: Reading, block: Block) -> Batch | None:
    """Return the predictions and labels before a run of ``backward``, of the rows that went forward since the last."""
    seen = _latest(reading, block.passes)
    if not seen or block.step.before is None:
        return None
    rows, case = tuple(seen), reading.training.case
    labels = np.array([case.labels[row] for row in rows])
    return Batch(case, rows, np.array([*seen.values()]), labels, np.array(block.step.calls[0].argument))


def _latest(reading: Reading, passes: Sequence[Pass]) -> dict[int, float]:
    """Return the predictions of the last passes, by the example, until one comes again; or of one pass for several."""
    if passes and (rows := rows_in(reading, passes[-1].first)) is not None:
        return dict.fromkeys(rows, passes[-1].prediction)
    seen: dict[int, float] = {}
    for each in reversed(passes):
        if each.example is None or each.example in seen:
            break
        seen[each.example] = each.prediction
    return dict(reversed(seen.items()))


def _epochs_of(reading: Reading, batches: Sequence[tuple[int, ...]]) -> list[list[Block]]:
    """Return the blocks of each epoch, which ends when all examples have come, or before one comes again."""
    epochs: list[list[Block]] = []
    seen: set[int] = set()
    for block, rows in zip(reading.blocks, batches, strict=True):
        if not epochs or len(seen) == reading.examples or not seen.isdisjoint(rows):
            epochs.append([])
            seen = set()
        seen.update(rows)
        epochs[-1].append(block)
    return epochs


def _read(
    readings: Sequence[Reading], epochs: Sequence[Sequence[Sequence[Block]]], found: Sequence[Mistake]
) -> Epochwise:
    """Return the mistakes with those in which examples an epoch has, and the predictions of each epoch."""
    before: list[list[Group]] = []
    after: list[list[Group]] = []
    visited = []
    for reading, own in zip(readings, epochs, strict=True):
        predicted = [[_latest(reading, block.passes) for block in epoch] for epoch in own]
        rows = [[row for seen in epoch for row in seen] for epoch in predicted]
        visited.append(rows)
        before.append([_group(reading, *epoch) for epoch in predicted])
        later = [_latest(reading, passes) for passes in _after(reading, own)]
        after.append(
            [
                _group(reading, seen) if {*seen} == {*each} else []
                for seen, each in zip(later, rows, strict=True)
            ]
        )
    cases = [reading.training.case for reading in readings]
    mistakes = [*found, *examples_visited(readings, visited)]
    return Epochwise(mistakes, list(map(len, epochs)), *epoch_streams(cases, before, after))


def _after(reading: Reading, epochs: Sequence[Sequence[Block]]) -> list[Sequence[Pass]]:
    """Return the forward passes between the last step of each epoch and the first one's of the next."""
    following = [epoch[0] for epoch in epochs[1:]]
    between = [block.passes[: -_length(reading, block)] for block in following]
    return [*between, reading.trailing]


def _length(reading: Reading, block: Block) -> int:
    """Return how many of a block's passes belong to its step."""
    return 1 if block.passes[-1].example is None else len(_latest(reading, block.passes))


def _group(reading: Reading, *predicted: Mapping[int, float]) -> Group:
    labels = reading.training.case.labels
    return [(y_hat, labels[row]) for seen in predicted for row, y_hat in seen.items()]


def _with_bounds(found: Epochwise, low: float, high: float) -> Epochwise:
    streams = [*found.streams, *(bounded(stream, low, high) for stream in found.streams)]
    return found._replace(streams=streams)
