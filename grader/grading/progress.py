"""What is told about grading while it goes on."""

from __future__ import annotations

from grader.model import CriterionResult, Submission, SubmissionResult

__all__ = ["SILENT", "Progress"]


class Progress:
    """Listens to grading; this one does nothing, and others override what they need."""

    def say(self, text: str) -> None:
        """Take a line for the person who grades."""

    def begin(self, count: int) -> None:
        """Note that there are ``count`` submissions."""

    def judged(self, submission: Submission, criterion: CriterionResult) -> None:
        """Note a criterion; a later verdict on the same one, after another attempt, replaces it.

        Only grading in this process tells of single criteria.
        """

    def take(self, result: SubmissionResult, *, is_cached: bool) -> None:
        """Note a result, in whatever order they come; ``is_cached`` if an earlier run has saved it."""


SILENT = Progress()
