"""Marks notebooks for nbgrader behind the wall, in place of running them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader import utils
from nbgrader.preprocessors import Execute
from traitlets import Bool, Enum, Float, Int

from grader.candidate.isolation import Isolation
from grader.errors import UngradedError
from grader.grading.cache import Cache
from grader.model import SubmissionResult, SubmissionStatus
from grader.nbgrader.database import has_our_cells, released_cells
from grader.nbgrader.feedback import CellFeedback, feedback
from grader.nbgrader.harmless import resolved
from grader.nbgrader.kept import kept_results
from grader.nbgrader.submission import examine_notebook
from grader.settings import Settings

__all__ = ["RESULT", "SandboxGrade"]

RESULT = "perceptron_kit_result"
"""Where the result is kept among nbconvert's resources, for the preprocessors that come after."""


class SandboxGrade(Execute):  # type: ignore[misc]
    """Takes the place of ``Execute``: gives each autograded cell the points that ``grade`` gives its criterion.

    No kernel is started for a notebook of the exercise. Notebooks of other assignments are run as ever, with the
    settings of ``Execute``.
    """

    isolation = Enum(
        [str(kind) for kind in Isolation],
        Settings.isolation.value,
        help="What keeps submissions in, as for grade.",
    ).tag(config=True)
    seed = Int(Settings.seed, help="What the exam's examples are drawn from.").tag(config=True)
    request_timeout = Float(
        Settings.timeout,
        help="Seconds that a submission may take for one request of the exam; a fifth of it for one case.",
    ).tag(config=True)
    total_timeout = Float(Settings.total_timeout, help="Seconds that a submission may take in all.").tag(
        config=True
    )
    memory = Int(Settings.memory, help="Bytes of memory that a submission may use.").tag(config=True)

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

        Raises ``UngradedError`` if there is no score through a fault of ours; nbgrader then records nothing.
        """
        result = self._examine(resources)
        if result.status is SubmissionStatus.UNGRADED:
            raise UngradedError(result.message)
        said = feedback(result)
        for cell in nb.cells:
            if cell.cell_type == "markdown":
                # Only now: nbgrader has put the released text back, whose pictures a student may have taken away.
                cell.source = resolved(cell.source, cell.get("attachments", {}))
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
        directory = getattr(getattr(self.parent, "parent", None), "coursedir", None)
        folder, results = Path(resources["metadata"]["path"]), None
        if directory is not None:
            # What was handed in, in which nbgrader has changed nothing.
            submitted = directory.submitted_directory
            folder = Path(directory.format_path(submitted, course["student"], course["assignment"]))
            results = Cache(kept_results(Path(directory.root)))
        notebook = f"{course['notebook']}.ipynb"
        return examine_notebook(folder, notebook, course["student"], self.settings, results)

    @property
    def settings(self) -> Settings:
        """How submissions are examined."""
        return Settings(
            seed=self.seed,
            timeout=self.request_timeout,
            memory=self.memory,
            isolation=Isolation(self.isolation),
            total_timeout=self.total_timeout,
        )


def _write(cell: NotebookNode, said: CellFeedback) -> None:
    points = float(cell.metadata.nbgrader.points)
    earned = min(said.share * points, points)
    cell.execution_count = 1
    cell.outputs = [
        new_output("display_data", {"text/html": said.html, "text/plain": said.text}),
        new_output("execute_result", {"text/plain": repr(earned)}, execution_count=1),
    ]
