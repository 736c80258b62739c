"""Whatever a submission does while it is diagnosed, and whatever fails then, its score stays."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from in_process import grade_paths

from grader.candidate.client import Candidate, Ended, How
from grader.candidate.launcher import ForkingParent, Limits, Timeouts
from grader.diagnosis.diagnose import diagnose
from grader.errors import DisturbedError
from grader.exam.examination import Examination
from grader.grading import session
from grader.model import Diagnosis, Feedback, Submission, SubmissionResult, SubmissionStatus
from grader.report.words import message_of
from grader.resources import solution_path
from grader.settings import Settings

SUBMISSIONS = Path(__file__).parents[1] / "submissions"
WRONG = SUBMISSIONS / "wrong" / "gradient-ascent" / "biases.py"

LAYER = """\
import numpy as np
class Layer:
    def __init__(self, n_inputs, n_neurons, activation_function):
        self.weights, self.biases = np.ones((n_neurons, n_inputs)), np.ones((n_neurons, 1))
        self.activation = activation_function
    def forward(self, inputs):
        self.inputs = np.reshape(inputs, (-1, 1))
        self.outputs = self.weights @ self.inputs + self.biases
        return self.activation(self.outputs)
    def backward(self, da, learning_rate):
        dz = da * self.activation.derivative(self.outputs)
        da_prev = self.weights.T @ dz
        self.weights = {weights}
        self.biases = {biases}
        return {returned}
"""
STEP = {
    "weights": "self.weights - learning_rate * dz @ self.inputs.T",
    "biases": "self.biases - learning_rate * dz",
    "returned": "da_prev",
}
HANGS = """\
import sys, time
class Layer(Layer):
    def {method}(self, *arguments):
        at = sys._getframe()
        while at is not None:
            if at.f_locals.get("request", {{}}).get("verb") == "{verb}":
                {act}
            at = at.f_back
        return super().{method}(*arguments)
"""


def graded(text: str, folder: Path, feedback: Feedback = Feedback.FULL) -> SubmissionResult:
    path = folder / "work.py"
    path.write_text(text, encoding="utf-8")
    (result,) = grade_paths([path], Settings(feedback=feedback, pictures=True))
    return result


def verdict(result: SubmissionResult) -> tuple[SubmissionStatus, float | None, list[str]]:
    return result.status, result.score, [str(one.status) for one in result.criteria]


@pytest.mark.parametrize("part", ["weights", "returned"])
@pytest.mark.parametrize("factor", ["1e308", "1e160"])
def test_numbers_that_overflow_when_squared_are_no_bug_and_no_certificate(
    tmp_path: Path, part: str, factor: str
) -> None:
    changed = {**STEP, part: f"{factor} * np.ones_like({STEP[part]})"}
    result = graded(LAYER.format(**changed), tmp_path, Feedback.HINT)
    assert (result.status, "bug" in message_of(result)) == (SubmissionStatus.GRADED, False)
    assert {diagnosis.id for diagnosis in result.diagnoses if "backward" in diagnosis.method} == {"unknown"}


@pytest.mark.parametrize("inputs", ["np.zeros((0, 1))", "np.zeros((0, 0))", "None", "np.array([[None]])"])
def test_inputs_with_which_no_call_returns_are_no_bug(tmp_path: Path, inputs: str) -> None:
    layer = LAYER.format(**STEP).replace("np.reshape(inputs, (-1, 1))", inputs)
    assert "bug" not in message_of(graded(layer, tmp_path, Feedback.HINT))


@pytest.mark.parametrize("part", ["weights", "biases"])
def test_parameters_without_numbers_are_no_bug(tmp_path: Path, part: str) -> None:
    result = graded(LAYER.format(**{**STEP, part: "np.array([])"}), tmp_path, Feedback.HINT)
    assert "bug" not in message_of(result)


@pytest.mark.parametrize("shape", ["(0, 1)", "(1, 0)", "(2, 1)"])
def test_a_first_da_with_more_or_fewer_numbers_is_no_bug(tmp_path: Path, shape: str) -> None:
    solution = solution_path().joinpath("perceptron.py").read_text(encoding="utf-8")
    right = "da = np.array([["
    assert right in solution
    result = graded(solution.replace(right, f"da = np.full({shape}, [["), tmp_path, Feedback.HINT)
    assert (result.score == result.max_score, "bug" in message_of(result)) == (False, False)


@pytest.mark.parametrize(
    ("verb", "method", "act"),
    [
        ("try", "backward", "time.sleep(99)"),
        ("edits", "backward", "sys.settrace(None)\n                while True: pass"),
        ("forward", "forward", "import os; os._exit(3)"),
    ],
)
def test_a_submission_that_hangs_or_dies_while_it_is_diagnosed_keeps_its_score(
    tmp_path: Path, verb: str, method: str, act: str
) -> None:
    wrong = LAYER.format(**{**STEP, "biases": "self.biases + learning_rate * dz"})
    hostile = wrong + HANGS.format(method=method, verb=verb, act=act)
    assert verdict(graded(hostile, tmp_path)) == verdict(graded(wrong, tmp_path, Feedback.SCORE))


@pytest.mark.parametrize("pictures", [True, False])
def test_a_bug_of_ours_costs_the_diagnosis_and_not_the_score(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, pictures: bool
) -> None:
    (expected,) = grade_paths([WRONG], Settings(feedback=Feedback.SCORE))
    monkeypatch.setattr("grader.diagnosis.diagnose.diagnose", _raising(ZeroDivisionError("the traceback")))
    (result,) = grade_paths([WRONG], Settings(pictures=pictures))
    assert verdict(result)[:2] == (expected.status, expected.score)
    assert result.diagnoses == ()
    assert "A bug of the kit (ZeroDivisionError) kept the mistakes from being named" in message_of(result)
    assert "the traceback" in capsys.readouterr().err


def test_what_disturbs_a_diagnosis_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    attempts = iter((True, False))

    def disturbed_once(examination: Examination, lost: list[str]) -> tuple[Diagnosis, ...]:
        if next(attempts):
            raise DisturbedError("killed")
        return diagnose(examination, lost)

    monkeypatch.setattr("grader.diagnosis.diagnose.diagnose", disturbed_once)
    (result,) = grade_paths([WRONG], Settings(feedback=Feedback.HINT))
    assert [diagnosis.id for diagnosis in result.diagnoses] == ["gradient-ascent"]


def _raising(error: Exception) -> Callable[..., tuple[Diagnosis, ...]]:
    def failing(_examination: Examination, _lost: list[str]) -> tuple[Diagnosis, ...]:
        raise error

    return failing


def test_a_candidate_in_a_hurry_is_stopped_sooner() -> None:
    text = "import time\nclass Layer:\n    def __init__(self, *_):\n        time.sleep(99)\n"
    submission = Submission("work", "work.py", {"work.py": text.encode()}, main="work.py")
    with (
        ForkingParent() as parent,
        closing(Candidate(submission, parent, Timeouts(60.0, 60.0), Limits())) as candidate,
    ):
        examination = Examination(candidate, session._questions(0), Feedback.FULL)
        examination.loaded  # noqa: B018 - runs the statements
        candidate.hurry(0.2, 0.3)
        for says in ("was stopped after 0.2 s", "had no time left"):
            with pytest.raises(Ended, match=says) as ended:
                candidate.ask(examination.questions.backward_request)
            assert ended.value.how is How.TIMEOUT
