"""The code that certify_diagnosis.py composes to try the diagnosis on is what it says."""

from __future__ import annotations

import ast
import json

import pytest
from mixture_backward import BACKWARD_MISTAKES
from mixture_fit import FIT_MISTAKES
from mixture_trials import CATALOGUE, grade, submission_of
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
