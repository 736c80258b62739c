"""What is asked of every submission: the examples of the exam's seed, many in one request."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

from grader.candidate.request import Request
from grader.exam.answers import (
    BackwardAnswers,
    FitAnswers,
    TrainAnswers,
    backward_request,
    fit_request,
    train_request,
)
from grader.exam.questions import stored
from grader.exam.questions.cases import BackwardCase, FitCase, TrainCase

__all__ = ["Questions"]


@dataclass(frozen=True)
class Questions:
    """The examples of one exam; those of a seed that are not kept are drawn, each family when it is first needed.

    ``times``: how many times as many examples as the exam has.
    """

    seed: int
    times: int = 1

    @cached_property
    def _families(self) -> stored.Families:
        kept = stored.find(self.seed) if self.times == 1 else None
        if kept is not None:
            return kept
        from grader.exam.questions.drawing import Drawing  # noqa: PLC0415 - imports Hypothesis

        return Drawing(self.seed, self.times)

    @cached_property
    def given(self) -> list[BackwardCase]:
        """Calls of ``backward`` on layers of every size with each of the given activations."""
        return list(self._families.given)

    @cached_property
    def unseen(self) -> list[BackwardCase]:
        """Calls of ``backward`` on layers of every size with activations that students have not seen."""
        return list(self._families.unseen)

    @cached_property
    def linear_in_da(self) -> list[BackwardCase]:
        """Three calls that differ in ``da`` alone."""
        return list(self._families.linear_in_da)

    @cached_property
    def linear_in_rate(self) -> list[BackwardCase]:
        """Three calls that differ in the learning rate alone."""
        return list(self._families.linear_in_rate)

    @cached_property
    def fit(self) -> list[FitCase]:
        """Calls of ``fit`` with probe layers."""
        return list(self._families.fit)

    @cached_property
    def gradient(self) -> list[TrainCase]:
        """Networks that are trained for one epoch, for the gradient check."""
        return list(self._families.gradient)

    @cached_property
    def monotone(self) -> list[TrainCase]:
        """Networks whose mean loss must fall, and does not on all of them with a gradient that says nothing."""
        return list(self._families.monotone)

    @cached_property
    def backward_request(self) -> Request[BackwardAnswers]:
        """All that is asked of ``backward``."""
        families = (self.given, self.unseen, self.linear_in_da, self.linear_in_rate)
        return backward_request(*families, remembers=True)

    @cached_property
    def fit_request(self) -> Request[FitAnswers]:
        """All that is asked of ``fit`` with probe layers."""
        return fit_request(self.fit, remembers=True)

    @cached_property
    def gradient_request(self) -> Request[TrainAnswers]:
        """The training of networks for the gradient check."""
        return train_request(self.gradient, remembers=True)

    @cached_property
    def monotone_request(self) -> Request[TrainAnswers]:
        """The training of networks whose mean loss must fall."""
        return train_request(self.monotone, remembers=True)

    def digest(self) -> str:
        """Return a digest of all the examples, the same wherever the same exam is given."""
        families = (
            self.given,
            self.unseen,
            self.linear_in_da,
            self.linear_in_rate,
            self.fit,
            self.gradient,
            self.monotone,
        )
        return hashlib.sha256(repr(families).encode()).hexdigest()
