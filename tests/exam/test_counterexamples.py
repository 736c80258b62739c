"""What a counterexample shows is what a student can learn from."""

from __future__ import annotations

from pathlib import Path

import pytest
from in_process import grade_paths

from grader.report.words import explained
from grader.resources import solution_path
from grader.settings import Settings

SOLUTION = (solution_path() / "perceptron.py").read_text(encoding="utf-8")


def messages(path: Path, *replacements: tuple[str, str]) -> dict[str, str]:
    """Return the messages of the criteria that the solution loses once it was changed so."""
    text = SOLUTION
    for before, after in replacements:
        assert before in text
        text = text.replace(before, after)
    (path / "perceptron.py").write_text(text, encoding="utf-8")
    (result,) = grade_paths([path / "perceptron.py"], Settings())
    return {criterion.id: explained(criterion) for criterion in result.criteria if criterion.finding}


def test_a_wrong_number_is_not_0_by_chance(tmp_path: Path) -> None:
    lost = messages(tmp_path, ("return da_prev", "return np.trunc(da_prev)"))
    assert "Seen: returned" in lost["backward.da_prev"]
    assert "Seen: returned [[0]]" not in lost["backward.da_prev"]


@pytest.mark.parametrize(
    ("changed", "seen"),
    [("x - training_data.mean(axis=0)", "[0]"), ("training_data", "an array of")],
    ids=["standardised", "whole batch"],
)
def test_what_went_forward_in_place_of_a_row_is_shown(tmp_path: Path, changed: str, seen: str) -> None:
    lost = messages(tmp_path, (FORWARD, FORWARD.replace("(x)", f"({changed})")))
    assert "what went forward was not a row of training_data" in lost["fit.loss"]
    assert f"Seen: {seen}" in lost["fit.loss"]
    assert "no forward passes" not in "".join(lost.values())


FORWARD = "self.forward(x)"
