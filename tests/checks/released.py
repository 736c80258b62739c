"""The folder that students receive, and its checks, run as students run them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from grader.assignment import derive_assignment
from grader.files import write_files
from grader.resources import solution_path

SOLUTION = (solution_path() / "perceptron.py").read_text(encoding="utf-8")
STEPS = (
    "shape", "dz", "weights", "biases", "da_prev", "update", "output_gradient", "backpropagation", "loss",
    "gradient_check", "monotone_loss",
)  # fmt: skip
TRAINING = {"gradient_check", "monotone_loss"}
_MARKS = {"✓": "right", "✗": "wrong", "–": "waiting"}


def released(folder: Path, *, seconds: float | None = None, language: str = "en") -> Path:
    """Write what students receive into ``folder``; methods have ``seconds`` if they are given."""
    files = derive_assignment(language)
    if seconds is not None:
        limits = files["checks/limits.py"].decode()
        assert "SECONDS = 5.0" in limits
        files["checks/limits.py"] = limits.replace("SECONDS = 5.0", f"SECONDS = {seconds}").encode()
    write_files(folder, files, force=True)
    return folder


def run(folder: Path, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python in ``folder``, as a student does."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PYTHON"))}
    return subprocess.run(
        [sys.executable, "-B", *arguments],
        cwd=folder,
        env=clean | {"PYTHONUTF8": "1", "COLUMNS": "100"} | environment,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def statuses(printed: str) -> dict[str, str]:
    """Return what a table says of each step: right, wrong or waiting."""
    rows = re.findall(r"^([✓✗–]) (\w+) ", printed, flags=re.MULTILINE)
    return {step: _MARKS[mark] for mark, step in rows}


def not_right(printed: str) -> set[str]:
    """Return the steps that are not right in a table."""
    found = statuses(printed)
    assert found, printed
    return {step for step, status in found.items() if status != "right"}
