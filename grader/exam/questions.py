"""What is asked of every submission: examples drawn once from the exam's seed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from hypothesis.strategies import SearchStrategy

from grader.candidate.inside.activations import GIVEN, UNSEEN
from grader.candidate.request import Request
from grader.exam import strategies
from grader.exam.answers import (
    BackwardAnswers,
    FitAnswers,
    TrainAnswers,
    backward_request,
    fit_request,
    train_request,
)
from grader.exam.cases import BackwardCase, FitCase, TrainCase
from grader.exam.draws import draw
from grader.exam.training import unmask_idle_gradients

__all__ = ["MIXED", "Questions"]

Case = TypeVar("Case")

MIXED = (*GIVEN, "tanh", "softplus")
"""The activations that the laws of linearity are tried on."""


@dataclass(frozen=True)
class Questions:
    """The examples of one exam, each family drawn when it is first needed.

    ``times``: how many times as many examples as the exam has.
    """

    seed: int
    times: int = 1

    def _draw(self, strategy: SearchStrategy[Case], count: int) -> list[Case]:
        return draw(strategy, self.times * count, self.seed)

    @cached_property
    def given(self) -> list[BackwardCase]:
        """Calls of ``backward`` on layers of every size with each of the given activations."""
        kinds = [(*size, name) for size in (*strategies.SIZES, *strategies.SQUARES) for name in GIVEN]
        return strategies.layers_of_every_size(kinds * self.times, self.seed)

    @cached_property
    def unseen(self) -> list[BackwardCase]:
        """Calls of ``backward`` on layers of every size with activations that students have not seen."""
        kinds = [(m, n, UNSEEN[(m + n) % len(UNSEEN)]) for m, n in strategies.SIZES]
        kinds += [(m, n, UNSEEN[(m + n + 1) % len(UNSEEN)]) for m, n in strategies.SQUARES]
        return strategies.layers_of_every_size(kinds * self.times, self.seed)

    @cached_property
    def linear_in_da(self) -> list[BackwardCase]:
        """Three calls that differ in ``da`` alone."""
        return self._draw(strategies.linear_in_da_cases(MIXED), 10)

    @cached_property
    def linear_in_rate(self) -> list[BackwardCase]:
        """Three calls that differ in the learning rate alone."""
        return self._draw(strategies.linear_in_rate_cases(GIVEN), 10)

    @cached_property
    def fit(self) -> list[FitCase]:
        """Calls of ``fit`` with probe layers."""
        return [*self._draw(strategies.fit_cases(), 20), *self._draw(strategies.steady_fit_cases(), 1)]

    @cached_property
    def gradient(self) -> list[TrainCase]:
        """Networks that are trained for one epoch, for the gradient check."""
        return self._draw(strategies.gradient_cases(), 8)

    @cached_property
    def monotone(self) -> list[TrainCase]:
        """Networks whose mean loss must fall, and does not on all of them with a gradient that says nothing."""
        return draw(strategies.monotone_cases(), self.times * 3, self.seed, unmask_idle_gradients)

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
