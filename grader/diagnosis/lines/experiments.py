"""The cases on which edits are tried: a few at first, and the exam's own in the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, Protocol, TypeVar

from grader.candidate.request import Request
from grader.diagnosis.lines.judging import lost_in
from grader.diagnosis.lines.requests import Experiment, of_backward, of_fit, of_training
from grader.exam.answers import BackwardAnswers, FitAnswers, TrainAnswers
from grader.exam.examination import Examination
from grader.exam.questions.cases import BackwardCase, FitCase

__all__ = ["BackwardMethod", "FitMethod", "Method"]

T = TypeVar("T")
A = TypeVar("A")

_FAMILIES = ("given", "unseen", "linear_in_da", "linear_in_rate")
_SIZES = (((2, 3),), ((2, 3), (3, 4)), ((2, 3), (3, 2), (3, 4), (1, 3), (4, 1)))
"""The sizes of the layers that edits of ``backward`` are tried on; more if fewer do not show what is lost."""
_FITS = ((7,), (1, 7), (1, 7, 20))
"""The cases that edits of ``fit`` are tried on, by their numbers."""


class Method(Protocol[T]):
    """A method of the submission: what was asked of it, and what it lost."""

    @property
    def lost(self) -> frozenset[str]:
        """The criteria that it lost."""

    def screen(self) -> Experiment[T]:
        """Return the few cases that show what is lost."""

    def whole(self) -> Experiment[T]:
        """Return all cases of the exam."""

    def lost_with(self, answers: T) -> frozenset[str]:
        """Return the criteria that would be lost with other answers."""

    def ask(self, request: Request[A]) -> A | None:
        """Return the answer of the submission; ``None`` if it does not survive the request."""


class BackwardMethod:
    """``Layer.backward``."""

    def __init__(self, examination: Examination, answers: BackwardAnswers) -> None:
        self._examination, self._answers = examination, answers
        self.ask = examination.ask_about_edits

    @cached_property
    def lost(self) -> frozenset[str]:
        """The criteria that it lost."""
        return self.lost_with(self._answers)

    def lost_with(self, answers: BackwardAnswers) -> frozenset[str]:
        """Return the criteria that would be lost with other answers."""
        return lost_in(self._examination.with_answers(answers, self._examination.fit), "backward")

    def screen(self) -> Experiment[BackwardAnswers]:
        """Return the few cases that show what is lost."""
        for sizes in _SIZES:
            few = {
                name: [answer for answer in self._answers.families[name] if answer.case.size in sizes]
                for name in _FAMILIES
            }
            if self.lost_with(BackwardAnswers(few)) == self.lost:
                return of_backward({name: [each.case for each in few[name]] for name in _FAMILIES})
        return self.whole()

    def whole(self) -> Experiment[BackwardAnswers]:
        """Return all cases of the exam."""
        return of_backward({name: getattr(self._examination.questions, name) for name in _FAMILIES})


class FitMethod:
    """``Perceptron.fit``."""

    def __init__(self, examination: Examination, answers: FitAnswers) -> None:
        self._examination, self._answers = examination, answers
        self.ask = examination.ask_about_edits

    @cached_property
    def lost(self) -> frozenset[str]:
        """The criteria that it lost."""
        return self.lost_with(self._answers)

    def lost_with(self, answers: FitAnswers) -> frozenset[str]:
        """Return the criteria that would be lost with other answers."""
        return lost_in(self._examination.with_answers(self._examination.backward, answers), "fit")

    def screen(self) -> Experiment[FitAnswers]:
        """Return the few cases that show what is lost."""
        for numbers in _FITS:
            few = [self._answers.trainings[number] for number in numbers]
            if self.lost_with(FitAnswers(few)) == self.lost:
                return of_fit([training.case for training in few])
        return self.whole()

    def whole(self) -> Experiment[FitAnswers]:
        """Return all cases of the exam."""
        return of_fit(self._examination.questions.fit)
