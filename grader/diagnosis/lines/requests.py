"""The requests about edits of a submission's source text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from grader.candidate.replies import BackwardReply, FitReply, SourceEdit, TrainReply
from grader.candidate.reply_checks import (
    backward_reply,
    edits_reply,
    fit_reply,
    outcomes_reply,
    train_reply,
)
from grader.candidate.request import Request
from grader.exam.answers import BackwardAnswers, FitAnswers, TrainAnswers
from grader.exam.laws.calls import BackwardAnswer
from grader.exam.laws.fit_log import Training
from grader.exam.questions.cases import BackwardCase, FitCase, TrainCase
from grader.protocol.frames import Floats

__all__ = ["Edits", "Experiment", "Tried", "of_backward", "of_fit", "of_training"]

T = TypeVar("T")
Reply = TypeVar("Reply", BackwardReply, FitReply, TrainReply)
Case = BackwardCase | FitCase | TrainCase
Edits = tuple[SourceEdit, ...]
"""Edits that are made together."""
Formula = tuple[str, str, Sequence[str]]
"""The kind of edit, the formula with its slots, and the roles of the statements whose values it may replace."""


class Tried(NamedTuple, Generic[T]):
    """What became of some trials."""

    answers: list[T | None]
    """The answers after each trial; ``None`` if it cannot be applied, or runs too many lines."""
    lines: int
    """How many lines of the submission were run."""


@dataclass(frozen=True, eq=False)
class Experiment(Generic[T]):
    """Cases to run with a submission as it is and with its source edited."""

    of: str
    """``backward``, ``fit`` or ``train``."""
    cases: Sequence[Case]
    read: Callable[[Mapping[str, Any], Floats, int], list[T]]
    """Reads the answers to so many repetitions of the cases from a reply."""

    def edits(self, formulas: Sequence[Formula], kinds: Sequence[str]) -> Request[tuple[T, list[SourceEdit]]]:
        """Return the request for the answers, and for edits of the functions that gave them.

        Edits also put ``formulas`` in place of values. If there are too many, the reply has those of the first
        ``kinds``.
        """

        def read(header: Mapping[str, Any], flat: Floats) -> tuple[T, list[SourceEdit]]:
            return self.read(header, flat, 1)[0], edits_reply(header)

        return self._request("edits", read, formulas=formulas, kinds=kinds)

    def trials(self, trials: Sequence[Edits], lines: int) -> Request[Tried[T]]:
        """Return the request for the answers after each of ``trials``, which may run ``lines`` lines together."""

        def read(header: Mapping[str, Any], flat: Floats) -> Tried[T]:
            outcomes, lines = outcomes_reply(header, len(trials))
            count = len({number for number in outcomes if number is not None})
            answers = self.read(header, flat, count)
            return Tried([None if number is None else answers[number] for number in outcomes], lines)

        edits = [[[edit.label, edit.start, edit.end, edit.text] for edit in trial] for trial in trials]
        return self._request("try", read, trials=edits, lines=lines)

    def _request(
        self, verb: str, read: Callable[[Mapping[str, Any], Floats], Any], **more: Any
    ) -> Request[Any]:
        headers = [case.header() for case in self.cases]
        arrays = [numbers for case in self.cases for numbers in case.arrays()]
        return Request(verb, headers, arrays, read, more={"of": self.of, **more})


def of_backward(families: Mapping[str, Sequence[BackwardCase]]) -> Experiment[BackwardAnswers]:
    """Return the experiment with ``backward`` in the cases of each family."""
    every = [case for cases in families.values() for case in cases]

    def answers(replies: Sequence[BackwardReply]) -> BackwardAnswers:
        left = iter(replies)
        return BackwardAnswers(
            {name: [BackwardAnswer(case, next(left)) for case in cases] for name, cases in families.items()}
        )

    return Experiment("backward", every, _reader(every, backward_reply, answers))


def of_fit(cases: Sequence[FitCase]) -> Experiment[FitAnswers]:
    """Return the experiment with ``fit`` and probe layers in ``cases``."""
    return Experiment(
        "fit",
        cases,
        _reader(cases, fit_reply, lambda replies: FitAnswers(list(map(Training, cases, replies)))),
    )


def of_training(cases: Sequence[TrainCase]) -> Experiment[TrainAnswers]:
    """Return the experiment with whole networks in ``cases``."""
    return Experiment(
        "train", cases, _reader(cases, train_reply, lambda replies: tuple(zip(cases, replies, strict=True)))
    )


def _reader(
    cases: Sequence[Case],
    check: Callable[[Mapping[str, Any], Floats, Sequence[Mapping[str, Any]]], Sequence[Reply]],
    answers: Callable[[Sequence[Reply]], T],
) -> Callable[[Mapping[str, Any], Floats, int], list[T]]:
    headers = [case.header() for case in cases]

    def read(header: Mapping[str, Any], flat: Floats, times: int) -> list[T]:
        replies = check(header, flat, headers * times)
        size = len(cases)
        return [answers(replies[start : start + size]) for start in range(0, size * times, size)]

    return read
