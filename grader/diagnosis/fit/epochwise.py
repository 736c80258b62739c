"""Read a ``fit`` in which a step follows on the forward passes of several examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from grader.diagnosis.fit.batches import Batch, Joint, joint_formula, ruled_formula
from grader.diagnosis.fit.blocks import Block, Reading
from grader.diagnosis.fit.formulas import DUE, Sample, formulas
from grader.diagnosis.fit.inputs import rows_in
from grader.diagnosis.fit.labels import MISALIGNED, OWN_LABEL, ruled_labels
from grader.diagnosis.fit.mistake import ALL, BACKPROPAGATION, ENOUGH, LOSS, OUTPUT_GRADIENT, Mistake, unknown
from grader.diagnosis.fit.steps import output_da
from grader.diagnosis.fit.streams import Epoch, Group, Stream, bounded, epoch_streams
from grader.diagnosis.fit.structure import examples_visited
from grader.exam.laws.fit_log import Pass

__all__ = ["Epochwise", "in_batches", "is_once_per_epoch", "once_per_epoch", "unknown_steps"]


Floats = NDArray[np.float64]
Labels = Mapping[int, float]
"""The label of each example in one epoch."""


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
    sizes = {*map(len, covered)}
    if len(sizes) != 1 or (size := sizes.pop()) < 2:  # noqa: PLR2004 - one example is a step of its own
        return False
    steps, due = len(reading.blocks), reading.training.case.epochs
    if len(covered) > 1:
        return steps == due and 2 * size > reading.examples
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
    epochs = [
        _epochs_of(reading, [batch.rows for batch in each if batch is not None])
        for reading, each in zip(readings, batches, strict=True)
    ]
    joint = joint_formula(whole)
    more: list[Mistake] = []
    labels = None
    if joint is None and (
        other := _by_other_labels(readings, epochs, whole) or _by_order_of_labels(readings, epochs)
    ):
        joint, misaligned, labels = other
        more.append(misaligned)
    if joint is None or len(readings) < ENOUGH:
        return None
    seen, due = f"da = {joint.text}, over several examples", "a step of its own for every example"
    found = [_in_formula(name, readings, joint.text) for name in joint.ids]
    found += [Mistake("batch-training", ALL, len(readings), seen, due), *more]
    read = _read(readings, epochs, found, labels)
    return read if joint.bounds is None else _with_bounds(read, *joint.bounds)


def _by_other_labels(
    readings: Sequence[Reading], epochs: Sequence[Sequence[Sequence[Block]]], own: Sequence[Batch]
) -> tuple[Joint, Mistake, Sequence[Sequence[Labels]]] | None:
    """Return the formula of the batches' ``da`` with labels of other examples, and these labels in each case."""
    if all(len({*batch.y_hat.tolist()}) == 1 for batch in own):
        # Of one pass with several examples, only the first output is known.
        return None
    texts: list[str] = []
    by_rule: list[list[Sequence[Labels]]] = []
    for reading, each in zip(readings, epochs, strict=True):
        rows = [[row for block in epoch for row in _latest(reading, block.passes)] for epoch in each]
        rules = ruled_labels(reading.training.case, rows)
        texts = [text for text, _ in rules]
        by_rule.append(
            [
                [dict(zip(*epoch, strict=True)) for epoch in zip(rows, given, strict=True)]
                for _, given in rules
            ]
        )
    rules_in_cases = [*zip(*by_rule, strict=True)]
    found = ruled_formula([_with_labels(own, epochs, labels) for labels in rules_in_cases], own)
    if found is None:
        return None
    seen = texts[found.place]
    mistake = Mistake("labels-misaligned", MISALIGNED, found.cases, seen, OWN_LABEL)
    return found.joint, mistake, rules_in_cases[found.place]


def _by_order_of_labels(
    readings: Sequence[Reading], epochs: Sequence[Sequence[Sequence[Block]]]
) -> tuple[Joint, Mistake, Sequence[Sequence[Labels]]] | None:
    """Return the same if every ``da`` has a number for each example, and the labels are in another order."""
    samples: list[Sample] = []
    rows: list[list[int]] = []
    for reading, each in zip(readings, epochs, strict=True):
        batches = [_batch(reading, block) for epoch in each for block in epoch]
        whole = [batch for batch in batches if batch is not None and batch.da.size == len(batch.rows)]
        if len(whole) < len(batches):
            return None
        numbers = (np.concatenate([getattr(batch, name) for batch in whole]) for name in ("y_hat", "y", "da"))
        samples.append(Sample(reading.training.case, *numbers))
        rows.append([row for batch in whole for row in batch.rows])
    found = formulas(samples)
    if len({each.ids for each in found}) != 1:
        return None
    labels = [_in_epochs(*each) for each in zip(readings, epochs, rows, found[0].labels, strict=True)]
    if any(
        sorted(epoch.values()) != sorted(reading.training.case.labels)
        for reading, own in zip(readings, labels, strict=True)
        for epoch in own
    ):
        return None
    cases = sum(bool((used != each.y).any()) for used, each in zip(found[0].labels, samples, strict=True))
    seen = "y = the labels in another order than the data"
    mistake = Mistake("labels-misaligned", MISALIGNED, cases, seen, OWN_LABEL)
    text = found[0].text.removeprefix("da = ")
    # Of several examples at once, da / N is no mistake of its own.
    is_mean = text.endswith(" / N")
    ids = tuple(name for name in found[0].ids if not (is_mean and name == "output-gradient-rescaled"))
    joint = Joint(ids, text)
    return (joint, mistake, labels) if cases >= ENOUGH else None


def _in_epochs(
    reading: Reading, epochs: Sequence[Sequence[Block]], rows: Sequence[int], used: Floats
) -> list[Labels]:
    """Return the labels ``used`` for the examples in ``rows``, for each epoch."""
    pairs = iter(zip(rows, used.tolist(), strict=True))
    counts = [sum(len(_latest(reading, block.passes)) for block in epoch) for epoch in epochs]
    return [dict(islice(pairs, count)) for count in counts]


def _with_labels(
    batches: Sequence[Batch],
    epochs: Sequence[Sequence[Sequence[Block]]],
    labels: Sequence[Sequence[Labels]],
) -> list[Batch]:
    of_blocks = (
        given
        for each, own in zip(epochs, labels, strict=True)
        for epoch, given in zip(each, own, strict=True)
        for _ in epoch
    )
    return [
        batch._replace(y=np.array([given[row] for row in batch.rows]))
        for batch, given in zip(batches, of_blocks, strict=True)
    ]


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
    for each in reversed(passes[:: _times(passes)]):
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
    readings: Sequence[Reading],
    epochs: Sequence[Sequence[Sequence[Block]]],
    found: Sequence[Mistake],
    used: Sequence[Sequence[Labels]] | None = None,
) -> Epochwise:
    """Return the mistakes with those in which examples an epoch has, and the predictions of each epoch.

    The losses may come from the labels that the steps ``used``, too.
    """
    own = [
        [dict(enumerate(reading.training.case.labels))] * len(each)
        for reading, each in zip(readings, epochs, strict=True)
    ]
    visited = [
        [[row for block in epoch for row in _latest(reading, block.passes)] for epoch in each]
        for reading, each in zip(readings, epochs, strict=True)
    ]
    mistakes = [*found, *examples_visited(readings, visited)]
    streams: list[Stream] = []
    for labels in (own,) if used is None else (used, own):
        before, after = _groups(readings, epochs, labels)
        counted, more = epoch_streams([reading.training.case for reading in readings], before, after)
        streams += more
    return Epochwise(mistakes, list(map(len, epochs)), counted, streams)


def _groups(
    readings: Sequence[Reading],
    epochs: Sequence[Sequence[Sequence[Block]]],
    labels: Sequence[Sequence[Labels]],
) -> tuple[list[list[Group]], list[list[Group]]]:
    """Return the predictions and labels of each epoch before its last step, and after it; these may be none."""
    before: list[list[Group]] = []
    after: list[list[Group]] = []
    for reading, own, given in zip(readings, epochs, labels, strict=True):
        predicted = [[_latest(reading, block.passes) for block in epoch] for epoch in own]
        before.append([_group(y, *epoch) for epoch, y in zip(predicted, given, strict=True)])
        later = [_latest(reading, passes) for passes in _after(reading, own)]
        after.append(
            [
                _group(y, seen) if {*seen} == {row for each in epoch for row in each} else []
                for seen, epoch, y in zip(later, predicted, given, strict=True)
            ]
        )
    return before, after


def _after(reading: Reading, epochs: Sequence[Sequence[Block]]) -> list[Sequence[Pass]]:
    """Return the forward passes between the last step of each epoch and the first one's of the next."""
    following = [epoch[0] for epoch in epochs[1:]]
    between = [block.passes[: -_length(reading, block)] for block in following]
    return [*between, reading.trailing]


def _length(reading: Reading, block: Block) -> int:
    """Return how many of a block's passes belong to its step."""
    return (
        1 if block.passes[-1].example is None else len(_latest(reading, block.passes)) * _times(block.passes)
    )


def _times(passes: Sequence[Pass]) -> int:
    """Return how often in a row each of several examples goes forward: twice or once."""
    examples = [each.example for each in passes]
    return 2 if len({*examples}) > 1 and examples[::2] == examples[1::2] else 1


def _group(labels: Labels, *predicted: Mapping[int, float]) -> Group:
    return [(y_hat, labels[row]) for seen in predicted for row, y_hat in seen.items()]


def _with_bounds(found: Epochwise, low: float, high: float) -> Epochwise:
    streams = [*found.streams, *(bounded(stream, low, high) for stream in found.streams)]
    return found._replace(streams=streams)
