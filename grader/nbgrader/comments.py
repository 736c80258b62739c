"""Writes what failed into the gradebook, as the comment that a marker would write beside the solution."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor

from grader.nbgrader.feedback import comments
from grader.nbgrader.marking import RESULT

__all__ = ["SaveComments"]


class SaveComments(NbGraderPreprocessor):  # type: ignore[misc]
    """Gives each solution cell its comment; it comes after ``SaveAutoGrades``, which takes away old ones.

    A comment that somebody wrote by hand stays, and comes before ours.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Save the comments of a notebook that was marked by ``SandboxGrade``."""
        result = resources.get(RESULT)
        if result is None:
            return nb, resources
        said = comments(result)
        course = resources["nbgrader"]
        with Gradebook(course["db_url"]) as gradebook:
            for cell in nb.cells:
                if not utils.is_solution(cell) or cell.metadata.nbgrader.grade_id not in said:
                    continue
                comment = gradebook.find_comment(
                    cell.metadata.nbgrader.grade_id,
                    course["notebook"],
                    course["assignment"],
                    course["student"],
                )
                # "No response." says more of an untouched cell than we can.
                if comment.auto_comment is None:
                    comment.auto_comment = said[cell.metadata.nbgrader.grade_id]
            gradebook.db.commit()
        return nb, resources
