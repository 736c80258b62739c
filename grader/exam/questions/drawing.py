"""Draw the exam's cases from a seed.

    python -m grader.exam.questions.drawing

draws those of the default seed and writes them to ``questions.json``. Run it after a change to the strategies, to the
number of cases, or to Hypothesis's version.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from grader.exam.questions import strategies
from grader.exam.questions.cases import BackwardCase, FitCase
from grader.exam.questions.families import MIXED
from grader.exam.questions.questions import FILE, Questions, document
from grader.exam.questions.sampling import draw
from grader.protocol.activations import GIVEN, UNSEEN

__all__ = ["FAMILIES", "draw_questions"]

DEFAULT_SEED = 0


def draw_questions(seed: int) -> Questions:
    """Return the cases of ``seed``; the networks that are trained are the same for every seed."""
    drawn = {name: draw_family(seed, 1) for name, draw_family in FAMILIES.items() if name not in NETWORKS}
    return Questions(seed, **drawn)


def _given(seed: int, times: int) -> list[BackwardCase]:
    kinds = [(*size, name) for size in (*strategies.SIZES, *strategies.SQUARES) for name in GIVEN]
    return strategies.layers_of_every_size(kinds * times, seed)


def _unseen(seed: int, times: int) -> list[BackwardCase]:
    kinds = [(m, n, UNSEEN[(m + n) % len(UNSEEN)]) for m, n in strategies.SIZES]
    kinds += [(m, n, UNSEEN[(m + n + 1) % len(UNSEEN)]) for m, n in strategies.SQUARES]
    return strategies.layers_of_every_size(kinds * times, seed)


def _fit(seed: int, times: int) -> list[FitCase]:
    ordinary = draw(strategies.fit_cases().filter(_has_wide_layers), times * 20, seed)
    return [*ordinary, *draw(strategies.steady_fit_cases().filter(_has_wide_layers), times, seed)]


def _has_wide_layers(case: FitCase) -> bool:
    """Tell whether a layer has several inputs: some mistakes show only then, and few draws have a case without."""
    return any(n_inputs > 1 for n_inputs, _ in case.sizes)


FAMILIES: dict[str, Callable[[int, int], list[Any]]] = {
    "given": _given,
    "unseen": _unseen,
    "linear_in_da": lambda seed, times: draw(strategies.linear_in_da_cases(MIXED), times * 10, seed),
    "linear_in_rate": lambda seed, times: draw(strategies.linear_in_rate_cases(GIVEN), times * 10, seed),
    "fit": _fit,
    "gradient": lambda seed, times: draw(strategies.gradient_cases(), times * 8, seed),
    "monotone": lambda seed, times: draw(strategies.monotone_cases(), times * 3, seed),
}
"""Draw the cases of each family from a seed, so many times as many as the exam has."""
NETWORKS = ("gradient", "monotone")
"""The families that the exam does not draw, but chooses from."""

if __name__ == "__main__":
    FILE.write_text(document(draw_questions(DEFAULT_SEED)), encoding="ascii")
