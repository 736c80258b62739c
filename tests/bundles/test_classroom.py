"""The template for GitHub Classroom runs the visible tests as GitHub would, and reports a point for each."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from grader.assignment import derive_assignment
from grader.bundles.classroom_template import WORKFLOW
from grader.resources import solution_path

BIN = Path(sys.executable).parent
GRADER = "classroom-resources/autograding-command-grader@v1"
REPORTER = "classroom-resources/autograding-grading-reporter@v1"

Step = Mapping[str, Any]


def make(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    line: list[str | Path] = [BIN / "perceptron-kit", "classroom", folder, *options]
    return subprocess.run(line, capture_output=True, encoding="utf-8", timeout=60, check=False)


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template") / "perceptron"
    run = make(folder)
    assert run.returncode == 0, run.stderr
    return folder


@pytest.fixture(scope="module")
def workflow(template: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((template / WORKFLOW).read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def steps(workflow: dict[str, Any]) -> list[Step]:
    (job,) = workflow["jobs"].values()
    steps: list[Step] = job["steps"]
    return steps


def graders(steps: list[Step]) -> list[Step]:
    return [step for step in steps if step.get("uses") == GRADER]


def bash(command: str, folder: Path, python: Path = BIN) -> subprocess.CompletedProcess[str]:
    """Run a command as a step does: in the repository, by bash, with little in the environment."""
    return subprocess.run(
        ["bash", "-e", "-c", command],
        cwd=folder,
        env={"PATH": f"{python}:{os.environ['PATH']}", "HOME": str(folder)},
        capture_output=True,
        encoding="utf-8",
        timeout=500,
        check=False,
    )


def test_it_is_the_assignment_and_nothing_hidden(template: Path) -> None:
    files = files_in(template)
    ours = {WORKFLOW, "README.md", ".gitignore"}
    assert {name: content for name, content in files.items() if name not in ours} == derive_assignment()
    assert ours < files.keys()


def test_the_workflow_is_valid(template: Path) -> None:
    line: list[str | Path] = [BIN / "check-jsonschema", "--builtin-schema", "vendor.github-workflows"]
    run = subprocess.run(
        [*line, template / WORKFLOW], capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 0, run.stdout


def test_the_workflow_is_what_the_reporter_requires(workflow: dict[str, Any], steps: list[Step]) -> None:
    assert workflow["name"] == "Autograding Tests"
    assert list(workflow["jobs"]) == ["run-autograding-tests"]
    *_, reporter = steps
    ids = [step["id"] for step in graders(steps)]
    assert all(id_.isascii() and id_.isalnum() for id_ in ids)
    assert reporter["uses"] == REPORTER
    assert reporter["with"]["runners"].split(",") == ids
    assert reporter["env"] == {
        f"{id_.upper()}_RESULTS": f"${{{{ steps.{id_}.outputs.result }}}}" for id_ in ids
    }


def test_every_visible_test_of_a_students_work_has_a_step(template: Path, steps: list[Step]) -> None:
    shown = bash("python -m pytest --collect-only -q", template).stdout
    tests = {line.partition("[")[0] for line in shown.splitlines() if "::" in line}
    ours = {step["with"]["command"].split()[-1] for step in graders(steps)}
    assert tests - ours == {"test_perceptron.py::test_numpy_is_the_one_used_in_grading"}
    assert ours < tests


@pytest.mark.slow
@pytest.mark.parametrize("work", ["skeleton", "solution"])
def test_the_steps_fail_on_the_skeleton_and_pass_on_the_solution(
    template: Path, steps: list[Step], work: str, tmp_path: Path
) -> None:
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    if work == "solution":
        shutil.copy(solution_path() / "perceptron.py", tmp_path)
    codes = [bash(step["with"]["command"], tmp_path).returncode for step in graders(steps)]
    assert codes == [0 if work == "solution" else 1] * 11


@pytest.mark.slow
def test_the_steps_run_in_an_empty_environment(template: Path, steps: list[Step], tmp_path: Path) -> None:
    shutil.copytree(template, tmp_path / "repository")
    shutil.copy(solution_path() / "perceptron.py", tmp_path / "repository")
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "python"], check=True, timeout=120)
    commands = [step.get("run") or step["with"]["command"] for step in steps if "run" in step or "id" in step]
    assert len(commands) == 12
    for command in commands:
        run = bash(command, tmp_path / "repository", tmp_path / "python" / "bin")
        assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.slow
def test_the_readme_is_in_the_language(tmp_path: Path) -> None:
    assert make(tmp_path, "--lang", "fi").returncode == 0
    assert "Kirjoita koodisi" in (tmp_path / "README.md").read_text(encoding="utf-8")


def test_existing_files_stay_without_force_and_a_second_run_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine")
    run = make(tmp_path)
    assert run.returncode == 2
    assert "already has README.md, with other contents; add --force" in run.stderr
    assert files_in(tmp_path) == {"README.md": b"mine"}
    assert make(tmp_path, "--force").returncode == 0
    before = files_in(tmp_path)
    times = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    again = make(tmp_path)
    assert (again.returncode, files_in(tmp_path)) == (0, before)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == times
    assert "is up to date" in again.stdout


def test_grade_takes_the_folder_of_clones(template: Path, tmp_path: Path) -> None:
    clones = tmp_path / "clones"
    for student in ("alice", "bob"):
        shutil.copytree(template, clones / f"perceptron-{student}")
        (clones / f"perceptron-{student}" / ".git").mkdir()
    shutil.copy(solution_path() / "perceptron.py", clones / "perceptron-alice")
    line: list[str | Path] = [BIN / "grade", "--format", "json", clones]
    run = subprocess.run(line, capture_output=True, encoding="utf-8", timeout=60, check=False)
    scores = {result["id"]: result["score"] for result in json.loads(run.stdout)["submissions"]}
    assert scores == {"alice": 100, "bob": 0}


def test_students_and_instructor_learn_what_the_points_are_worth(template: Path, tmp_path: Path) -> None:
    assert "they are not your score" in (template / "README.md").read_text(encoding="utf-8")
    assert "grade clones/" in make(tmp_path).stdout
