"""Draw the exam's examples from a seed, and write those of the default seed where ``questions`` finds them.

    python -m grader.exam.questions.drawing

does the latter, after a change to the strategies, to how many examples there are, or to Hypothesis's version.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from hypothesis.strategies import SearchStrategy

from grader.candidate.inside.activations import GIVEN, UNSEEN
from grader.exam.laws.training import unmask_idle_gradients
from grader.exam.questions import stored, strategies
from grader.exam.questions.cases import BackwardCase, FitCase, TrainCase
from grader.exam.questions.sampling import draw
from grader.exam.questions.searches import MIXED

__all__ = ["Drawing"]

Case = TypeVar("Case")
DEFAULT_SEED = 0


@dataclass(frozen=True)
class Drawing:
    """The examples of one exam, each family drawn when it is first needed, ``times`` as many as the exam has."""

    seed: int
    times: int = 1

    def _draw(
        self,
        strategy: SearchStrategy[Case],
        count: int,
        enough: Callable[[Sequence[Case]], bool] = lambda _cases: True,
    ) -> list[Case]:
        return draw(strategy, self.times * count, self.seed, enough)

    @cached_property
    def given(self) -> list[BackwardCase]:
        """Layers of every size with each of the given activations."""
        kinds = [(*size, name) for size in (*strategies.SIZES, *strategies.SQUARES) for name in GIVEN]
        return strategies.layers_of_every_size(kinds * self.times, self.seed)

    @cached_property
    def unseen(self) -> list[BackwardCase]:
        """Layers of every size with activations that students have not seen."""
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
        """Networks for the gradient check."""
        return self._draw(strategies.gradient_cases(), 8)

    @cached_property
    def monotone(self) -> list[TrainCase]:
        """Networks whose mean loss must fall, and does not on all of them with a gradient that says nothing."""
        return self._draw(strategies.monotone_cases(), 3, unmask_idle_gradients)


if __name__ == "__main__":
    stored.write(DEFAULT_SEED, Drawing(DEFAULT_SEED))
