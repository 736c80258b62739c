"""Marks notebooks for nbgrader behind the wall, in place of running them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader import utils
from nbgrader.preprocessors import Execute
from traitlets import Bool

from grader.errors import UngradedError
from grader.model import SubmissionResult, SubmissionStatus
from grader.nbgrader.database import has_our_cells, released_cells
from grader.nbgrader.feedback import Feedback, feedback
from grader.nbgrader.submission import examine_notebook

__all__ = ["RESULT", "SandboxGrade"]

RESULT = "perceptron_kit_result"
"""Where the result is kept among nbconvert's resources, for the preprocessors that come after."""


class SandboxGrade(Execute):  # type: ignore[misc] - nbgrader has no types
    """Takes the place of ``Execute``: gives each autograded cell the points that ``grade`` gives its criterion.

    No kernel is started for a notebook of the exercise. Notebooks of other assignments are run as ever, with the
    settings of ``Execute``.
    """

    enabled = Bool(True, help="Always on: outputs that a student has saved are never graded.")

    def preprocess(self, nb: NotebookNode, resources: Any, **kw: Any) -> tuple[NotebookNode, Any]:
        """Mark a notebook of the exercise; run any other, unless the settings of ``Execute`` say not to."""
        if has_our_cells(released_cells(resources["nbgrader"])):
            return self._mark(nb, resources)
        if self.config.Execute.get("enabled", True) is False:
            return nb, resources
        return super().preprocess(nb, resources, **kw)  # type: ignore[no-any-return]

    def _mark(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Give the autograded cells their points, each with what there is to say before it.

        Raises ``UngradedError`` where there is no mark through a fault of ours; nbgrader then records nothing.
        """
        result = self._examine(resources)
        if result.status is SubmissionStatus.UNGRADED:
            raise UngradedError(result.message)
        said = feedback(result)
        for cell in nb.cells:
            if not utils.is_grade(cell) or utils.is_solution(cell) or cell.cell_type != "code":
                continue
            name = cell.metadata.nbgrader.grade_id
            if name not in said:
                raise UngradedError(
                    f"the cell {name} is none of the exam's, and this notebook is not run; "
                    "put tests of your own into another notebook"
                )
            _write(cell, said[name])
        resources[RESULT] = result
        return nb, resources

    def _examine(self, resources: Any) -> SubmissionResult:
        course = resources["nbgrader"]
        folder = self._submitted_folder(course) or Path(resources["metadata"]["path"])
        return examine_notebook(folder, f"{course['notebook']}.ipynb", course["student"])

    def _submitted_folder(self, course: dict[str, str]) -> Path | None:
        """Return the folder that the student handed in, which nbgrader has changed nothing in."""
        directory = getattr(getattr(self.parent, "parent", None), "coursedir", None)
        if directory is None:
            return None
        return Path(
            directory.format_path(directory.submitted_directory, course["student"], course["assignment"])
        )


def _write(cell: NotebookNode, said: Feedback) -> None:
    points = float(cell.metadata.nbgrader.points)
    earned = min(said.share * points, points)
    cell.execution_count = 1
    cell.outputs = [
        new_output("display_data", {"text/html": said.html, "text/plain": said.text}),
        new_output("execute_result", {"text/plain": repr(earned)}, execution_count=1),
    ]
