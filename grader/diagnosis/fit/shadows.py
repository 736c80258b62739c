"""Tell whether a loop takes over the name of the data or the labels, so that the second epoch lacks them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from msgspec import structs

from grader.diagnosis.fit.blocks import Reading
from grader.diagnosis.fit.mistake import ALL, ENOUGH, LOSS, Mistake, unknown
from grader.exam.laws.fit_log import Training
from grader.exam.questions.cases import FitCase

__all__ = ["only_known_of_one_epoch", "shadowed"]

Ask = Callable[[FitCase], Reading | None]
Argument = tuple[float, ...]

_NOT_A_SEQUENCE = re.compile(
    r"'(?:numpy\.)?(?:float|int)\d*' object is not (?:iterable|subscriptable)"
    r"|must support iteration|iteration over a 0-d array|invalid index to scalar|of unsized object"
    r"|'(?:numpy\.)?(?:float|int)\d*' has no len|too many indices for array"
)
_TOO_SHORT = re.compile(r"index -?\d+ is out of bounds for axis 0 with size (\d+)")


@dataclass(frozen=True)
class _Pair:
    """A case with several epochs, and the same with one epoch alone."""

    whole: Reading
    single: Reading

    @cached_property
    def first(self) -> list[Argument]:
        """What went forward in the first epoch."""
        return _arguments(self.whole)[: self._length]

    @cached_property
    def later(self) -> list[Argument]:
        """What went forward after it."""
        return _arguments(self.whole)[self._length :]

    @property
    def _length(self) -> int:
        return len(self.single.training.passes)

    @property
    def has_whole_first_epoch(self) -> bool:
        """Whether the first epoch does what it does alone, in this order or another."""
        return bool(self.first) and Counter(self.first) == Counter(_arguments(self.single))

    @cached_property
    def repeats(self) -> int | None:
        """How many whole epochs came after an exception as the second began; ``None`` if that is not what happened."""
        training = self.whole.training
        before = training.reply.calls[: training.reply.raised_after]
        begun = Training(training.case, replace(training.reply, calls=before)).passes[self._length :]
        # One that fails at the label has sent its row forward.
        if len(begun) > 1 or [each.first.argument for each in begun] != self.later[: len(begun)]:
            return None
        times, more = divmod(len(self.later), self._length)
        if more != len(begun) or (more and self.later[0] != self.first[0]):
            return None
        due = Counter({argument: times * count for argument, count in Counter(self.first).items()})
        return times if Counter(self.later[more:]) == due else None

    @property
    def too_short(self) -> int | None:
        """The length of the array in which an index was out of bounds."""
        raised = self.whole.training.reply.raised
        found = None if raised is None else _TOO_SHORT.match(raised.text)
        return None if found is None else int(found[1])


def _arguments(reading: Reading) -> list[Argument]:
    return [each.first.argument for each in reading.training.passes]


def shadowed(readings: Sequence[Reading], ask: Ask) -> tuple[list[Reading], list[Mistake]]:
    """Return readings of one epoch alone, and the mistakes, if the second goes through something else.

    ``ask`` asks for one more case.
    """
    if len(readings) < ENOUGH or not all(
        each.training.case.epochs > 1 and _breaks_off(each) for each in readings
    ):
        return list(readings), []
    single = []
    for reading in readings:
        answer = ask(structs.replace(reading.training.case, epochs=1))
        if answer is None or answer.training.reply.raised is not None or answer.training.reply.stopped:
            return list(readings), []
        single.append(answer)
    pairs = list(map(_Pair, readings, single))
    if not all(pair.has_whole_first_epoch for pair in pairs):
        return list(readings), []
    for seen, goes_on in _SHADOWS:
        if goes_on(pairs):
            due = "a name of its own for each row and each label"
            return single, [Mistake("labels-shadowed", ALL, len(pairs), seen, due), *_printed_seldom(pairs)]
    return list(readings), []


def only_known_of_one_epoch(found: Sequence[Mistake], shadows: Sequence[Mistake]) -> list[Mistake]:
    """Return the mistakes in one epoch; that it prints nothing does not show whether another one would."""
    says = "Your fit goes through its first epoch alone, and prints no loss there."
    silent = [] if any(each.id == "loss-printed-seldom" for each in shadows) else [unknown(says, LOSS)]
    return [own for each in found for own in (silent if each.id == "loss-not-printed" else [each])]


def _breaks_off(reading: Reading) -> bool:
    """Tell whether there was an exception, or fewer forward passes of some example than epochs."""
    passes = Counter(each.example for each in reading.training.passes)
    missing = any(passes[row] < reading.training.case.epochs for row in range(reading.examples))
    return reading.training.reply.raised is not None or missing


def _goes_on_with(due: Callable[[_Pair], Sequence[Argument]]) -> Callable[[Sequence[_Pair]], bool]:
    return lambda pairs: all(
        list(dict.fromkeys(pair.later)) == list(dict.fromkeys(due(pair))) for pair in pairs
    )


def _ends_at_once(pairs: Sequence[_Pair]) -> bool:
    """Tell whether the second epoch could not begin, because it had a row, a label or a number for the whole."""
    raised = [pair.whole.training.reply.raised for pair in pairs]
    if any(each is None for each in raised) or any(pair.repeats is None for pair in pairs):
        return False
    features = [len(pair.whole.training.case.rows[0]) for pair in pairs]
    lengths = [pair.too_short for pair in pairs]
    return (
        all(each is not None and _NOT_A_SEQUENCE.search(each.text) for each in raised)
        or lengths == [1] * len(pairs)
        or lengths == features
    )


_SHADOWS: tuple[tuple[str, Callable[[Sequence[_Pair]], bool]], ...] = (
    ("for x, labels in zip(training_data, labels)", _goes_on_with(lambda each: each.first[:1])),
    (
        "for training_data, y in zip(training_data, labels)",
        _goes_on_with(lambda each: [(x,) for x in each.first[-1]][: each.whole.examples]),
    ),
    (
        "for training_data, labels in zip(training_data, labels)",
        _goes_on_with(lambda each: [each.first[-1][:1]]),
    ),
    ("the data or the labels by a single one of them", _ends_at_once),
)
"""What the loop over the examples overwrites, and whether logs go on in that way after the first epoch."""


def _printed_seldom(pairs: Sequence[_Pair]) -> list[Mistake]:
    """Return the mistake if one epoch alone prints a line and several print too few, or the other way round."""
    cases = sum(
        _lines(pair.whole) < _lines_due(pair)
        if _lines(pair.single) == 1
        else _lines(pair.whole) > _lines(pair.single) == 0
        for pair in pairs
    )
    if cases < ENOUGH:
        return []
    seen, due = "a line for some epochs", "a line for every epoch"
    return [Mistake("loss-printed-seldom", (LOSS,), cases, seen, due)]


def _lines_due(pair: _Pair) -> int:
    """Return how many lines there are at least if every epoch prints one."""
    if pair.repeats is not None:
        return 1 + pair.repeats
    return 1 if pair.whole.training.reply.raised is not None else pair.whole.training.case.epochs


def _lines(reading: Reading) -> int:
    reply = reading.training.reply
    return len(reply.lines or reply.other_lines)
