"""The gradient check and the pictures of utils.py, as a student uses them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.assignment import derive_assignment
from grader.files import write_files
from grader.languages import LANGUAGES
from grader.resources import solution_path, utils_path


@pytest.fixture(scope="module")
def utils() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(utils_path().parent)
        import utils  # type: ignore[import-not-found, unused-ignore]

        return utils


def test_finite_differences_are_the_derivative_and_leave_their_argument_alone(utils: Any) -> None:
    where = np.array([[1.0, -2.0, 0.5], [3.0, 0.0, -1.5]])
    seen = utils.finite_differences(lambda x: float(np.sum(x**3)), where)
    assert seen.shape == where.shape
    assert np.allclose(seen, 3 * where**2, rtol=0, atol=1e-8)
    assert where.tolist() == [[1.0, -2.0, 0.5], [3.0, 0.0, -1.5]]


def test_relative_errors_are_taken_of_the_larger_number_and_are_0_where_both_are(utils: Any) -> None:
    errors = utils.relative_errors(np.array([[1.0, 0.0, 2.0, 0.0]]), np.array([[1.0, 0.0, -2.0, 4.0]]))
    assert errors.tolist() == [[0.0, 0.0, 2.0, 1.0]]


def test_gradients_of_different_shapes_are_not_compared(utils: Any) -> None:
    with pytest.raises(ValueError, match=r"The shapes differ: \(2, 1\) by formula, \(1, 2\) by finite"):
        utils.compare_gradients(np.ones((2, 1)), np.ones((1, 2)))


@pytest.mark.parametrize(
    ("by_formula", "says"),
    [
        (1.0 + 1e-9, "The two agree."),
        (1.0 + 1e-6, "Right only if a kink is near"),
        (1.0 + 1e-3, "Suspicious"),
        (1.1, "The two disagree"),
        (-1.0, "The two disagree"),
        (float("nan"), "The two disagree"),
    ],
)
def test_the_largest_relative_error_is_explained(
    utils: Any, capsys: pytest.CaptureFixture[str], by_formula: float, says: str
) -> None:
    utils.compare_gradients(np.array([[by_formula], [0.0]]), np.array([[1.0], [0.0]]))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert lines[2].endswith("both 0")
    assert lines[-1].startswith(says)


def test_the_step_of_the_sheet_is_better_than_the_two_that_it_warns_of(utils: Any) -> None:
    weights, a_prev, da = np.array([[0.25, -0.5]]), np.array([[1.0], [2.0]]), 1.5
    right = da * utils.sigmoid.derivative(weights @ a_prev) @ a_prev.T

    def error(step: float) -> float:
        seen = utils.finite_differences(lambda w: da * utils.sigmoid(w @ a_prev).item(), weights, step)
        return float(np.max(utils.relative_errors(right, seen)))

    assert error(1e-5) < 1e-7
    assert min(error(1e-1), error(1e-14)) > 1e-4


# --- In a script ----------------------------------------------------------------------------------------

RECORDER = Path(__file__).with_name("drawing_recorder.py")


def run(folder: Path, language: str) -> subprocess.CompletedProcess[str]:
    """Run the reference as a student's script in a released folder."""
    write_files(folder, derive_assignment(language), force=True)
    (folder / "perceptron.py").write_bytes((solution_path() / "perceptron.py").read_bytes())
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        [sys.executable, "-B", "perceptron.py"],
        cwd=folder,
        env=clean | {"PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_script_draws_all_pictures_and_shows_them_at_the_end(tmp_path: Path, language: str) -> None:
    (tmp_path / "matplotlib").mkdir()
    (tmp_path / "matplotlib/__init__.py").touch()
    (tmp_path / "matplotlib/pyplot.py").write_bytes(RECORDER.read_bytes())
    seen = run(tmp_path, language)
    assert (seen.returncode, seen.stderr) == (0, "")
    lines = [line for line in seen.stdout.splitlines() if line.startswith(("picture", "drew", "show"))]
    before, after = (
        ("before training", "after training")
        if language == "en"
        else ("ennen koulutusta", "koulutuksen jälkeen")
    )
    data, boundary = ["drew scatter"] * 2, ["drew contourf", *["drew scatter"] * 2]
    assert lines == [
        *("picture", *data),
        *("picture", "drew bar", "drew bar"),
        *("picture", "drew plot"),
        *("picture", *boundary, f"drew set_title {before}", *boundary, f"drew set_title {after}"),
        "show",
    ]


@pytest.mark.parametrize(
    ("language", "says"), [("en", "No pictures: matplotlib is not"), ("fi", "Ei kuvia: matplotlib puuttuu.")]
)
def test_without_matplotlib_a_script_says_so_once_and_does_the_rest(
    tmp_path: Path, language: str, says: str
) -> None:
    (tmp_path / "matplotlib").mkdir()
    (tmp_path / "matplotlib/__init__.py").write_text("raise ImportError\n", encoding="utf-8")
    seen = run(tmp_path, language)
    assert (seen.returncode, seen.stderr) == (0, "")
    assert seen.stdout.count(says) == 1
    assert "Loss at epoch 100: " in seen.stdout
