"""Collect the predictions and labels that the printed losses may have been computed from, epoch by epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from grader.diagnosis.fit.blocks import Block, Reading
from grader.diagnosis.fit.labels import ruled_labels
from grader.exam.laws.fit_log import Pass
from grader.exam.questions.cases import FitCase

__all__ = ["Epoch", "Group", "Stream", "bounded", "epoch_streams", "pass_streams", "step_streams"]

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
_AFTER_EPOCH = "L from forward passes after the epoch"


def step_streams(
    readings: Sequence[Reading], chunks: Sequence[Sequence[Sequence[Block]]], used: Labels
) -> tuple[list[Epoch], list[Stream]]:
    """Return the epochs and streams of a ``fit`` that takes a step for each example.

    ``used`` has the label that each step used, NaN where that is not known.
    """
    epochs: list[Epoch] = []
    steps: list[list[_Step]] = []
    rounds: list[Group] = []
    rounds_used: list[Group] = []
    for place, (reading, epochs_of_case, labels) in enumerate(zip(readings, chunks, used, strict=True)):
        case = reading.training.case
        blocks = [block for each in epochs_of_case for block in each]
        later = [*(block.passes[:-1] for block in blocks[1:]), reading.trailing]
        found = [_step(case, *each) for each in zip(blocks, later, labels.tolist(), strict=True)]
        at = 0
        for number, epoch in enumerate(epochs_of_case, 1):
            epochs.append(Epoch(place, case, number))
            steps.append(found[at : at + len(epoch)])
            at += len(epoch)
            rounds.append(_round(case, later[at - 1], dict(enumerate(case.labels))))
            used_by = {
                block.step.example: step.used
                for block, step in zip(epoch, steps[-1], strict=True)
                if block.step.example is not None
            }
            rounds_used.append(_round(case, later[at - 1], used_by))
    streams = [
        *_of_steps(steps, own=False),
        _stream(_AFTER, _AFTER_EPOCH, rounds_used),
        *_of_steps(steps, own=True),
        _stream(_AFTER, _AFTER_EPOCH, rounds),
    ]
    if all(step.used == step.own for epoch in steps for step in epoch):
        streams = streams[: len(streams) // 2]
    return epochs, [each for each in streams if each is not None]


class _Step(NamedTuple):
    """The predictions before and after a step, and the labels that may belong to them."""

    before: float
    after: float | None
    """``None`` if the example did not go forward once more."""
    used: float
    own: float


def _of_steps(steps: Sequence[Sequence[_Step]], *, own: bool) -> list[Stream | None]:
    """Return what the losses may come from, with the examples' ``own`` labels or with those that were used."""
    before, after, both = [], [], []
    for epoch in steps:
        labels = [step.own if own else step.used for step in epoch]
        before.append([(step.before, y) for step, y in zip(epoch, labels, strict=True)])
        second = [
            (p, y) for p, y in zip((step.after for step in epoch), labels, strict=True) if p is not None
        ]
        after.append(second if len(second) == len(epoch) else [])
        both.append([*before[-1], *second] if after[-1] else [])
    return [
        _stream((), "", before),
        _stream(_AFTER, "L from a second forward pass, after the step", after),
        _stream(_AFTER, "L from the forward passes before and after the step", both),
    ]


def _step(case: FitCase, block: Block, later: Sequence[Pass], used: float) -> _Step:
    before, example = block.step.before, block.step.example
    own = np.nan if example is None else case.labels[example]
    second = _pass_of(example, later)
    return _Step(
        np.nan if before is None else before.prediction,
        None if second is None else second.prediction,
        own if np.isnan(used) else used,
        own,
    )


def _pass_of(example: int | None, passes: Sequence[Pass]) -> Pass | None:
    return passes[0] if passes and passes[0].example == example else None


def _round(case: FitCase, passes: Sequence[Pass], labels: Mapping[int, float]) -> list[tuple[float, float]]:
    """Return the last forward passes with the examples' ``labels`` if they are one for each example."""
    last = {each.example: each.prediction for each in passes[-case.examples :] if each.example is not None}
    if len(last) != case.examples or not last.keys() <= labels.keys():
        return []
    return [(y_hat, labels[example]) for example, y_hat in last.items()]


def epoch_streams(
    cases: Sequence[FitCase], before: Sequence[Sequence[Group]], after: Sequence[Sequence[Group]]
) -> tuple[list[Epoch], list[Stream]]:
    """Return the epochs and the streams of a ``fit`` whose steps follow on several forward passes.

    ``before`` and ``after`` the last step of each epoch of each case; the latter may be empty.
    """
    epochs = [
        Epoch(place, case, number)
        for place, (case, each) in enumerate(zip(cases, before, strict=True))
        for number in range(1, len(each) + 1)
    ]
    streams = (
        _stream((), "", [*chain.from_iterable(before)]),
        _stream(_AFTER, _AFTER_EPOCH, [*chain.from_iterable(after)]),
    )
    return epochs, [each for each in streams if each is not None]


def bounded(stream: Stream, low: float, high: float) -> Stream:
    """Return the stream with every ŷ between ``low`` and ``high``."""
    text = f"ŷ between {low:.6g} and {high:.6g}"
    ids = ("prediction-clipped", *stream.ids)
    return replace(stream, ids=ids, text=text, y_hat=np.clip(stream.y_hat, low, high))


def pass_streams(readings: Sequence[Reading]) -> tuple[list[Epoch], list[Stream], list[list[list[int]]]]:
    """Return the epochs and the streams of a ``fit`` that takes no step, and the examples of each case's epochs."""
    epochs: list[Epoch] = []
    rounds = [_rounds(reading.training.case, reading.trailing) for reading in readings]
    own: list[Group] = []
    ruled: dict[tuple[int, str], list[Group]] = {}
    for place, (reading, each) in enumerate(zip(readings, rounds, strict=True)):
        case = reading.training.case
        epochs += [Epoch(place, case, number) for number in range(1, len(each) + 1)]
        own += [[(y_hat, case.labels[row]) for row, y_hat in seen.items()] for seen in each]
        for number, (text, labels) in enumerate(ruled_labels(case, [[*seen] for seen in each])):
            groups = [[*zip(seen.values(), y, strict=True)] for seen, y in zip(each, labels, strict=True)]
            ruled.setdefault((number, text), []).extend(groups)
    streams = [
        _stream((), "", own),
        *(_stream(("labels-misaligned",), text, groups) for (_, text), groups in ruled.items()),
    ]
    rows = [[[*seen] for seen in each] for each in rounds]
    return epochs, [each for each in streams if each is not None], rows


def _rounds(case: FitCase, passes: Sequence[Pass]) -> list[dict[int, float]]:
    """Return the predictions of each epoch, by the example: of the passes in equal parts, or between repetitions."""
    # A second forward pass of every example gives the same, since no step is taken.
    if [each.example for each in passes[::2]] == [each.example for each in passes[1::2]]:
        passes = passes[::2]
    size, rest = divmod(len(passes), case.epochs)
    if size and not rest:
        parts = [_predictions(passes[start : start + size]) for start in range(0, len(passes), size)]
        if all(len(part) == size for part in parts):
            return parts
    found: list[dict[int, float]] = []
    seen: dict[int, float] = {}
    for each in passes:
        if each.example is None or each.example in seen:
            seen = {}
        seen.update(_predictions([each]))
        if len(seen) == case.examples:
            found.append(seen)
            seen = {}
    return found


def _predictions(passes: Sequence[Pass]) -> dict[int, float]:
    return {each.example: each.prediction for each in passes if each.example is not None}
