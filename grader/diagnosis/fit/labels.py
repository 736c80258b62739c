"""Tell by which rule the steps of a ``fit`` got labels of other examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from grader.diagnosis.fit.blocks import Block, Reading
from grader.diagnosis.fit.mistake import BACKPROPAGATION, ENOUGH, LOSS, OUTPUT_GRADIENT
from grader.exam.questions.cases import FitCase

__all__ = ["MISALIGNED", "OWN_LABEL", "Pairing", "pairing", "ruled_labels"]

Floats = NDArray[np.float64]

MISALIGNED = (BACKPROPAGATION, OUTPUT_GRADIENT, LOSS)
"""The criteria that labels of other examples may cost."""
OWN_LABEL = "y = labels[i] for example i"


class _At(NamedTuple):
    """Where a step is: its epoch and its place in it, and the examples of the epoch in order."""

    labels: Sequence[float]
    epoch: int
    place: int
    order: Sequence[int]

    @property
    def row(self) -> int:
        """The example of the step."""
        return self.order[self.place]


class Pairing(NamedTuple):
    """A rule that gives the label of every step."""

    text: str
    cases: int
    """In how many cases it gives another label than the example's."""


_RULES: tuple[tuple[str, Callable[[_At], float]], ...] = (
    ("y = labels[0]", lambda at: at.labels[0]),
    ("y = labels[N − 1]", lambda at: at.labels[-1]),
    ("y = labels[epoch]", lambda at: at.labels[at.epoch % len(at.labels)]),
    ("y = labels[epoch]", lambda at: at.labels[(at.epoch + 1) % len(at.labels)]),
    ("y = labels[k] in step k, whatever the example", lambda at: at.labels[at.place]),
    (
        "y = labels[k + 1] in step k, whatever the example",
        lambda at: at.labels[(at.place + 1) % len(at.labels)],
    ),
    ("y = labels[i + 1] for example i", lambda at: at.labels[(at.row + 1) % len(at.labels)]),
    ("y = labels[i + 1] for example i", lambda at: at.labels[min(at.row + 1, len(at.labels) - 1)]),
    ("y = labels[i − 1] for example i", lambda at: at.labels[at.row - 1]),
    ("y = labels[i − 1] for example i", lambda at: at.labels[max(at.row - 1, 0)]),
    ("y = labels[N − 1 − i] for example i", lambda at: at.labels[len(at.labels) - 1 - at.row]),
    ("y = the label of the step before", lambda at: at.labels[at.order[at.place - 1]]),
    ("y = the label of the step after", lambda at: at.labels[at.order[(at.place + 1) % len(at.order)]]),
    ("y = labels sorted", lambda at: sorted(at.labels)[at.row]),
)


def pairing(
    readings: Sequence[Reading], chunks: Sequence[Sequence[Sequence[Block]]], used: Sequence[Floats]
) -> Pairing | None:
    """Return the rule by which the steps got the labels that they ``used`` (NaN where unknown).

    ``chunks`` has the blocks of each epoch of each reading.
    """
    places = [_places(reading, epochs) for reading, epochs in zip(readings, chunks, strict=True)]
    for text, rule in _RULES:
        if found := _checked(text, places, [[rule(at) for at in each] for each in places], used):
            return found
    if all(
        _are_rearranged(at, epochs, labels) for at, epochs, labels in zip(places, chunks, used, strict=True)
    ):
        return _checked("y = the labels in another order than the data", places, used, used)
    return None


def ruled_labels(case: FitCase, epochs: Sequence[Sequence[int]]) -> list[tuple[str, list[list[float]]]]:
    """Return the labels by each rule for the examples of each epoch, with the rule in words."""
    return [
        (
            text,
            [
                [rule(_At(case.labels, epoch, k, rows)) for k in range(len(rows))]
                for epoch, rows in enumerate(epochs)
            ],
        )
        for text, rule in _RULES
    ]


def _places(reading: Reading, epochs: Sequence[Sequence[Block]]) -> list[_At]:
    found = []
    for epoch, blocks in enumerate(epochs):
        order = [row for block in blocks if (row := block.step.example) is not None]
        found += [_At(reading.training.case.labels, epoch, place, order) for place in range(len(order))]
    return found


def _checked(
    text: str,
    places: Sequence[Sequence[_At]],
    given: Sequence[Sequence[float] | Floats],
    used: Sequence[Floats],
) -> Pairing | None:
    cases = 0
    for ats, labels, seen in zip(places, given, used, strict=True):
        known = ~np.isnan(seen)
        if not (np.array(labels)[known] == seen[known]).all():
            return None
        own = np.array([at.labels[at.row] for at in ats])
        cases += bool((own[known] != seen[known]).any())
    return Pairing(text, cases) if cases >= ENOUGH else None


def _are_rearranged(ats: Sequence[_At], epochs: Sequence[Sequence[Block]], used: Floats) -> bool:
    """Tell whether every epoch used each label as often as the data have it."""
    if np.isnan(used).any():
        return False
    count = len(ats[0].labels)
    due = Counter(ats[0].labels)
    starts = range(0, len(used), count)
    return all(len(blocks) == count for blocks in epochs) and all(
        Counter(used[start : start + count].tolist()) == due for start in starts
    )
