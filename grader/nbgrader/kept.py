"""Where a course keeps results: what ``grade`` has examined, ``nbgrader autograde`` need not examine again."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from grader.nbgrader.configuration import CALL, CONFIG_FILE

__all__ = ["kept_results", "kept_results_of"]

_KEPT = ".perceptron-kit"
_SUBMITTED = "submitted"


def kept_results(course: Path) -> Path:
    """Return the folder of the results of a course."""
    return course / _KEPT


def kept_results_of(paths: Sequence[Path]) -> Path | None:
    """Return the folder of the results of the course that all ``paths`` are submissions to.

    Return ``None`` if they are not submissions to one course with the exercise in it, or it cannot be written to. A
    student may have handed in that course, so what lies in the folder is no result to be believed.
    """
    courses = {_course_of(path) for path in paths}
    course = courses.pop() if len(courses) == 1 else None
    return kept_results(course) if course is not None and os.access(course, os.W_OK) else None


def _course_of(path: Path) -> Path | None:
    # Only from its folder of submissions upwards: what lies in that may be a student's.
    whole = path.resolve()
    for folder in whole.parents:
        config = folder / CONFIG_FILE
        if whole.is_relative_to(folder / _SUBMITTED) and config.is_file():
            return folder if CALL in config.read_text(encoding="utf-8", errors="replace") else None
    return None
