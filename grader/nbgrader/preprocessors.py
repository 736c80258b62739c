"""Grade notebooks for ``nbgrader autograde``: nbgrader runs these preprocessors on each of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader import utils
from nbgrader.api import Gradebook
from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from traitlets import Bool, Enum, Float, Int

from grader.candidate.isolation import Isolation
from grader.errors import UngradedError
from grader.grading.cache import Cache
from grader.languages import ENGLISH, LANGUAGES, speaking
from grader.messages import lines_text
from grader.model import Feedback, SubmissionResult, SubmissionStatus
from grader.nbgrader.course_cache import cache_of
from grader.nbgrader.feedback import METADATA, CellFeedback, comments, feedback, summary
from grader.nbgrader.gradebook import is_exercise, released_cells
from grader.nbgrader.sanitizing import without_missing_attachments
from grader.nbgrader.submitted import grade_notebook
from grader.settings import Settings

__all__ = ["SandboxGrade", "SaveComments"]

_COMMENTS = "perceptron_kit_comments"
"""Where `SandboxGrade` leaves the comments for `SaveComments`, among nbconvert's resources."""


class SandboxGrade(Execute):  # type: ignore[misc]
    """Replaces ``Execute``: gives each autograded cell the points that ``grade`` gives its criterion.

    For a notebook of the exercise, no kernel is started. Notebooks of other assignments are run as before, with the
    settings of ``Execute``.
    """

    isolation = Enum(
        [str(kind) for kind in Isolation],
        Settings.isolation.value,
        help="The isolation of submissions, as for grade.",
    ).tag(config=True)
    seed = Int(Settings.seed, help="The seed of the exam's examples.").tag(config=True)
    request_timeout = Float(
        Settings.timeout,
        help="Seconds that a submission may take for one request of the exam; a fifth of it for one case.",
    ).tag(config=True)
    total_timeout = Float(Settings.total_timeout, help="Seconds that a submission may take in all.").tag(
        config=True
    )
    memory = Int(Settings.memory, help="Bytes of memory that a submission may use.").tag(config=True)
    feedback = Enum(
        [str(level) for level in Feedback],
        Settings.feedback.value,
        help="How much students are told, as for grade: score, verdict, hint or full.",
    ).tag(config=True)

    language = Enum(
        list(LANGUAGES), ENGLISH, help="The language of everything that students read, as for grade."
    ).tag(config=True)

    enabled = Bool(True, help="Always on: outputs that a student has saved are never graded.")

    def preprocess(self, nb: NotebookNode, resources: Any, **kw: Any) -> tuple[NotebookNode, Any]:
        """Grade a notebook of the exercise; run any other, unless the settings of ``Execute`` forbid it."""
        if is_exercise(released_cells(resources["nbgrader"])):
            return self._grade(nb, resources)
        if self.config.Execute.get("enabled", True) is False:
            return nb, resources
        return super().preprocess(nb, resources, **kw)  # type: ignore[no-any-return]

    def _grade(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Write points and feedback into the autograded cells.

        Raises ``UngradedError`` if there is no score through a fault of ours; nbgrader then records nothing.
        """
        result = self._result(resources)
        if result.status is SubmissionStatus.UNGRADED:
            raise UngradedError(lines_text(result.reasons))
        with speaking(self.language):
            by_cell = feedback(result, self.settings.feedback)
            nb.metadata[METADATA] = summary(result, self.settings.feedback).metadata()
            resources[_COMMENTS] = comments(result, self.settings.feedback)
        for cell in nb.cells:
            if cell.cell_type == "markdown":
                # Only now: nbgrader has restored the released text, whose pictures a student may have removed.
                cell.source = without_missing_attachments(cell.source, cell.get("attachments", {}))
            elif cell.cell_type == "code" and utils.is_grade(cell) and not utils.is_solution(cell):
                name = cell.metadata.nbgrader.grade_id
                if name not in by_cell:
                    raise UngradedError(
                        f"the cell {name} belongs to no criterion of the exam, and this notebook is not run; "
                        "put tests of your own into another notebook"
                    )
                _write(cell, by_cell[name])
        return nb, resources

    def _result(self, resources: Any) -> SubmissionResult:
        course = resources["nbgrader"]
        directory = getattr(getattr(self.parent, "parent", None), "coursedir", None)
        folder, cache = Path(resources["metadata"]["path"]), None
        if directory is not None:
            # What the student handed in, in which nbgrader has changed nothing.
            submitted = directory.submitted_directory
            folder = Path(directory.format_path(submitted, course["student"], course["assignment"]))
            cache = Cache(cache_of(Path(directory.root)))
        notebook = f"{course['notebook']}.ipynb"
        return grade_notebook(folder, notebook, course["student"], self.settings, cache)

    @property
    def settings(self) -> Settings:
        """The settings of the exam."""
        return Settings(
            seed=self.seed,
            timeout=self.request_timeout,
            memory=self.memory,
            isolation=Isolation(self.isolation),
            total_timeout=self.total_timeout,
            feedback=Feedback(self.feedback),
        )


class SaveComments(NbGraderPreprocessor):  # type: ignore[misc]
    """Follows ``SaveAutoGrades``, which clears old comments, and gives each solution cell a comment on what failed.

    A comment that somebody wrote by hand stays, and comes before ours.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Save the comments on a notebook that `SandboxGrade` has graded."""
        by_cell = resources.get(_COMMENTS)
        if by_cell is None:
            return nb, resources
        course = resources["nbgrader"]
        with Gradebook(course["db_url"]) as gradebook:
            for cell in nb.cells:
                name = cell.metadata.nbgrader.grade_id if utils.is_solution(cell) else None
                if name not in by_cell:
                    continue
                comment = gradebook.find_comment(
                    name, course["notebook"], course["assignment"], course["student"]
                )
                # "No response." says more about an untouched cell than we can.
                if comment.auto_comment is None:
                    comment.auto_comment = by_cell[name]
            gradebook.db.commit()
        return nb, resources


def _write(cell: NotebookNode, said: CellFeedback) -> None:
    points = float(cell.metadata.nbgrader.points)
    earned = min(said.share * points, points)
    cell.execution_count = 1
    points_output = new_output("execute_result", {"text/plain": repr(earned)}, execution_count=1)
    shown = {"text/html": said.html, "text/plain": said.text}
    feedback_output = new_output("display_data", shown, metadata={METADATA: dict(said.parts)})
    cell.outputs = [feedback_output, points_output] if said.html else [points_output]
