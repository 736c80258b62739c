"""Collect the predictions and labels that the printed losses may have been computed from, epoch by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from grader.diagnosis.fit.blocks import Block, Reading
from grader.exam.laws.fit_log import Pass
from grader.exam.questions.cases import FitCase

__all__ = ["Epoch", "Group", "Stream", "batch_streams", "pass_streams", "step_streams"]

Floats = NDArray[np.float64]
Labels = Sequence[Floats]
Group = Sequence[tuple[float, float]]
"""ŷ and y, one after another."""


@dataclass(frozen=True)
class Epoch:
    """An epoch that was trained: the number of its case, the case, and its own number from 1."""

    place: int
    case: FitCase
    number: int


@dataclass(frozen=True)
class Stream:
    """Predictions and labels of all epochs, one epoch after another."""

    ids: tuple[str, ...]
    """The mistakes, if the losses should be computed from other predictions."""
    text: str
    y_hat: Floats
    y: Floats
    counts: NDArray[np.int64]
    """How many there are for each epoch."""


def _stream(ids: tuple[str, ...], text: str, epochs: Sequence[Group]) -> Stream | None:
    """Return the stream, or ``None`` if an epoch has nothing."""
    if not epochs or not all(epochs):
        return None
    pairs = np.array(list(chain.from_iterable(epochs)))
    return Stream(ids, text, pairs[:, 0], pairs[:, 1], np.array([len(epoch) for epoch in epochs]))


_AFTER = ("loss-after-update",)


def step_streams(
    readings: Sequence[Reading], chunks: Sequence[Sequence[Sequence[Block]]], used: Labels
) -> tuple[list[Epoch], list[Stream]]:
    """Return the epochs and streams of a ``fit`` that takes a step for each example.

    ``used`` has the label that each step used, NaN where that is not known.
    """
    epochs: list[Epoch] = []
    before: list[list[tuple[float, float]]] = []
    own: list[list[tuple[float, float]]] = []
    after: list[list[tuple[float, float]]] = []
    rounds: list[list[tuple[float, float]]] = []
    for place, (reading, epochs_of_case, labels) in enumerate(zip(readings, chunks, used, strict=True)):
        case = reading.training.case
        blocks = [block for each in epochs_of_case for block in each]
        later = [block.passes[:-1] for block in blocks[1:]] + [reading.trailing]
        at = 0
        for number, epoch in enumerate(epochs_of_case, 1):
            epochs.append(Epoch(place, case, number))
            steps = [(block.step, *_own(case, block)) for block in epoch]
            own.append([(y_hat, y) for _, y_hat, y in steps])
            taken = labels[at : at + len(epoch)]
            before.append(
                [
                    (y_hat, y if np.isnan(seen) else seen)
                    for (_, y_hat, y), seen in zip(steps, taken, strict=True)
                ]
            )
            second = [_pass_of(block.step.example, later[at + k]) for k, block in enumerate(epoch)]
            after.append(
                []
                if None in second
                else [(p.prediction, y) for p, (_, _, y) in zip(second, steps, strict=True) if p]
            )
            rounds.append(_round(case, later[at + len(epoch) - 1]))
            at += len(epoch)
    both = [
        [*chain.from_iterable(zip(b, a, strict=True))] if a else [] for b, a in zip(own, after, strict=True)
    ]
    found = [
        _stream((), "", before),
        None if own == before else _stream((), "", own),
        _stream(_AFTER, "L from a second forward pass, after the step", after),
        _stream(_AFTER, "L from the forward passes before and after the step", both),
        _stream(_AFTER, "L from forward passes after the epoch", rounds),
    ]
    return epochs, [each for each in found if each is not None]


def _own(case: FitCase, block: Block) -> tuple[float, float]:
    before, example = block.step.before, block.step.example
    return (
        np.nan if before is None else before.prediction,
        np.nan if example is None else case.labels[example],
    )


def _pass_of(example: int | None, passes: Sequence[Pass]) -> Pass | None:
    return passes[0] if passes and passes[0].example == example else None


def _round(case: FitCase, passes: Sequence[Pass]) -> list[tuple[float, float]]:
    """Return the last forward passes if they are one for each example."""
    last = [each for each in passes[-case.examples :] if each.example is not None]
    if len({each.example for each in last}) != case.examples:
        return []
    return [(each.prediction, case.labels[each.example]) for each in last if each.example is not None]


def batch_streams(
    cases: Sequence[FitCase], groups: Sequence[Sequence[Sequence[Group]]]
) -> tuple[list[Epoch], list[Stream]]:
    """Return the epochs and the stream of a ``fit`` that trains in batches: for each case and epoch, the batches."""
    epochs, pairs = [], []
    for place, (case, each) in enumerate(zip(cases, groups, strict=True)):
        for number, batches in enumerate(each, 1):
            epochs.append(Epoch(place, case, number))
            pairs.append([*chain.from_iterable(batches)])
    stream = _stream((), "", pairs)
    return epochs, [] if stream is None else [stream]


def pass_streams(readings: Sequence[Reading]) -> tuple[list[Epoch], list[Stream]]:
    """Return the epochs and the stream of a ``fit`` that goes through the examples without a step."""
    epochs, pairs = [], []
    for place, reading in enumerate(readings):
        case = reading.training.case
        rounds = _rounds(
            case, [*chain.from_iterable(block.passes for block in reading.blocks), *reading.trailing]
        )
        for number, each in enumerate(rounds, 1):
            epochs.append(Epoch(place, case, number))
            pairs.append(each)
    stream = _stream((), "", pairs)
    return epochs, [] if stream is None else [stream]


def _rounds(case: FitCase, passes: Sequence[Pass]) -> list[list[tuple[float, float]]]:
    """Return the rounds through all examples, each beginning anew when an example comes again."""
    found: list[list[tuple[float, float]]] = []
    seen: dict[int, tuple[float, float]] = {}
    for each in passes:
        if each.example is None or each.example in seen:
            seen = {}
        if each.example is not None:
            seen[each.example] = (each.prediction, case.labels[each.example])
        if len(seen) == case.examples:
            found.append([*seen.values()])
            seen = {}
    return found
