"""Help the tests of nbgrader with a real course, and notebooks to hand in."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook

from grader.nbgrader.source import derive_source
from grader.rubric import default_rubric

__all__ = ["SOLUTION", "STUB", "Course", "Notebook", "code_cell", "filled", "made"]

Notebook = dict[str, Any]

SOLUTION: dict[str, str] = {
    cell["metadata"]["nbgrader"]["grade_id"]: "".join(cell["source"])
    for cell in json.loads(derive_source(default_rubric())["perceptron.ipynb"])["cells"]
    if cell["metadata"].get("nbgrader", {}).get("solution")
}
"""The sources of the two solution cells."""
STUB = "raise NotImplementedError()"


@dataclass(frozen=True)
class Course:
    """An nbgrader course with the exercise in it, released."""

    folder: Path

    def run(self, *command: str, code: int | None = 0) -> subprocess.CompletedProcess[str]:
        """Run a command of this environment in the course; fail if its exit code is not ``code``."""
        return run(*command, folder=self.folder, code=code)

    @property
    def database(self) -> str:
        """The address of the gradebook."""
        return f"sqlite:///{self.folder / 'gradebook.db'}"

    @property
    def released(self) -> Notebook:
        """The notebook as students receive it."""
        return read(self.folder / "release/perceptron/perceptron.ipynb")

    def hand_in(
        self, student: str, notebook: Notebook | bytes, files: Mapping[str, str] | None = None
    ) -> Path:
        """Put a submission where ``nbgrader collect`` would: the release, with a notebook and other files."""
        folder = self.folder / "submitted" / student / "perceptron"
        shutil.copytree(self.folder / "release/perceptron", folder)
        content = notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()
        (folder / "perceptron.ipynb").write_bytes(content)
        for name, text in (files or {}).items():
            (folder / name).write_text(text, encoding="utf-8")
        return folder

    def autograded(self, student: str) -> Notebook:
        """Return the notebook that nbgrader has graded."""
        return read(self.folder / "autograded" / student / "perceptron/perceptron.ipynb")

    def points(self, student: str) -> dict[str, float | None]:
        """Return the automatic points in the gradebook, by criterion."""
        with Gradebook(self.database) as gradebook:
            notebook = gradebook.find_submission_notebook("perceptron", "perceptron", student)
            return {grade.name.replace("-", "."): grade.auto_score for grade in notebook.grades}

    def needs_a_person(self, student: str) -> bool:
        """Tell whether nbgrader asks for manual grading."""
        with Gradebook(self.database) as gradebook:
            notebook = gradebook.find_submission_notebook("perceptron", "perceptron", student)
            return bool(notebook.needs_manual_grade)

    def comment(self, student: str, cell: str) -> str | None:
        """Return the automatic comment of a solution cell."""
        with Gradebook(self.database) as gradebook:
            found = gradebook.find_comment(cell, "perceptron", "perceptron", student).auto_comment
            return None if found is None else str(found)


def run(*command: str, folder: Path, code: int | None = 0) -> subprocess.CompletedProcess[str]:
    """Run a command of this environment in ``folder``; fail if its exit code is not ``code``."""
    bin_folder = Path(sys.executable).parent
    environment = os.environ | {
        "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}",
        "PYTHONWARNINGS": "ignore",
    }
    # The variables of this test session must not reach the programs that it starts.
    environment = {name: value for name, value in environment.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [bin_folder / command[0], *command[1:]],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert code is None or done.returncode == code, f"{command}\n{done.stdout}\n{done.stderr}"
    return done


def made(folder: Path, *, configured: bool = True) -> Course:
    """Add the exercise to the course in ``folder``, which may be new, and release it."""
    run("perceptron-kit", "nbgrader", str(folder), folder=folder.parent)
    if not configured:
        (folder / "nbgrader_config.py").write_text("c = get_config()\n", encoding="utf-8")
    course = Course(folder)
    course.run("nbgrader", "generate_assignment", "perceptron")
    return course


def read(path: Path) -> Notebook:
    """Return the JSON of a notebook."""
    notebook: Notebook = json.loads(path.read_text(encoding="utf-8"))
    return notebook


def filled(notebook: Notebook, replaced: Sequence[tuple[str, str]] = ()) -> Notebook:
    """Return a copy of a released notebook with the solution in it, with some of its text ``replaced``."""
    whole = copy.deepcopy(notebook)
    for cell in whole["cells"]:
        source = SOLUTION.get(cell["metadata"].get("nbgrader", {}).get("grade_id"))
        if source is not None:
            for old, new in replaced:
                source = source.replace(old, new)
            cell["source"] = source
    for old, _ in replaced:
        assert any(old in source for source in SOLUTION.values()), old
    return whole


def code_cell(source: str, **metadata: Any) -> dict[str, Any]:
    """Return a code cell that has not been run."""
    return {
        "cell_type": "code",
        "id": f"new-{abs(hash(source)) % 10**6}",
        "metadata": metadata,
        "source": source,
        "outputs": [],
        "execution_count": None,
    }
