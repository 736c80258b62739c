"""Tell how the printed numbers follow from predictions and labels."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from grader.diagnosis.fit.example_losses import CLIPPED_FORMS, DUE, FORMS, ExampleLoss
from grader.diagnosis.fit.lines import Printed, Row
from grader.diagnosis.fit.mistake import ENOUGH, LOSS, Mistake
from grader.diagnosis.fit.streams import Epoch, Stream

__all__ = ["explain_lines"]

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

_FORM, _SELDOM, _PER_EXAMPLE = "loss-line-format", "loss-printed-seldom", "loss-printed-per-example"
_LINE = "Loss at epoch 1: 0.693"
_DUE_OF_STREAM = {
    "labels-misaligned": "y = labels[i] for example i",
    "loss-after-update": "L from the forward pass before the step",
    "prediction-clipped": "ŷ as it is",
}
_LEAST_DIVISOR, _LARGEST_DIVISOR = 1.5, 1e6
_FRACTION = 1e-5
"""How far a printed number may be off, as a fraction, for float32 and added constants of 1e-7."""


class _Divisor(NamedTuple):
    """What a sum of losses is divided by."""

    ids: tuple[str, ...]
    text: str
    value: Callable[[Epoch], float]


def _n(epoch: Epoch) -> int:
    return epoch.case.examples


def _features(epoch: Epoch) -> int:
    return len(epoch.case.rows[0])


_NOT_AVERAGED, _NOT_RESET, _LAST = ("loss-not-averaged",), ("loss-not-reset",), ("loss-last-example",)
_FROM_START = "Σ L over all epochs so far"
_DIVISORS = (
    _Divisor((), "Σ L / N", _n),
    _Divisor(_NOT_AVERAGED, "Σ L", lambda _epoch: 1),
    _Divisor(_NOT_AVERAGED, "Σ L / (N + 1)", lambda epoch: _n(epoch) + 1),
    _Divisor(_NOT_AVERAGED, "Σ L / (N − 1)", lambda epoch: _n(epoch) - 1),
    _Divisor(_NOT_AVERAGED, "Σ L / epochs", lambda epoch: epoch.case.epochs),
    _Divisor(_NOT_AVERAGED, "Σ L / epoch", lambda epoch: epoch.number),
    _Divisor(_NOT_AVERAGED, "Σ L / (N·epochs)", lambda epoch: _n(epoch) * epoch.case.epochs),
    _Divisor(_NOT_AVERAGED, "Σ L / (N·epoch)", lambda epoch: _n(epoch) * epoch.number),
    _Divisor(_NOT_AVERAGED, "Σ L / (2·N)", lambda epoch: 2 * _n(epoch)),
    _Divisor(_NOT_AVERAGED, "Σ L / N²", lambda epoch: _n(epoch) ** 2),
    _Divisor(_NOT_AVERAGED, "Σ L / (number of features)", _features),
    _Divisor(_NOT_AVERAGED, "Σ L / (N · number of features)", lambda epoch: _n(epoch) * _features(epoch)),
    _Divisor(
        _NOT_AVERAGED, "Σ L / (2·N · number of features)", lambda epoch: 2 * _n(epoch) * _features(epoch)
    ),
    _Divisor(_NOT_AVERAGED, "Σ L / (number of layers)", lambda epoch: len(epoch.case.sizes)),
    _Divisor(_NOT_AVERAGED, "Σ L / (N · number of layers)", lambda epoch: _n(epoch) * len(epoch.case.sizes)),
)
"""Of the sum over the examples of one epoch, the right one first."""
_DIVISORS_SO_FAR = (
    _Divisor(_NOT_RESET, f"{_FROM_START} / N", _n),
    _Divisor(_NOT_RESET, f"{_FROM_START} / (N·epoch)", lambda epoch: _n(epoch) * epoch.number),
    *(
        _Divisor(_NOT_RESET + each.ids, each.text.replace("Σ L", _FROM_START), each.value)
        for each in _DIVISORS[1:]
        if not each.text.endswith("(N·epoch)")
    ),
)
"""Of the sum over all epochs up to this one."""
_DIVISORS_OF_LAST = (
    _Divisor(_LAST, "L of the last example", lambda _epoch: 1),
    _Divisor(_LAST, "L of the last example / N", _n),
)


class _Way(NamedTuple):
    """A way to put the losses of the examples together."""

    ids: tuple[str, ...]
    text: str


class _Divided:
    """Divides numbers, one for each epoch, by all divisors at once."""

    def __init__(self, divisors: Sequence[_Divisor], epochs: Sequence[Epoch]) -> None:
        self._divisors = divisors
        self._numbers = np.array([[each.value(epoch) for epoch in epochs] for each in divisors], dtype=float)

    def ways(self, sums: Floats, values: Floats, leave: Floats) -> Iterator[_Way]:
        """Yield each divisor with which ``sums`` give ``values``."""
        fits = (np.abs(sums / self._numbers - values) <= leave).all(axis=1)
        for place in np.flatnonzero(fits).tolist():
            yield _Way(self._divisors[place].ids, self._divisors[place].text)


class _Explained(NamedTuple):
    """How the printed numbers follow from the predictions."""

    stream: Stream
    loss: ExampleLoss
    way: _Way

    @property
    def ids(self) -> tuple[str, ...]:
        """The mistakes in all parts."""
        return (*self.stream.ids, *self.loss.ids, *self.way.ids)


class _Aligned(NamedTuple):
    """A way to read the lines, with the place of each number in the list of epochs (or of examples)."""

    ids: tuple[str, ...]
    line: str
    values: Floats
    places: NDArray[np.int64]
    rounding: float
    is_per_example: bool = False

    @property
    def leave(self) -> Floats:
        """How far each number may be off."""
        return self.rounding + _FRACTION * np.abs(self.values)


def explain_lines(
    ways: Sequence[Printed], epochs: Sequence[Epoch], streams: Sequence[Stream], *, may_stop: bool
) -> list[Mistake] | None:
    """Return the fewest mistakes that give the printed lines: none if they are right, ``None`` if nothing is known.

    If training ``may_stop`` early, its last epoch may have no line.
    """
    readings = [each for way in ways for each in _alignments(way, epochs, streams, may_stop=may_stop)]
    for losses in (FORMS, CLIPPED_FORMS):
        found: dict[tuple[str, ...], list[Mistake]] = {}
        for aligned in readings:
            for explained in _explanations(aligned, epochs, streams, losses):
                ids = tuple(sorted({*aligned.ids, *explained.ids}))
                if not ids:
                    return []
                found.setdefault(ids, _mistakes(aligned, explained, epochs))
        if found:
            least = min(map(len, found))
            best = [mistakes for ids, mistakes in found.items() if len(ids) == least]
            return best[0] if len(best) == 1 else None
    return None


def _alignments(
    way: Printed, epochs: Sequence[Epoch], streams: Sequence[Stream], *, may_stop: bool
) -> Iterator[_Aligned]:
    """Yield the ways to assign the printed numbers to epochs, or to the examples of the first stream."""
    places: list[list[int]] = [[] for _ in way.cases]
    for i, epoch in enumerate(epochs):
        places[epoch.place].append(i)
    pairs = [(rows, own) for rows, own in zip(way.cases, places, strict=True) if rows is not None and own]
    values = np.array([row.value for rows, _ in pairs for row in rows])
    if not values.size:
        return
    form = () if way.is_exact else (_FORM,)
    if all(len(rows) == len(own) for rows, own in pairs):
        counted = all([row.epoch for row in rows] == list(range(1, len(own) + 1)) for rows, own in pairs)
        ids = form or (() if counted else (_FORM,))
        yield _Aligned(ids, way.line, values, np.array([i for _, own in pairs for i in own]), way.rounding)
        return
    for first in (1, 0):
        chosen = [_chosen(rows, own, first) for rows, own in pairs]
        if any(each is None for each in chosen):
            continue
        flat = np.array([i for each in chosen for i in each or ()])
        numbering = form or (() if first else (_FORM,))
        if may_stop and all(len(own) - len(rows) in {0, 1} for rows, own in pairs):
            yield _Aligned(numbering, way.line, values, flat, way.rounding)
        elif sum(len(rows) < len(own) for rows, own in pairs) >= ENOUGH:
            yield _Aligned((_SELDOM, *numbering), way.line, values, flat, way.rounding)
    counts = streams[0].counts if streams else np.zeros(len(epochs), dtype=np.int64)
    if all(len(rows) == counts[own].sum() for rows, own in pairs):
        starts = np.cumsum(counts) - counts
        flat = np.array([starts[i] + k for _, own in pairs for i in own for k in range(counts[i])])
        yield _Aligned((_PER_EXAMPLE,), way.line, values, flat, way.rounding, is_per_example=True)


def _chosen(rows: Sequence[Row], own: Sequence[int], first: int) -> list[int] | None:
    """Return the places of the epochs that have a row, if the epochs are counted from ``first``."""
    numbers = [row.epoch for row in rows]
    if any(number is None or not 0 <= number - first < len(own) for number in numbers):
        return None
    chosen = [own[number - first] for number in numbers if number is not None]
    return chosen if chosen == sorted({*chosen}) else None


def _explanations(
    aligned: _Aligned, epochs: Sequence[Epoch], streams: Sequence[Stream], losses: Sequence[ExampleLoss]
) -> Iterator[_Explained]:
    compared = _RunningLosses(aligned, epochs) if aligned.is_per_example else _EpochLosses(aligned, epochs)
    with np.errstate(all="ignore"):
        for stream in streams:
            for loss in losses:
                for way in compared.ways(loss.value(stream.y_hat, stream.y), stream.counts):
                    yield _Explained(stream, loss, way)


class _EpochLosses:
    """Compares one printed number for each epoch with the losses of its examples."""

    def __init__(self, aligned: _Aligned, epochs: Sequence[Epoch]) -> None:
        chosen = [epochs[place] for place in aligned.places.tolist()]
        self._places, self._values, self._leave = aligned.places, aligned.values, aligned.leave
        self._of_epoch, self._so_far, self._of_last = (
            _Divided(divisors, chosen) for divisors in (_DIVISORS, _DIVISORS_SO_FAR, _DIVISORS_OF_LAST)
        )
        first = np.array([epoch.number == 1 for epoch in epochs])
        self._firsts, self._case = np.flatnonzero(first), np.cumsum(first) - 1

    def ways(self, losses: Floats, counts: Counts) -> Iterator[_Way]:
        """Yield how ``losses``, so many for each epoch, may have been put together."""
        places, values, leave = self._places, self._values, self._leave
        ends = np.cumsum(counts)
        totals = np.add.reduceat(losses, ends - counts)
        sums = totals[places]
        means = sums / counts[places]
        if (np.abs(means - values) <= leave).all():
            yield _Way((), "Σ L / N")
        if (np.abs(np.sqrt(means) - values) <= leave).all():
            yield _Way(("loss-wrong-formula",), "√(Σ L / N)")
        yield from self._of_epoch.ways(sums, values, leave)
        so_far = self._from_start(totals)[places]
        yield from self._so_far.ways(so_far, values, leave)
        if (np.abs(so_far / self._from_start(counts.astype(float))[places] - values) <= leave).all():
            yield _Way(_NOT_RESET, f"{_FROM_START} / their number")
        yield from self._of_last.ways(losses[ends - 1][places], values, leave)
        for ids, text, each in (
            (_NOT_AVERAGED, "Σ L", sums),
            (_NOT_RESET + _NOT_AVERAGED, _FROM_START, so_far),
        ):
            divisor = each[0] / values[0]
            if _LEAST_DIVISOR < divisor < _LARGEST_DIVISOR:
                for number in sorted({round(divisor), round(divisor, -1)} - {0}):
                    if (np.abs(each / number - values) <= leave).all():
                        yield _Way(ids, f"{text} / {number:g}")

    def _from_start(self, totals: Floats) -> Floats:
        """Return the sums over the epochs of a case up to each."""
        sums = np.cumsum(totals)
        before: Floats = (sums - totals)[self._firsts][self._case]
        return sums - before


class _RunningLosses:
    """Compares one printed number for each example with the losses so far in its epoch."""

    def __init__(self, aligned: _Aligned, epochs: Sequence[Epoch]) -> None:
        self._aligned = aligned
        self._examples = np.array([_n(epoch) for epoch in epochs])

    def ways(self, losses: Floats, counts: Counts) -> Iterator[_Way]:
        """Yield how ``losses``, so many for each epoch, may have been put together."""
        if len(losses) <= self._aligned.places.max():
            return
        starts = np.repeat(np.cumsum(counts) - counts, counts)
        examples = np.repeat(self._examples, counts)
        running = np.cumsum(losses)
        so_far = running - (running - losses)[starts]
        within = np.arange(len(losses)) - starts + 1
        for numbers in (losses, so_far, so_far / examples, so_far / within, losses / examples, running):
            if (np.abs(numbers[self._aligned.places] - self._aligned.values) <= self._aligned.leave).all():
                yield _Way((), "")


def _mistakes(aligned: _Aligned, explained: _Explained, epochs: Sequence[Epoch]) -> list[Mistake]:
    """Return the mistakes, each with what it makes of the formula."""
    texts = {
        **{name: (explained.stream.text, _DUE_OF_STREAM[name]) for name in explained.stream.ids},
        **dict.fromkeys(explained.way.ids, (explained.way.text, "Σ L / N, over the examples of the epoch")),
        **dict.fromkeys(explained.loss.ids, (f"L = {explained.loss.text}", DUE)),
        _FORM: (aligned.line, _LINE),
        _SELDOM: ("a line for some epochs", "a line for every epoch"),
        _PER_EXAMPLE: ("a line for every example", "a line for every epoch"),
    }
    cases = len({epoch.place for epoch in epochs})
    ids = dict.fromkeys((*aligned.ids, *explained.ids))
    return [Mistake(name, (LOSS,), cases, *texts[name]) for name in ids]
