"""A rewritten ``forward`` is accused only if it is wrong, and before anything is said of ``backward``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from in_process import grade_paths

from grader.messages import message_text
from grader.model import Diagnosis, Feedback
from grader.settings import Settings

BASE = Path(__file__).parents[1] / "submissions" / "right" / "deutsch.py"

KEEPS_X = "self.inputs = np.reshape(inputs, (-1, 1))"
KEEPS_Z = "self.outputs = self.weights @ self.inputs + self.biases"
RETURNS = "return self.aktivierung(self.outputs)"
WRONG_BACKWARD = ("da * self.aktivierung.derivative(self.outputs)", "da * 1.0")
BEGINS_WITH_ZEROS = (
    "self.aktivierung = aktivierung",
    "self.aktivierung = aktivierung\n"
    "        self.inputs = np.zeros((n_eingänge, 1))\n"
    "        self.outputs = np.zeros((n_neuronen, 1))",
)

SUMS = {
    "no_biases": ("self.outputs = self.weights @ self.inputs", "a = f(W·a_prev)"),
    "biases_subtracted": ("self.outputs = self.weights @ self.inputs - self.biases", "a = f(W·a_prev − b)"),
    "transposed": ("self.outputs = self.weights.T @ self.inputs + self.biases", "a = f(Wᵀ·a_prev + b)"),
    "no_known_form": ("self.outputs = self.weights @ self.inputs + 2 * self.biases", ""),
}
RESULTS = {
    "z": ("return self.outputs", "a = W·a_prev + b"),
    "always_relu": ("return np.maximum(self.outputs, 0)", "a = relu(W·a_prev + b)"),
    "twice": ("return self.aktivierung(self.aktivierung(self.outputs))", "a = f(f(W·a_prev + b))"),
    "derivative": ("return self.aktivierung.derivative(self.outputs)", "a = f′(W·a_prev + b)"),
    "nothing": ("self.aktivierung(self.outputs)", ""),
}
NOT_KEPT = {
    "inputs": (
        (KEEPS_X, "x = np.reshape(inputs, (-1, 1))"),
        (KEEPS_Z, "self.outputs = self.weights @ x + self.biases"),
    ),
    "outputs": (
        (KEEPS_Z, "z = self.weights @ self.inputs + self.biases"),
        (RETURNS, "return self.aktivierung(z)"),
    ),
    "outputs_without_biases": (
        (KEEPS_Z, "self.outputs = self.weights @ self.inputs"),
        (RETURNS, "return self.aktivierung(self.outputs + self.biases)"),
    ),
}
RIGHT = {
    "as_it_was": (),
    "in_rows": ((KEEPS_Z, "self.outputs = np.dot(self.inputs.T, self.weights.T).T + self.biases"),),
    "float32": ((KEEPS_X, f"{KEEPS_X}.astype(np.float32)"),),
    "list": ((RETURNS, f"{RETURNS}.ravel().tolist()"),),
}
EDITS: dict[str, tuple[tuple[str, str], ...]] = {
    **{f"sum_{name}": ((KEEPS_Z, new),) for name, (new, _) in SUMS.items()},
    **{f"result_{name}": ((RETURNS, new),) for name, (new, _) in RESULTS.items()},
    **{f"not_kept_{name}": (BEGINS_WITH_ZEROS, *edits) for name, edits in NOT_KEPT.items()},
    **{f"right_{name}": (WRONG_BACKWARD, *edits) for name, edits in RIGHT.items()},
    "both": (WRONG_BACKWARD, (KEEPS_Z, "self.outputs = self.weights @ self.inputs")),
}

Said = Callable[[str], tuple[Diagnosis, ...]]


def written(folder: Path, name: str) -> Path:
    text = BASE.read_text(encoding="utf-8")
    for old, new in EDITS[name]:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path = folder / f"{name}.py"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Said:
    """Return what is said of a submission; all of them are graded together."""
    folder = tmp_path_factory.mktemp("forward")
    results = grade_paths([written(folder, name) for name in EDITS], Settings(feedback=Feedback.HINT))
    return {name: result.diagnoses for name, result in zip(EDITS, results, strict=True)}.__getitem__


@pytest.mark.parametrize("name", SUMS)
def test_a_wrong_sum_explains_what_backward_loses(said: Said, name: str) -> None:
    (diagnosis,) = said(f"sum_{name}")
    assert (diagnosis.id, diagnosis.method) == ("forward-wrong", "Layer.forward")
    assert diagnosis.seen == SUMS[name][1]
    assert "backward.dz" in diagnosis.criteria
    assert diagnosis.cases >= 3


@pytest.mark.parametrize("name", RESULTS)
def test_a_wrong_result_costs_only_training_if_the_right_values_are_kept(said: Said, name: str) -> None:
    (diagnosis,) = said(f"result_{name}")
    assert (diagnosis.id, diagnosis.seen) == ("forward-wrong", RESULTS[name][1])
    assert all(criterion.startswith("training.") for criterion in diagnosis.criteria)


@pytest.mark.parametrize("name", NOT_KEPT)
def test_values_that_are_not_kept_are_said_if_backward_is_right_for_them(said: Said, name: str) -> None:
    (diagnosis,) = said(f"not_kept_{name}")
    assert diagnosis.id == "forward-wrong"
    assert diagnosis.says is not None
    kept = "a_prev" if name == "inputs" else "z"
    assert f"does not keep {kept}:" in message_text(diagnosis.says)


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_forward_is_not_accused(said: Said, name: str) -> None:
    assert "Layer.forward" not in {diagnosis.method for diagnosis in said(f"right_{name}")}


def test_nothing_is_said_of_backward_after_a_wrong_forward(said: Said) -> None:
    assert [diagnosis.method for diagnosis in said("both")] == ["Layer.forward"]


def test_a_hint_has_no_numbers_of_the_case(tmp_path: Path) -> None:
    path = written(tmp_path, "sum_no_biases")
    (diagnosis,) = grade_paths([path], Settings(feedback=Feedback.HINT))[0].diagnoses
    assert diagnosis.seen
    assert diagnosis.says is not None
    assert not any(character.isdigit() for character in message_text(diagnosis.says))
