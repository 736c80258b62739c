"""What the autograded cells of the notebook run: the visible check of a criterion.

When you run such a cell, or `nbgrader validate`, it says what the visible check of its criterion finds. Grading tries
many more cases. When nbgrader itself grades the notebook, the cell asks the
grader for the points, unless the course has them already. There is nothing to change here.
"""

from __future__ import annotations

import functools
import html
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

NOTEBOOK = "perceptron.ipynb"
FEEDBACK = "full"
"""How much the grader tells, if nbgrader runs this notebook: `score`, `verdict`, `hint` or `full`."""
LANGUAGE = "en"
"""The language of what the grader tells."""
SECONDS = 20
"""Seconds for the grader, all cells together; nbgrader gives each cell 30."""


def grade(criterion: str) -> float | None:
    """Run the visible check of a criterion; if nbgrader is grading the notebook, return its points instead.

    Raises `NotPassed` if it fails. Raises an error, which means 0 points, if the grader gives no answer.
    """
    if os.environ.get("NBGRADER_EXECUTION") == "autograde":
        return graded(criterion)
    run_visible_check(criterion)
    return None


# --- The visible checks ---------------------------------------------------------------------------------


class NotPassed(Exception):  # noqa: N818 - the program itself is right
    """A visible check failed; the text says what it found."""

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows instead of a traceback."""
        return str(self).splitlines()


def run_visible_check(criterion: str) -> None:
    """Run the visible check of a criterion on the classes of the notebook, and print that it passes."""
    from checks.session import RIGHT, Session, needed_stages
    from checks.table import explained
    from checks.words import _

    step = criterion.partition(".")[2]
    session = Session(*(class_of_the_notebook(name) for name in ("Layer", "Perceptron")))
    outcomes = [each for stage in needed_stages([step]) for each in session.outcomes(stage)]
    [own] = [outcome for outcome in outcomes if outcome.step == step]
    if own.status == RIGHT:
        print(
            _("{criterion}: the visible check passes. Grading tries more cases.").format(criterion=criterion)
        )
        return
    # A step that waits says what it waits for: the method is not written, say.
    first = next((outcome for outcome in outcomes if outcome.wrong is not None), own)
    shown = own if own.wrong is not None else first
    raise NotPassed(
        "\n".join([f"{criterion}: {line}" if i == 0 else line for i, line in enumerate(explained(shown))])
    )


def class_of_the_notebook(name: str) -> Any:
    """Return a class of the notebook, or None if there is none yet."""
    return vars(sys.modules["__main__"]).get(name)


# --- The grader -----------------------------------------------------------------------------------------


def graded(criterion: str) -> float:
    """Return the points of a criterion, and show the grader's feedback on it."""
    cell = criterion.replace(".", "-")
    found = ask_the_grader()[cell]
    show(found["text"], found["html"], found["note"])
    return float(found["share"]) * points_of(cell)


@functools.cache
def ask_the_grader() -> dict[str, dict[str, Any]]:
    """Return the grader's feedback on the notebook in this folder, by the names of its cells."""
    command = [
        sys.executable,
        "-P",
        "-m",
        "grader.cli.kit",
        "grade-notebook",
        NOTEBOOK,
        "--feedback",
        FEEDBACK,
        "--lang",
        LANGUAGE,
    ]
    run = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", timeout=SECONDS, check=False
    )
    if run.returncode != 0:
        last = (run.stderr.strip().splitlines() or ["it gave no reason"])[-1]
        raise RuntimeError(f"The notebook could not be graded (exit code {run.returncode}): {last}")
    answer: dict[str, dict[str, Any]] = json.loads(run.stdout)
    return answer


def points_of(name: str) -> float:
    """Return the points that nbgrader gives for a cell."""
    for cell in json.loads(Path(NOTEBOOK).read_text(encoding="utf-8"))["cells"]:
        described = cell["metadata"].get("nbgrader", {})
        if described.get("grade_id") == name:
            return float(described["points"])
    raise RuntimeError(f"{NOTEBOOK} has no cell {name}.")


def show(text: str, markup: str, note: str) -> None:
    """Show the grader's feedback, and its note that there was no sandbox."""
    from IPython.display import display

    display(
        {"text/plain": f"{text}\n{note}", "text/html": f"{markup}<p><em>{html.escape(note)}</em></p>"},
        raw=True,
    )
