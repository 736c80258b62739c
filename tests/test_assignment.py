"""What students receive is derived from the solution, and contains no line of it."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from in_process import grade_paths

from grader.assignment import derive_assignment
from grader.files import differing_files, write_files
from grader.model import Status
from grader.resources import assignment_path, solution_path, utils_path
from grader.rubric import default_rubric
from grader.settings import Settings

SOLUTION = (solution_path() / "perceptron.py").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def derived() -> dict[str, bytes]:
    return derive_assignment()


@pytest.fixture
def folder(tmp_path: Path, derived: dict[str, bytes]) -> Path:
    write_files(tmp_path, derived, force=False)
    return tmp_path


# --- The derivation -------------------------------------------------------------------------------------


def test_the_assignment_in_the_kit_is_up_to_date(derived: dict[str, bytes]) -> None:
    assert differing_files(assignment_path(), derived) == []
    files = (path.relative_to(assignment_path()) for path in assignment_path().rglob("*") if path.is_file())
    assert {path.as_posix() for path in files if "__pycache__" not in path.parts} == derived.keys()


def test_the_sheet_and_the_requirements_say_which_python_may_grade(derived: dict[str, bytes]) -> None:
    oldest = importlib.metadata.metadata("perceptron-kit")["Requires-Python"].removeprefix(">=")
    for name in ("TASK.md", "requirements.txt"):
        assert re.search(rf"may use\s+Python {oldest}", derived[name].decode())


def test_derivation_depends_on_nothing_around_it(derived: dict[str, bytes], tmp_path: Path) -> None:
    program = (
        "import hashlib; from grader.assignment import derive_assignment\n"
        "for name, content in derive_assignment().items(): print(name, hashlib.sha256(content).hexdigest())"
    )
    surroundings = {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONUTF8": "0", "HOME": "/"}
    run = subprocess.run(
        [sys.executable, "-c", program],
        env=surroundings,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    here = [f"{name} {hashlib.sha256(content).hexdigest()}" for name, content in derived.items()]
    assert run.stdout.splitlines() == here


def test_utils_is_a_copy(derived: dict[str, bytes]) -> None:
    assert derived["utils.py"] == utils_path().read_bytes()


def _solution_lines() -> list[str]:
    regions = re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", SOLUTION, flags=re.DOTALL)
    assert len(regions) == 2
    lines = [line.split("  #")[0].strip() for line in "\n".join(regions).splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("line", _solution_lines())
def test_no_line_of_the_solution_is_in_any_file(derived: dict[str, bytes], line: str) -> None:
    for name, content in derived.items():
        text = content.decode()
        assert line not in text, name
        assert json.dumps(line)[1:-1] not in text, name


@pytest.mark.parametrize("marker", ["SOLUTION", "active-ipynb", "# %%", "{points}"])
def test_no_marker_of_the_derivation_is_left(derived: dict[str, bytes], marker: str) -> None:
    assert not [name for name, content in derived.items() if marker in content.decode()]


def test_task_sheet_has_the_points_of_every_criterion(derived: dict[str, bytes]) -> None:
    rows = re.findall(r"^\| `([a-z_.]+)` \| ([\d.]+) \|", derived["TASK.md"].decode(), flags=re.MULTILINE)
    assert {name: float(points) for name, points in rows} == dict(default_rubric().points)


def test_requirements_name_numpy_and_pytest_alone(derived: dict[str, bytes]) -> None:
    lines = derived["requirements.txt"].decode().splitlines()
    assert sorted(re.split(r"\W", line)[0] for line in lines if not line.startswith("#")) == [
        "numpy",
        "pytest",
    ]


# --- The notebook ---------------------------------------------------------------------------------------


def test_notebook_is_valid_and_tags_name_the_cells_that_are_not_graded(derived: dict[str, bytes]) -> None:
    notebook = json.loads(derived["perceptron.ipynb"])
    nbformat.validate(notebook)
    tags = [cell["metadata"]["tags"] for cell in notebook["cells"] if cell["cell_type"] == "code"]
    names = ("imports", "plot", "layer", "check", "plot", "perceptron", "check", "training", "check")
    assert tags == [[f"perceptron-kit:{name}"] for name in names]


def test_notebook_and_script_have_the_same_code(derived: dict[str, bytes]) -> None:
    cells = json.loads(derived["perceptron.ipynb"])["cells"]
    shared = ("imports", "plot", "layer", "plot-gradients", "perceptron", "training")
    sources = ["".join(cell["source"]) for cell in cells if cell["id"] in shared]
    assert len(sources) == len(shared)
    script = re.sub(r"\n{2,}", "\n\n", derived["perceptron.py"].decode())
    assert script.endswith(re.sub(r"\n{2,}", "\n\n", "\n\n".join(sources)) + "\n")


# --- The skeleton and the visible tests, run as by a student --------------------------------------------


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    unset = ("CI", "BUILD_NUMBER", "PYTEST", "PYTHON")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(unset)}
    return subprocess.run(
        [sys.executable, "-B", *arguments], cwd=folder, env=clean, capture_output=True, text=True, check=False
    )


def _visible_tests(folder: Path) -> subprocess.CompletedProcess[str]:
    return _run(folder, "-m", "pytest", "-p", "no:cacheprovider")


def _solve_notebook(path: Path) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    sources = {cell["id"]: cell for cell in notebook["cells"]}
    for name, class_name in (("layer", "Layer"), ("perceptron", "Perceptron")):
        found = re.search(rf"^class {class_name}:.*?(?=^# %%)", SOLUTION, flags=re.DOTALL | re.MULTILINE)
        assert found
        sources[name]["source"] = "%matplotlib inline\n!ls\n" + found[0]
    path.write_text(json.dumps(notebook), encoding="utf-8")


def test_untouched_skeleton_stops_at_the_first_task_and_names_it(folder: Path) -> None:
    run = _run(folder, "perceptron.py")
    assert run.returncode == 1
    assert run.stderr.endswith("NotImplementedError: Layer.backward is not written yet.\n")


def test_visible_tests_fail_on_the_untouched_skeleton_and_say_once_why(folder: Path) -> None:
    run = _visible_tests(folder)
    assert run.returncode == 1
    assert "11 failed, 1 passed" in run.stdout
    assert run.stdout.count("Layer.backward is not written yet.") == 1


@pytest.mark.parametrize("name", ["perceptron.py", "my solution.py", "perceptron.ipynb"])
def test_visible_tests_pass_on_the_solution(folder: Path, name: str) -> None:
    if name.endswith(".py"):
        (folder / name).write_text(SOLUTION, encoding="utf-8")
    else:
        _solve_notebook(folder / name)
    run = _visible_tests(folder)
    assert "12 passed" in run.stdout, run.stdout
    assert "warning" not in run.stdout


def test_a_call_of_the_checks_in_what_is_handed_in_costs_nothing(folder: Path) -> None:
    called = "\nfrom checks import check, check_fit\ncheck_fit(Layer, Perceptron)\ncheck(Layer, Perceptron)\n"
    (folder / "perceptron.py").write_text(SOLUTION + called, encoding="utf-8")
    (folder / "perceptron.ipynb").unlink()
    (result,) = grade_paths([folder], Settings())
    assert (result.score, [str(c.status) for c in result.criteria if c.status is not Status.PASSED]) == (
        100.0,
        [],
    )


def test_visible_tests_say_when_another_numpy_is_used(folder: Path) -> None:
    (folder / "perceptron.py").write_text(SOLUTION, encoding="utf-8")
    (folder / "requirements.txt").write_text("numpy>=99\n", encoding="utf-8")
    assert re.search(r"You have NumPy [\d.]+, but grading uses numpy>=99", _visible_tests(folder).stdout)
