"""Exceptions are named only for what is certain about them, with the line that holds the mistake."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from in_process import grade_paths

from grader.messages import message_text
from grader.model import Diagnosis, Feedback, SubmissionResult
from grader.settings import Settings

HERE = Path(__file__).parent
RIGHT = HERE.parent / "submissions" / "right"
VARIANTS = tomllib.loads((HERE / "crash_variants.toml").read_text(encoding="utf-8"))

Graded = Callable[[str], SubmissionResult]


def written(name: str, variant: dict[str, Any], folder: Path) -> Path:
    """Write a right submission with the edits of a variant into ``folder``."""
    text = (RIGHT / f"{variant['base']}.py").read_text(encoding="utf-8")
    for old, new in variant["edits"]:
        assert text.count(old) == 1, f"{name}: {old!r} is not there once"
        text = text.replace(old, new)
    path = folder / f"{name}.py"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    folder = tmp_path_factory.mktemp("crashes")

    @cache
    def graded_once(name: str) -> SubmissionResult:
        (result,) = grade_paths([written(name, VARIANTS[name], folder)], Settings())
        return result

    return graded_once


def graded_alone(text: str, folder: Path, **settings: Any) -> tuple[Diagnosis, ...]:
    path = folder / "submission.py"
    path.write_text(text, encoding="utf-8")
    return grade_paths([path], Settings(**settings))[0].diagnoses


def edited(base: str, *edits: tuple[str, str]) -> str:
    text = (RIGHT / f"{base}.py").read_text(encoding="utf-8")
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if i % 4 else []) for i, name in enumerate(VARIANTS)]
)
def test_an_exception_gets_the_name_and_the_line_that_it_deserves(graded: Graded, name: str) -> None:
    variant, diagnoses = VARIANTS[name], graded(name).diagnoses
    first, *others = [diagnosis.id for diagnosis in diagnoses]
    # Where nothing is raised, the numbers may be wrong, too.
    assert (first, {*others} - {"unknown"}) == (variant["diagnosis"], set())
    place, says = diagnoses[0].place, diagnoses[0].says
    assert says is not None
    assert variant.get("says", "") in message_text(says)
    if "line" in variant:
        assert place is not None
        assert variant["line"] in place.source
    else:
        assert place is None


def test_the_excerpt_has_the_lines_around_the_mistake(graded: Graded) -> None:
    (diagnosis,) = graded("wieghts").diagnoses
    assert diagnosis.place is not None
    assert diagnosis.excerpt is not None
    lines = diagnosis.excerpt.lines
    assert len(lines) == 7
    assert "self.wieghts" in lines[diagnosis.place.line - diagnosis.excerpt.first]


def test_a_hint_has_no_line_and_no_shapes(tmp_path: Path) -> None:
    text = edited("francais_script", ("da = -(y", "da = np.dot(donnees, etiquettes) - (y"))
    (diagnosis,) = graded_alone(text, tmp_path, feedback=Feedback.HINT)
    assert diagnosis.id == "shapes-do-not-fit"
    assert (diagnosis.place, diagnosis.excerpt) == (None, None)
    assert diagnosis.says is not None
    assert not any(character.isdigit() for character in message_text(diagnosis.says))


def test_a_crash_at_some_sizes_leaves_the_other_criteria_to_other_mistakes(graded: Graded) -> None:
    assert graded("one_neuron").diagnoses[0].criteria == ("backward.shape",)


def test_what_students_wrote_is_cut_and_made_harmless(tmp_path: Path) -> None:
    long = "self.outputs" + " + self.outputs" * 40
    text = edited("deutsch", ("δ = da *", f"δ = ('\u202e' and ({long}) @ ({long})) * da *"))
    (diagnosis,) = graded_alone(text, tmp_path)
    assert diagnosis.place is not None
    assert diagnosis.excerpt is not None
    assert diagnosis.says is not None
    shown = [message_text(diagnosis.says), *diagnosis.excerpt.lines]
    assert all("\u202e" not in line and len(line) < 500 for line in shown)
    assert max(map(len, diagnosis.excerpt.lines)) <= 160 + len("\\u202e")


def test_telling_operands_runs_nothing_of_the_submission(tmp_path: Path) -> None:
    text = edited(
        "deutsch",
        ("δ = da * self", "self.sly = Sly()\n        δ = (self.sly.trap @ self.weights.T.T.T) * da * self"),
        (
            "class Layer:",
            "class Sly:\n"
            "    def __getattr__(self, name):\n"
            "        print('attribute', name)\n"
            "        if name == 'trap':\n"
            "            return np.ones((7, 7))\n"
            "        raise AttributeError(name)\n\n\n"
            "class Layer:",
        ),
    )
    (diagnosis,) = graded_alone(text, tmp_path)
    assert diagnosis.says is not None
    assert "the shapes of self.sly.trap and self.weights.T.T.T do not fit" in message_text(diagnosis.says)


@pytest.mark.parametrize("base", ["deutsch", "golf", "professional", "oop_heavy"])
def test_a_right_submission_gets_no_diagnosis(base: str, tmp_path: Path) -> None:
    assert graded_alone(edited(base), tmp_path) == ()
