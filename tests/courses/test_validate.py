"""``nbgrader validate`` tells students what the visible tests find."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from courses import Course, Notebook, filled, made

pytestmark = pytest.mark.slow

CRITERIA = 11


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return made(tmp_path_factory.mktemp("courses") / "course", configured=False)


def validated(course: Course, notebook: Notebook) -> str:
    """Return what ``nbgrader validate`` says of a notebook in the released folder."""
    with TemporaryDirectory() as folder:
        copy = Path(folder, "perceptron")
        shutil.copytree(course.folder / "release/perceptron", copy)
        (copy / "perceptron.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
        return course.run("nbgrader", "validate", str(copy / "perceptron.ipynb")).stdout


def test_of_the_untouched_notebook_it_says_what_to_write(course: Course) -> None:
    said = validated(course, course.released)
    assert f"VALIDATION FAILED ON {CRITERIA} CELL(S)" in said
    assert "backward.da_prev: Layer.backward is not written yet." in said
    assert "fit.loss: Perceptron.fit is not written yet." in said
    assert "Traceback" not in said


def test_the_solution_passes(course: Course) -> None:
    assert "Success! Your notebook passes all the tests." in validated(course, filled(course.released))


# For one mistake in each step: the criterion that it costs; training.* may fall with any.
MISTAKES = {
    "backward.shape": ("return da_prev", "return da_prev[:, 0]"),
    "backward.dz": ("self.activation.derivative(self.outputs)", "1"),
    "backward.weights": ("dz @ self.inputs.T", "da @ self.inputs.T"),
    "backward.biases": ("d_biases = dz", "d_biases = da"),
    "backward.da_prev": ("self.weights.T @ dz", "self.weights.T @ da"),
    "backward.update": ("- learning_rate * d_weights", "+ learning_rate * d_weights"),
    "fit.output_gradient": ("(y_hat - y)", "(y - y_hat)"),
    "fit.backpropagation": ("reversed(self.layers)", "self.layers"),
    "fit.loss": ("np.mean(losses)", "np.sum(losses)"),
}


@pytest.mark.parametrize("criterion", MISTAKES)
def test_a_mistake_reddens_the_cell_of_its_step_and_of_no_other(course: Course, criterion: str) -> None:
    said = validated(course, filled(course.released, [MISTAKES[criterion]]))
    failed = set(re.findall(r'grade\("([a-z_.]+)"\)', said))
    assert {name for name in failed if not name.startswith("training.")} == {criterion}
    assert f"{criterion}: " in said
    assert "Traceback" not in said


def test_the_release_contains_no_solution_and_no_hidden_test(course: Course) -> None:
    folder = course.folder / "release/perceptron"
    texts = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir() if path.is_file()}
    for name, text in texts.items():
        assert "dz @ self.inputs.T" not in text, name
        assert "hypothesis" not in text, name
        assert "SOLUTION" not in text, name
    assert Path(folder, "criteria.py").exists()
