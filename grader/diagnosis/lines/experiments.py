"""The cases on which edits are tried: a few at first, and the exam's own in the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Protocol, TypeVar

from grader.candidate.request import Request
from grader.diagnosis.lines.judging import all_hold, lost_in
from grader.diagnosis.lines.requests import Experiment, of_backward, of_fit, of_training
from grader.exam.answers import BackwardAnswers, FitAnswers, TrainAnswers
from grader.exam.examination import Examination
from grader.exam.laws.findings import Failure
from grader.rubric import default_rubric

__all__ = ["BackwardMethod", "FitMethod", "Method", "TrainingMethod"]

T = TypeVar("T")
A = TypeVar("A")

_FAMILIES = ("given", "unseen", "linear_in_da", "linear_in_rate")
_SIZES = (
    ((2, 3),),
    ((2, 3), (3, 3)),
    ((2, 3), (3, 3), (3, 2), (2, 2)),
    ((1, 1), (1, 3), (3, 1), (2, 3), (3, 2), (3, 3), (4, 4)),
)
"""The sizes of the layers that edits of ``backward`` are tried on; more if fewer do not show what is lost."""
_FITS = ((18,), (7,), (1, 7), (1, 7, 20))
"""The cases that edits of ``fit`` are tried on, by their numbers; the first one has a single layer."""
_TRAININGS = (1, 2, 6)
"""So many of the cases of training are what edits are tried on."""


class Method(Protocol[T]):
    """A method of the submission: what was asked of it, and what it lost."""

    @property
    def lost(self) -> frozenset[str]:
        """The criteria that it lost."""

    @property
    def criteria(self) -> Sequence[str]:
        """Its criteria, in the order of the rubric."""

    def screens(self) -> list[Experiment[T]]:
        """Return the fewest cases that show something of what is lost, and then those that show all of it."""

    def whole(self) -> Experiment[T]:
        """Return all cases of the exam."""

    def all_hold(self, answers: T, criteria: Sequence[str]) -> bool:
        """Tell whether all of ``criteria`` would hold with other answers."""

    def ask(self, request: Request[A]) -> A | None:
        """Return the answer of the submission; ``None`` if it does not survive the request."""


class BackwardMethod:
    """``Layer.backward``."""

    def __init__(self, examination: Examination, answers: BackwardAnswers) -> None:
        self._examination, self._answers = examination, answers
        self.ask = examination.ask_about_edits
        self.criteria = _criteria("backward.")

    @cached_property
    def lost(self) -> frozenset[str]:
        """The criteria that it lost."""
        return lost_in(self._with(self._answers), "backward")

    def all_hold(self, answers: BackwardAnswers, criteria: Sequence[str]) -> bool:
        """Tell whether all of ``criteria`` would hold with other answers."""
        return all_hold(self._with(answers), "backward", criteria)

    def _with(self, answers: BackwardAnswers) -> Examination:
        return self._examination.with_answers(answers, self._examination.fit)

    def screens(self) -> list[Experiment[BackwardAnswers]]:
        """Return the fewest cases that show something of what is lost, and then those that show all of it."""
        choices = [
            {
                name: [answer for answer in self._answers.families[name] if answer.case.size in sizes]
                for name in _FAMILIES
            }
            for sizes in _SIZES
        ]
        telling = _telling(
            choices[0], choices, lambda few: lost_in(self._with(BackwardAnswers(few)), "backward"), self.lost
        )
        return [
            of_backward({name: [each.case for each in few[name]] for name in _FAMILIES}) for few in telling
        ] or [self.whole()]

    def whole(self) -> Experiment[BackwardAnswers]:
        """Return all cases of the exam."""
        return of_backward({name: getattr(self._examination.questions, name) for name in _FAMILIES})


class FitMethod:
    """``Perceptron.fit``."""

    def __init__(self, examination: Examination, answers: FitAnswers) -> None:
        self._examination, self._answers = examination, answers
        self.ask = examination.ask_about_edits
        self.criteria = _criteria("fit.")

    @cached_property
    def lost(self) -> frozenset[str]:
        """The criteria that it lost."""
        return lost_in(self._with(self._answers), "fit")

    def all_hold(self, answers: FitAnswers, criteria: Sequence[str]) -> bool:
        """Tell whether all of ``criteria`` would hold with other answers."""
        return all_hold(self._with(answers), "fit", criteria)

    def _with(self, answers: FitAnswers) -> Examination:
        return self._examination.with_answers(self._examination.backward, answers)

    def screens(self) -> list[Experiment[FitAnswers]]:
        """Return the fewest cases that show something of what is lost, and then those that show all of it."""
        quick, *choices = ([self._answers.trainings[number] for number in numbers] for numbers in _FITS)
        telling = _telling(quick, choices, lambda few: lost_in(self._with(FitAnswers(few)), "fit"), self.lost)
        return [of_fit([training.case for training in few]) for few in telling] or [self.whole()]

    def whole(self) -> Experiment[FitAnswers]:
        """Return all cases of the exam."""
        return of_fit(self._examination.questions.fit)


class TrainingMethod:
    """Training whole networks, in which ``Layer`` and ``Perceptron`` work together."""

    def __init__(self, examination: Examination) -> None:
        self._examination = examination
        self.ask = examination.ask_about_edits
        self.criteria = _criteria("training.")

    @cached_property
    def lost(self) -> frozenset[str]:
        """The criteria that it lost."""
        return lost_in(self._with(self._answers), "train")

    @property
    def _answers(self) -> TrainAnswers:
        answers = self._examination.gradient_checks, self._examination.descents
        return tuple(pair for each in answers if not isinstance(each, Failure) for pair in each)

    def all_hold(self, answers: TrainAnswers, criteria: Sequence[str]) -> bool:
        """Tell whether all of ``criteria`` would hold with other answers."""
        return all_hold(self._with(answers), "train", criteria)

    def _with(self, answers: TrainAnswers) -> Examination:
        gradient = set(map(id, self._examination.questions.gradient))
        checks = tuple(pair for pair in answers if id(pair[0]) in gradient)
        descents = tuple(pair for pair in answers if id(pair[0]) not in gradient)
        return self._examination.with_answers(
            self._examination.backward, self._examination.fit, checks, descents
        )

    def screens(self) -> list[Experiment[TrainAnswers]]:
        """Return the fewest cases that show something of what is lost, and then those that show all of it."""
        quick, *choices = (self._answers[:number] for number in _TRAININGS)
        telling = _telling(quick, choices, self._lost_in, self.lost)
        return [of_training([case for case, _ in few]) for few in telling] or [self.whole()]

    def _lost_in(self, answers: TrainAnswers) -> frozenset[str]:
        return lost_in(self._with(answers), "train")

    def whole(self) -> Experiment[TrainAnswers]:
        """Return all cases of the exam."""
        questions = self._examination.questions
        return of_training([*questions.gradient, *questions.monotone])


def _telling(
    quick: A, choices: Sequence[A], lost_in_few: Callable[[A], frozenset[str]], lost: frozenset[str]
) -> list[A]:
    """Return the first of ``quick`` and ``choices`` that shows a loss, and the choice that shows most, but no other.

    There is none if no choice is like the second, and one if that is the first, too.
    """
    first = quick if lost_in_few(quick) else None
    best, shown = None, 0
    for few in choices:
        seen = lost_in_few(few)
        if first is None and seen:
            first = few
        if seen <= lost and len(seen) > shown:
            best, shown = few, len(seen)
        if seen == lost:
            break
    return [] if best is None or first is None else [best] if first is best else [first, best]


def _criteria(prefix: str) -> Sequence[str]:
    return [name for name in default_rubric().points if name.startswith(prefix)]
