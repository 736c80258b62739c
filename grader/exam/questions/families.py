"""The families of cases that the laws are tried on: their names in `Questions`, and how simpler cases are drawn.

The strategies are made only after a law has failed. A submission that passes on the stored cases needs no Hypothesis.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Generic, TypeVar

from msgspec import Struct

from grader.exam.questions.cases import BackwardCase, FitCase
from grader.protocol.activations import GIVEN, UNSEEN

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["FITS", "GIVEN_LAYERS", "MIXED", "SUMS_OF_DA", "TWICE_THE_RATE", "UNSEEN_LAYERS", "Family"]

Case = TypeVar("Case")

MIXED = (*GIVEN, "tanh", "softplus")
"""The activations that the laws of linearity are tried on."""


class Family(Struct, Generic[Case], frozen=True):
    """Cases of one kind."""

    name: str
    """The name of the field in `Questions`."""
    simpler: Callable[[], SearchStrategy[Case]]
    """Returns the strategy that the simplest case is searched in."""


def _strategies() -> ModuleType:
    from grader.exam.questions import strategies  # noqa: PLC0415 - imports Hypothesis

    return strategies


GIVEN_LAYERS = Family[BackwardCase]("given", lambda: _strategies().backward_cases(GIVEN))
"""Layers of every size with each of the given activations, with one to three calls."""
UNSEEN_LAYERS = Family[BackwardCase]("unseen", lambda: _strategies().backward_cases(UNSEEN))
"""Layers of every size with activations that students have not seen."""
SUMS_OF_DA = Family[BackwardCase]("linear_in_da", lambda: _strategies().linear_in_da_cases(MIXED))
"""Layers with three calls that differ in ``da`` alone: one, another, and their sum."""
TWICE_THE_RATE = Family[BackwardCase]("linear_in_rate", lambda: _strategies().linear_in_rate_cases(GIVEN))
"""Layers with three calls that differ in the learning rate alone: one, its double, and 0."""
FITS = Family[FitCase]("fit", lambda: _strategies().fit_cases(examples=(1, 8), epochs=(1, 3)))
"""Calls of ``fit`` with probe layers; simpler ones have at most three epochs, on one example or more."""
