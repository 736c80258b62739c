"""What the autograded cells of the notebook run: the visible tests of a criterion.

When you run such a cell, or `nbgrader validate`, it says what the visible tests of its criterion find. The hidden
tests look at many more cases; they are not in this folder. When nbgrader itself grades the notebook, the cell
asks the grader for the points, if the course does not have them from it already. There is nothing to change here.
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
SECONDS = 20
"""Seconds for the grader, all cells together; nbgrader gives each cell 30."""
NO_WALL = (
    "Marked without the wall: nbgrader ran this notebook in a kernel that could have changed these points. They are "
    "right if the notebook means no harm. `perceptron-kit nbgrader COURSE` sets a course up so that no notebook can."
)


def mark(criterion: str) -> float | None:
    """Run the visible tests of a criterion; where nbgrader grades the notebook, return its points.

    Raises `NotPassed` where a visible test fails, and an error where the grader cannot be asked, which is 0 points.
    """
    if os.environ.get("NBGRADER_EXECUTION") == "autograde":
        return graded(criterion)
    run_visible_tests(criterion)
    return None


# --- The visible tests ----------------------------------------------------------------------------------


class NotPassed(Exception):  # noqa: N818 - it is no error of the program
    """A visible test failed; the text is what it found."""

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows in place of a traceback."""
        return str(self).splitlines()


def run_visible_tests(criterion: str) -> None:
    """Run the visible tests of a criterion on the classes of the notebook, and print that they pass."""
    import test_perceptron as tests  # type: ignore[import-not-found]

    shapes, example, differences, backpropagation, loss, training = tests.CHECKS
    by_criterion = {
        "backward.shape": [shapes],
        "backward.dz": [example, differences],
        "backward.weights": [example, differences],
        "backward.biases": [example, differences],
        "backward.da_prev": [example, differences],
        "backward.update": [example, differences],
        "fit.output_gradient": [backpropagation],
        "fit.backpropagation": [backpropagation],
        "fit.loss": [loss],
        "training.gradient_check": [differences, backpropagation],
        "training.monotone_loss": [training],
    }
    work = tests.Work(*(class_of_the_notebook(name, criterion) for name in ("Layer", "Perceptron")))
    for test, arguments in by_criterion[criterion]:
        try:
            test(work, *arguments)
        except NotImplementedError:
            method = "Perceptron.fit" if test in (backpropagation[0], loss[0]) else "Layer.backward"
            raise NotPassed(f"{criterion}: {method} is not written yet.") from None
        except Exception as error:  # whatever goes wrong in the student's code
            what = str(error) if isinstance(error, AssertionError) else f"{type(error).__name__}: {error}"
            claim = (test.__doc__ or "").strip()
            raise NotPassed(f"{criterion}: a visible test fails.\nIt says: {claim}\n{what}") from None
    print(f"{criterion}: the visible tests pass. The hidden ones look at more cases.")


def class_of_the_notebook(name: str, criterion: str) -> Any:
    """Return a class of the notebook, or none where the criterion can be tested without it."""
    needed = {"backward": ["Layer"], "fit": ["Perceptron"]}.get(criterion.partition(".")[0], [name])
    found = vars(sys.modules["__main__"]).get(name)
    if found is None and name in needed:
        raise NotPassed(f"{criterion}: the notebook has no class {name} yet; run the cell that defines it.")
    return found


# --- The grader -----------------------------------------------------------------------------------------


def graded(criterion: str) -> float:
    """Return the points of a criterion, and show what the grader says of it."""
    cell = criterion.replace(".", "-")
    found = ask_the_grader()[cell]
    show(found["text"], found["html"])
    return float(found["share"]) * points_of(cell)


@functools.cache
def ask_the_grader() -> dict[str, dict[str, Any]]:
    """Return what the grader says of the notebook in this folder, by the names of its cells."""
    command = [sys.executable, "-P", "-m", "grader.cli.kit", "mark-notebook", NOTEBOOK]
    run = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", timeout=SECONDS, check=False
    )
    if run.returncode != 0:
        last = (run.stderr.strip().splitlines() or ["it says nothing"])[-1]
        raise RuntimeError(f"The notebook could not be graded (exit code {run.returncode}): {last}")
    answer: dict[str, dict[str, Any]] = json.loads(run.stdout)
    return answer


def points_of(cell: str) -> float:
    """Return the points that nbgrader gives for a cell."""
    for other in json.loads(Path(NOTEBOOK).read_text(encoding="utf-8"))["cells"]:
        marks = other["metadata"].get("nbgrader", {})
        if marks.get("grade_id") == cell:
            return float(marks["points"])
    raise RuntimeError(f"{NOTEBOOK} has no cell {cell}.")


def show(text: str, markup: str) -> None:
    """Show what the grader says, and that there was no wall."""
    from IPython.display import display

    note = f"<p><em>{html.escape(NO_WALL)}</em></p>"
    display({"text/plain": f"{text}\n{NO_WALL}", "text/html": markup + note}, raw=True)
