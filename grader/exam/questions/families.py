"""The families of cases that the laws are tried on: their names in `Questions`, and how simpler ones are drawn.

The strategies are only made after a law has failed: a submission that passes with the stored examples needs no
Hypothesis.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from grader.candidate.inside.activations import GIVEN, UNSEEN
from grader.exam.questions.cases import BackwardCase, FitCase

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["FITS", "GIVEN_LAYERS", "MIXED", "SUMS_OF_DA", "TWICE_THE_RATE", "UNSEEN_LAYERS", "Family"]

Case = TypeVar("Case")

MIXED = (*GIVEN, "tanh", "softplus")
"""The activations that the laws of linearity are tried on."""


@dataclass(frozen=True)
class Family(Generic[Case]):
    """Cases of one kind."""

    name: str
    """What they are called in `Questions`."""
    simpler: Callable[[], SearchStrategy[Case]]
    """Returns the strategy in which the simplest case is searched."""


def _given() -> SearchStrategy[BackwardCase]:
    from grader.exam.questions.strategies import backward_cases

    return backward_cases(GIVEN)


def _unseen() -> SearchStrategy[BackwardCase]:
    from grader.exam.questions.strategies import backward_cases

    return backward_cases(UNSEEN)


def _linear_in_da() -> SearchStrategy[BackwardCase]:
    from grader.exam.questions.strategies import linear_in_da_cases

    return linear_in_da_cases(MIXED)


def _linear_in_rate() -> SearchStrategy[BackwardCase]:
    from grader.exam.questions.strategies import linear_in_rate_cases

    return linear_in_rate_cases(GIVEN)


def _fit() -> SearchStrategy[FitCase]:
    from grader.exam.questions.strategies import fit_cases

    return fit_cases(examples=(1, 8), epochs=(1, 3))


GIVEN_LAYERS = Family("given", _given)
"""Layers of every size with each of the given activations, with one to three calls."""
UNSEEN_LAYERS = Family("unseen", _unseen)
"""Layers of every size with activations that students have not seen."""
SUMS_OF_DA = Family("linear_in_da", _linear_in_da)
"""Layers with three calls that differ in ``da`` alone: one, another, and their sum."""
TWICE_THE_RATE = Family("linear_in_rate", _linear_in_rate)
"""Layers with three calls that differ in the learning rate alone: one, its double, and 0."""
FITS = Family("fit", _fit)
"""Calls of ``fit`` with probe layers; simpler ones have at most three epochs, on one example or more."""
