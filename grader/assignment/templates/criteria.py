"""What the autograded cells of the notebook run: the visible tests of a criterion.

When you run such a cell, or `nbgrader validate`, it says what the visible tests of its criterion find. The hidden
tests try many more cases; they are not in this folder. When nbgrader itself grades the notebook, the cell asks the
grader for the points, unless the course has them already. There is nothing to change here.
"""

from __future__ import annotations

import functools
import html
import json
import os
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

NOTEBOOK = "perceptron.ipynb"
FEEDBACK = "full"
"""How much the grader tells, if nbgrader runs this notebook: `score`, `verdict`, `hint` or `full`."""
SECONDS = 20
"""Seconds for the grader, all cells together; nbgrader gives each cell 30."""
NO_SANDBOX = (
    "Graded without the sandbox: nbgrader ran this notebook in a kernel that could have changed these points. They are "
    "right if the notebook does not cheat. `perceptron-kit nbgrader COURSE` sets a course up so that no notebook can."
)


def grade(criterion: str) -> float | None:
    """Run the visible tests of a criterion; if nbgrader is grading the notebook, return its points instead.

    Raises `NotPassed` if a visible test fails. Raises an error, which means 0 points, if the grader gives no answer.
    """
    if os.environ.get("NBGRADER_EXECUTION") == "autograde":
        return graded(criterion)
    run_visible_tests(criterion)
    return None


# --- The visible tests ----------------------------------------------------------------------------------


class NotPassed(Exception):  # noqa: N818 - the program itself is right
    """A visible test failed; the text says what it found."""

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows instead of a traceback."""
        return str(self).splitlines()


def run_visible_tests(criterion: str) -> None:
    """Run the visible tests of a criterion on the classes of the notebook, and print that they pass."""
    import test_perceptron as tests  # type: ignore[import-not-found]

    work = tests.Work(*(class_of_the_notebook(name, criterion) for name in ("Layer", "Perceptron")))
    for test, arguments, criteria in tests.CHECKS:
        if criterion not in criteria:
            continue
        try:
            test(work, *arguments)
        except NotImplementedError as error:
            *_, (frame, _line) = traceback.walk_tb(error.__traceback__)
            raise NotPassed(f"{criterion}: {frame.f_code.co_qualname} is not written yet.") from None
        except Exception as error:  # whatever goes wrong in the student's code
            what = str(error) if isinstance(error, AssertionError) else f"{type(error).__name__}: {error}"
            claim = (test.__doc__ or "").strip()
            raise NotPassed(f"{criterion}: a visible test fails.\nIt says: {claim}\n{what}") from None
    print(f"{criterion}: the visible tests pass. The hidden tests try more cases.")


def class_of_the_notebook(name: str, criterion: str) -> Any:
    """Return a class of the notebook, or `None` if the criterion can be tested without it."""
    needed = {"backward": ["Layer"], "fit": ["Perceptron"]}.get(criterion.partition(".")[0], [name])
    found = vars(sys.modules["__main__"]).get(name)
    if found is None and name in needed:
        raise NotPassed(f"{criterion}: the notebook has no class {name} yet; run the cell that defines it.")
    return found


# --- The grader -----------------------------------------------------------------------------------------


def graded(criterion: str) -> float:
    """Return the points of a criterion, and show the grader's feedback on it."""
    cell = criterion.replace(".", "-")
    found = ask_the_grader()[cell]
    show(found["text"], found["html"])
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


def show(text: str, markup: str) -> None:
    """Show the grader's feedback, and that there was no sandbox."""
    from IPython.display import display

    note = f"<p><em>{html.escape(NO_SANDBOX)}</em></p>"
    display({"text/plain": f"{text}\n{NO_SANDBOX}", "text/html": markup + note}, raw=True)
