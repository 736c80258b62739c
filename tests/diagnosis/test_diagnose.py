"""What is found in different methods is put together into one list of diagnoses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from in_process import grade_paths

from grader.model import Diagnosis, Feedback
from grader.settings import Settings

WRONG = Path(__file__).parents[1] / "submissions" / "wrong"
OPPOSITE_SIGN = WRONG / "output-gradient-sign" / "cases.py"


def diagnosed(path: Path) -> tuple[Diagnosis, ...]:
    (result,) = grade_paths([path], replace(Settings(), feedback=Feedback.HINT))
    return result.diagnoses


def said(diagnosis: Diagnosis) -> str:
    return "" if diagnosis.says is None else diagnosis.says.id


@pytest.mark.parametrize("updates", [("weights", "biases"), ("biases",)])
def test_of_two_signs_that_cancel_each_diagnosis_says_so(tmp_path: Path, updates: tuple[str, ...]) -> None:
    text = OPPOSITE_SIGN.read_text(encoding="utf-8")
    for name in updates:
        text = text.replace(f"self.{name} -=", f"self.{name} +=")
    path = tmp_path / "both.py"
    path.write_text(text, encoding="utf-8")
    found = diagnosed(path)
    assert {diagnosis.id for diagnosis in found} == {"gradient-ascent", "output-gradient-sign"}
    assert all("They cancel" in said(diagnosis) for diagnosis in found)


@pytest.mark.parametrize(
    "path", [OPPOSITE_SIGN, WRONG / "gradient-ascent" / "biases.py"], ids=lambda p: p.stem
)
def test_of_one_wrong_sign_nothing_is_said_to_cancel(path: Path) -> None:
    assert [said(diagnosis) for diagnosis in diagnosed(path)] == [""]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("parameters-reset/made_anew.py", "parameters-reset"),
        ("labels-shadowed/labels_alone.py", "labels-shadowed"),
        ("da-accumulated/in_place.py", "da-accumulated"),
    ],
)
def test_a_mistake_that_raises_is_named_rather_than_its_exception(path: str, name: str) -> None:
    assert [diagnosis.id for diagnosis in diagnosed(WRONG / path)] == [name]


def test_an_exception_before_any_step_is_named_before_what_would_come_later(tmp_path: Path) -> None:
    text = (WRONG / "labels-shadowed" / "labels_alone.py").read_text(encoding="utf-8")
    path = tmp_path / "misspelt.py"
    path.write_text(text.replace("self.forward(x)", "self.foward(x)"), encoding="utf-8")
    assert [diagnosis.id for diagnosis in diagnosed(path)] == ["name-misspelt"]
