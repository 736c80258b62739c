"""Repairs are for instructors who ask for them."""

from __future__ import annotations

from pathlib import Path

import pytest
from in_process import grade_paths

from grader.diagnosis.lines.places import with_lines
from grader.exam.examination import Examination
from grader.model import Diagnosis
from grader.settings import Settings

WRONG = Path(__file__).parents[1] / "submissions" / "wrong" / "gradient-ascent" / "biases.py"


@pytest.mark.parametrize("is_asked_for", [True, False])
def test_a_repair_is_in_the_result_only_if_it_was_asked_for(
    monkeypatch: pytest.MonkeyPatch, *, is_asked_for: bool
) -> None:
    def diagnosed(examination: Examination, lost: list[str]) -> tuple[Diagnosis, ...]:
        known = Diagnosis("gradient-ascent", "Layer.backward", ("backward.update",))
        return tuple(with_lines(examination, [known], lost))

    monkeypatch.setattr("grader.diagnosis.diagnose.diagnose", diagnosed)
    (result,) = grade_paths([WRONG], Settings(show_repair=is_asked_for))
    (diagnosis,) = result.diagnoses
    assert diagnosis.place is not None
    assert (
        "+         self.biases = self.biases - learning_rate * d_biases" in diagnosis.repair
    ) is is_asked_for
    assert bool(diagnosis.repair) is is_asked_for
