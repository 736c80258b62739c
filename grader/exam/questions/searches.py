"""The strategies that draw simpler cases after a law has failed; none is made before that.

A submission that passes, examined with the examples that are kept, needs no Hypothesis.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from grader.candidate.inside.activations import GIVEN, UNSEEN
from grader.exam.questions.cases import BackwardCase, FitCase

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["MIXED", "Search", "given", "linear_in_da", "linear_in_rate", "small_fit", "unseen"]

Case = TypeVar("Case")
Search = Callable[[], "SearchStrategy[Case]"]

MIXED = (*GIVEN, "tanh", "softplus")
"""The activations that the laws of linearity are tried on."""


def given() -> SearchStrategy[BackwardCase]:
    """Return layers with the given activations."""
    from grader.exam.questions.strategies import backward_cases

    return backward_cases(GIVEN)


def unseen() -> SearchStrategy[BackwardCase]:
    """Return layers with activations that students have not seen."""
    from grader.exam.questions.strategies import backward_cases

    return backward_cases(UNSEEN)


def linear_in_da() -> SearchStrategy[BackwardCase]:
    """Return layers with three calls that differ in ``da`` alone."""
    from grader.exam.questions.strategies import linear_in_da_cases

    return linear_in_da_cases(MIXED)


def linear_in_rate() -> SearchStrategy[BackwardCase]:
    """Return layers with three calls that differ in the learning rate alone."""
    from grader.exam.questions.strategies import linear_in_rate_cases

    return linear_in_rate_cases(GIVEN)


def small_fit() -> SearchStrategy[FitCase]:
    """Return trainings of at most three epochs, on one example or more."""
    from grader.exam.questions.strategies import fit_cases

    return fit_cases(examples=(1, 8), epochs=(1, 3))
