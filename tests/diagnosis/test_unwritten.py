"""Of what is not written yet, this is said, once for each method, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from in_process import grade_paths

from grader.messages import message_text
from grader.model import Feedback, SubmissionResult
from grader.report.terminal.lines import Look
from grader.report.terminal.submissions import render_submission
from grader.settings import Settings

ROOT = Path(__file__).parents[2]
STUBS = {
    method: f'        raise NotImplementedError("{method} is not written yet.")'
    for method in ("Layer.backward", "Perceptron.fit")
}
EMPTY = ("pass", "...", "return", "return None", '"""To do."""')


@pytest.fixture(scope="module")
def skeleton() -> str:
    return (ROOT / "assignment" / "perceptron.py").read_text(encoding="utf-8")


def graded(text: str, folder: Path) -> SubmissionResult:
    path = folder / "perceptron.py"
    path.write_text(text, encoding="utf-8")
    (result,) = grade_paths([path], Settings(feedback=Feedback.FULL))
    return result


def said(result: SubmissionResult) -> list[tuple[str, str, str]]:
    return [
        (each.id, each.method, "" if each.says is None else message_text(each.says))
        for each in result.diagnoses
    ]


def without(text: str, start: str, end: str) -> str:
    before = text.index(start)
    after = text.index(end, before)
    return f"{text[:before]}\n\n{text[after:]}"


def test_of_the_untouched_assignment_each_method_is_said_once(skeleton: str, tmp_path: Path) -> None:
    result = graded(skeleton, tmp_path)
    assert said(result) == [
        ("not-written", method, f"{method} is not written yet: it raises NotImplementedError.")
        for method in STUBS
    ]
    shown = render_submission(result, Look())
    for once in (
        "Layer.backward is not written yet: it",
        "Perceptron.fit is not written yet: it",
        "still open",
    ):
        assert shown.count(once) == 1
    assert "Seen: NotImplementedError" not in shown


@pytest.mark.parametrize("body", EMPTY)
def test_a_method_without_code_is_not_written(skeleton: str, tmp_path: Path, body: str) -> None:
    text = skeleton
    for stub in STUBS.values():
        text = text.replace(stub, f"        {body}")
    assert said(graded(text, tmp_path)) == [
        ("not-written", method, f"{method} has no code yet.") for method in STUBS
    ]


def test_a_missing_method_and_a_missing_class_are_not_written(skeleton: str, tmp_path: Path) -> None:
    text = without(without(skeleton, "class Perceptron", "if __name__"), "    def backward", "if __name__")
    assert said(graded(text, tmp_path)) == [
        ("not-written", "Layer.backward", "The class has no backward."),
        ("not-written", "Perceptron.fit", "The file defines no class Perceptron."),
    ]


@pytest.mark.parametrize(
    "line",
    ["class Perceptron(Base):", "from perceptrons import Perceptron\nclass Perceptrons:"],
    ids=["fails", "is imported"],
)
def test_a_class_that_could_not_be_made_may_be_written(skeleton: str, tmp_path: Path, line: str) -> None:
    found = said(graded(skeleton.replace("class Perceptron:", line), tmp_path))
    assert ("Perceptron.fit", "not-written") not in {(method, id_) for id_, method, _ in found}


def test_a_method_that_does_something_useless_is_written(skeleton: str, tmp_path: Path) -> None:
    text = skeleton.replace(STUBS["Layer.backward"], "        da = da * 1.0")
    text = text.replace(STUBS["Perceptron.fit"], "        return [0.0] * epochs")
    assert [id_ for id_, _, _ in said(graded(text, tmp_path))] == ["unknown", "unknown"]


def test_an_empty_method_that_is_replaced_later_is_written(skeleton: str, tmp_path: Path) -> None:
    text = skeleton.replace(STUBS["Layer.backward"], "        pass").replace(
        "class Perceptron:", "Layer.backward = lambda self, da, rate: da\n\n\nclass Perceptron:", 1
    )
    found = said(graded(text, tmp_path))
    assert ("Layer.backward", "not-written") not in {(method, id_) for id_, method, _ in found}
