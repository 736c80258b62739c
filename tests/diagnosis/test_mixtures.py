"""Known mistakes are named in code that nobody wrote the diagnosis for, alone and together (certify_diagnosis.py)."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from mixture_backward import BACKWARD_MISTAKES
from mixture_fit import FIT_MISTAKES
from mixture_trials import CATALOGUE, Trial, grade, sort_out, submission_of, try_composed
from mixtures import STYLES, Mixture, mixtures, right, singles

from grader.model import Feedback

METHODS = {"Layer.backward": BACKWARD_MISTAKES, "Perceptron.fit": FIT_MISTAKES}
NOT_COMPOSED = {
    "array-for-number",
    "division-by-zero",
    "forward-wrong",
    "name-misspelt",
    "package-missing",
    "self-missing",
    "shapes-do-not-fit",
}
"""What is known by its exception or in another method."""
SINGLES_NAMED, MIXTURES_NAMED = 0.97, 0.95


def code_of(composed: Mixture) -> str:
    if composed.file.endswith(".py"):
        return composed.text
    return "\n".join(cell["source"] for cell in json.loads(composed.text)["cells"])


def test_every_known_mistake_is_composed() -> None:
    assert set(BACKWARD_MISTAKES) | set(FIT_MISTAKES) | NOT_COMPOSED >= set(CATALOGUE)


@pytest.mark.parametrize("method", METHODS)
def test_mistakes_are_composed_in_their_own_method(method: str) -> None:
    assert {CATALOGUE[name]["method"] for name in METHODS[method]} == {method}


def test_there_are_many_styles_and_many_mixtures() -> None:
    assert len(STYLES) >= 6
    assert len(mixtures()) >= 60
    assert {mixture.style for mixture in mixtures()} == set(STYLES)


def test_every_mistake_alone_is_valid_python_and_changes_the_code() -> None:
    codes = {style: ast.dump(ast.parse(code_of(right(style)))) for style in STYLES}
    same = [m.file for m in singles() if ast.dump(ast.parse(code_of(m))) == codes[m.style]]
    assert same == []


def test_the_code_without_mistakes_earns_everything_in_every_style() -> None:
    results = grade([submission_of(right(style)) for style in STYLES], Feedback.SCORE)
    assert [result.score for result in results] == [100.0] * len(STYLES)


def in_one_batch(work: Callable[..., list[Any]], items: Sequence[Any]) -> list[Any]:
    return work(items)


def shown(trials: Sequence[Trial]) -> list[str]:
    return [f"{t.name}: {sorted(t.expected)} named {sorted(t.named)} lost {sorted(t.lost)}" for t in trials]


def few_unsolved(trials: Sequence[Trial], share: float) -> None:
    assert shown([trial for trial in trials if trial.wrong]) == []
    unsolved = [trial for trial in trials if not trial.is_solved]
    assert len(unsolved) <= (1 - share) * len(trials), shown(unsolved)


@pytest.mark.slow
class TestSingles:
    @pytest.fixture(scope="class")
    def trials(self) -> list[Trial]:
        return try_composed(sort_out(singles(), in_one_batch).telling)

    def test_a_mistake_costs_what_it_may_and_no_more(self, trials: list[Trial]) -> None:
        assert shown([trial for trial in trials if trial.free or trial.overpaid]) == []

    def test_it_is_named_in_every_style(self, trials: list[Trial]) -> None:
        few_unsolved(trials, SINGLES_NAMED)


@pytest.mark.slow
def test_all_mistakes_of_a_mixture_are_named() -> None:
    trials = [trial for trial in try_composed(sort_out(mixtures(), in_one_batch).telling) if not trial.free]
    assert len(trials) >= 60
    few_unsolved(trials, MIXTURES_NAMED)
