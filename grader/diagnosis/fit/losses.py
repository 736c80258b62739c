"""Tell how the printed numbers follow from predictions and labels."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from grader.diagnosis.fit.example_losses import DUE, ExampleLoss, example_losses
from grader.diagnosis.fit.lines import Printed, Row
from grader.diagnosis.fit.mistake import ENOUGH, LOSS, Mistake
from grader.diagnosis.fit.streams import Epoch, Stream

__all__ = ["explain_lines"]

Floats = NDArray[np.float64]

_FORM, _SELDOM, _PER_EXAMPLE = "loss-line-format", "loss-printed-seldom", "loss-printed-per-example"
_LINE = "Loss at epoch 1: 0.693"
_LEAST_DIVISOR, _LARGEST_DIVISOR = 1.5, 1e6
_FRACTION = 1e-5
"""How far a printed number may be off, as a fraction, for float32 and added constants of 1e-7."""


@dataclass(frozen=True)
class _Sums:
    """The losses of the examples, put together for each epoch: arrays with one number for each epoch."""

    epochs: Sequence[Epoch]
    losses: Floats
    counts: NDArray[np.int64]

    @cached_property
    def total(self) -> Floats:
        return np.add.reduceat(self.losses, np.cumsum(self.counts) - self.counts)

    @cached_property
    def last(self) -> Floats:
        return self.losses[np.cumsum(self.counts) - 1]

    def of_case(self, read: Callable[[Epoch], float]) -> Floats:
        return np.array([read(epoch) for epoch in self.epochs], dtype=float)

    def so_far(self, each: Floats) -> Floats:
        """Return the sums of ``each`` over the epochs of a case up to this one."""
        sums = np.cumsum(each)
        first = np.array([epoch.number == 1 for epoch in self.epochs])
        begun = (sums - each)[first]
        return sums - begun[np.cumsum(first) - 1]


class _Mean(NamedTuple):
    """A way to put the losses of the examples together."""

    ids: tuple[str, ...]
    text: str
    value: Callable[[_Sums], Floats]


def _divided(name: str, read: Callable[[Epoch], float]) -> _Mean:
    return _Mean(_NOT_AVERAGED, f"Σ L / {name}", lambda sums: sums.total / sums.of_case(read))


_NOT_AVERAGED, _NOT_RESET, _LAST = ("loss-not-averaged",), ("loss-not-reset",), ("loss-last-example",)
_FROM_START = "Σ L over all epochs so far"


def _n(epoch: Epoch) -> int:
    return epoch.case.examples


_MEANS = (
    _Mean((), "Σ L / N", lambda sums: sums.total / sums.counts),
    _Mean((), "Σ L / N", lambda sums: sums.total / sums.of_case(_n)),
    _Mean(_NOT_AVERAGED, "Σ L", lambda sums: sums.total),
    _divided("(N + 1)", lambda epoch: _n(epoch) + 1),
    _divided("(N − 1)", lambda epoch: _n(epoch) - 1),
    _divided("epochs", lambda epoch: epoch.case.epochs),
    _divided("epoch", lambda epoch: epoch.number),
    _divided("(N·epochs)", lambda epoch: _n(epoch) * epoch.case.epochs),
    _divided("(N·epoch)", lambda epoch: _n(epoch) * epoch.number),
    _divided("(number of features)", lambda epoch: len(epoch.case.rows[0])),
    _divided("(N · number of features)", lambda epoch: _n(epoch) * len(epoch.case.rows[0])),
    _divided("(2·N)", lambda epoch: 2 * _n(epoch)),
    _divided("(2·N · number of features)", lambda epoch: 2 * _n(epoch) * len(epoch.case.rows[0])),
    _divided("(number of layers)", lambda epoch: len(epoch.case.sizes)),
    _divided("(N · number of layers)", lambda epoch: _n(epoch) * len(epoch.case.sizes)),
    _divided("N²", lambda epoch: _n(epoch) ** 2),
    _Mean(_NOT_RESET, f"{_FROM_START} / N", lambda sums: sums.so_far(sums.total) / sums.counts),
    _Mean(_NOT_RESET, f"{_FROM_START} / N", lambda sums: sums.so_far(sums.total) / sums.of_case(_n)),
    _Mean(
        _NOT_RESET,
        f"{_FROM_START} / (N·epoch)",
        lambda sums: sums.so_far(sums.total) / sums.so_far(sums.counts.astype(float)),
    ),
    _Mean(
        _NOT_RESET,
        "the mean of the means so far",
        lambda sums: sums.so_far(sums.total / sums.counts) / sums.of_case(lambda epoch: epoch.number),
    ),
    _Mean(_NOT_RESET + _NOT_AVERAGED, _FROM_START, lambda sums: sums.so_far(sums.total)),
    _Mean(
        _NOT_RESET + _NOT_AVERAGED,
        f"{_FROM_START} / epochs",
        lambda sums: sums.so_far(sums.total) / sums.of_case(lambda epoch: epoch.case.epochs),
    ),
    _Mean(_LAST, "L of the last example", lambda sums: sums.last),
    _Mean(_LAST, "L of the last example / N", lambda sums: sums.last / sums.of_case(_n)),
)
"""The right way first."""


class _Put(NamedTuple):
    """The losses of the examples put together: one number for each epoch, or for each example."""

    ids: tuple[str, ...]
    text: str
    numbers: Floats


class _Explained(NamedTuple):
    """How the printed numbers follow from the predictions."""

    stream: Stream
    loss: ExampleLoss
    mean: _Put

    @property
    def ids(self) -> tuple[str, ...]:
        return (*self.stream.ids, *self.loss.ids, *self.mean.ids)


class _Aligned(NamedTuple):
    """A way to read the lines, with the place of each number in the list of epochs (or of examples)."""

    ids: tuple[str, ...]
    seen: str
    values: Floats
    places: NDArray[np.int64]
    leave: float
    is_per_example: bool = False


def explain_lines(
    ways: Sequence[Printed], epochs: Sequence[Epoch], streams: Sequence[Stream]
) -> list[Mistake] | None:
    """Return the fewest mistakes that give the printed lines: none if they are right, ``None`` if nothing is known."""
    found: dict[tuple[str, ...], list[Mistake]] = {}
    for way in ways:
        for aligned in _alignments(way, epochs, streams):
            for explained in _explanations(aligned, epochs, streams):
                ids = tuple(sorted({*aligned.ids, *explained.ids}))
                found.setdefault(ids, _mistakes(aligned, explained, epochs))
    if not found:
        return None
    least = min(map(len, found))
    best = [mistakes for ids, mistakes in found.items() if len(ids) == least]
    return best[0] if len(best) == 1 else None


def _alignments(way: Printed, epochs: Sequence[Epoch], streams: Sequence[Stream]) -> Iterator[_Aligned]:
    """Yield the ways to assign the printed numbers to epochs, or to the examples of the first stream."""
    places = [
        [i for i, epoch in enumerate(epochs) if epoch.place == place] for place in range(len(way.cases))
    ]
    pairs = [(rows, own) for rows, own in zip(way.cases, places, strict=True) if rows is not None and own]
    if not pairs:
        return
    form = () if way.is_exact else (_FORM,)
    values = np.array([row.value for rows, _ in pairs for row in rows])
    if all(len(rows) == len(own) for rows, own in pairs):
        counted = all([row.epoch for row in rows] == list(range(1, len(own) + 1)) for rows, own in pairs)
        ids = form or (() if counted else (_FORM,))
        yield _Aligned(ids, way.line, values, np.array([i for _, own in pairs for i in own]), way.leave)
        return
    for first in (1, 0):
        chosen = [_chosen(rows, own, first) for rows, own in pairs]
        if any(each is None for each in chosen):
            continue
        fewer = sum(len(rows) < len(own) for rows, own in pairs)
        if fewer >= ENOUGH and values.size:
            flat = np.array([i for each in chosen for i in each or ()])
            numbering = form or (() if first else (_FORM,))
            yield _Aligned((_SELDOM, *numbering), way.line, values, flat, way.leave)
    counts = streams[0].counts if streams else np.array([])
    if counts.size and all(len(rows) == counts[own].sum() for rows, own in pairs):
        starts = np.cumsum(counts) - counts
        flat = np.array([starts[i] + k for _, own in pairs for i in own for k in range(counts[i])])
        yield _Aligned((_PER_EXAMPLE,), way.line, values, flat, way.leave, is_per_example=True)


def _chosen(rows: Sequence[Row], own: Sequence[int], first: int) -> list[int] | None:
    """Return the places of the epochs that have a row, if the epochs are counted from ``first``."""
    numbers = [row.epoch for row in rows]
    if any(number is None or not 0 <= number - first < len(own) for number in numbers):
        return None
    chosen = [own[number - first] for number in numbers if number is not None]
    return chosen if chosen == sorted({*chosen}) else None


def _explanations(
    aligned: _Aligned, epochs: Sequence[Epoch], streams: Sequence[Stream]
) -> Iterator[_Explained]:
    leave = aligned.leave + _FRACTION * np.abs(aligned.values)
    for stream in streams:
        for loss in _example_losses():
            with np.errstate(all="ignore"):
                sums = _Sums(epochs, loss.value(stream.y_hat, stream.y), stream.counts)
                for put in _running(sums) if aligned.is_per_example else _of_epochs(sums, aligned):
                    if len(put.numbers) <= aligned.places.max():
                        continue
                    if (np.abs(put.numbers[aligned.places] - aligned.values) <= leave).all():
                        yield _Explained(stream, loss, put)


@cache
def _example_losses() -> list[ExampleLoss]:
    return example_losses()


def _of_epochs(sums: _Sums, aligned: _Aligned) -> Iterator[_Put]:
    for mean in _MEANS:
        yield _Put(mean.ids, mean.text, mean.value(sums))
    divisor = sums.total[aligned.places[0]] / aligned.values[0]
    if _LEAST_DIVISOR < divisor < _LARGEST_DIVISOR:
        for number in {round(divisor), round(divisor, -1)} - {0}:
            yield _Put(_NOT_AVERAGED, f"Σ L / {number:g}", sums.total / number)
    yield _Put(("loss-wrong-formula",), "√(Σ L / N)", np.sqrt(sums.total / sums.counts))


def _running(sums: _Sums) -> Iterator[_Put]:
    """Yield the ways to put the losses together after each example."""
    within = np.concatenate([np.arange(1, count + 1) for count in sums.counts])
    examples = np.repeat(sums.of_case(_n), sums.counts)
    starts = np.cumsum(sums.counts) - sums.counts
    running = np.cumsum(sums.losses)
    so_far = running - np.repeat((running - sums.losses)[starts], sums.counts)
    yield _Put((), "L", sums.losses)
    yield _Put((), "Σ L so far", so_far)
    yield _Put((), "Σ L so far / N", so_far / examples)
    yield _Put((), "Σ L so far / k after k examples", so_far / within)
    yield _Put((), "L / N", sums.losses / examples)


def _mistakes(aligned: _Aligned, explained: _Explained, epochs: Sequence[Epoch]) -> list[Mistake]:
    """Return the mistakes, each with what it makes of the formula."""
    per_example = "one line for each example"
    texts = {
        **dict.fromkeys(
            explained.stream.ids, (explained.stream.text, "L from the forward pass before the step")
        ),
        **dict.fromkeys(explained.loss.ids, (f"L = {explained.loss.text}", DUE)),
        **dict.fromkeys(explained.mean.ids, (explained.mean.text, "Σ L / N over the epoch's examples")),
        _FORM: (aligned.seen, _LINE),
        _SELDOM: ("a line for some epochs", "a line for every epoch"),
        _PER_EXAMPLE: (per_example, "one line for each epoch"),
    }
    cases = len({epoch.place for epoch in epochs})
    return [
        Mistake(name, (LOSS,), cases, *texts[name]) for name in dict.fromkeys((*aligned.ids, *explained.ids))
    ]
