"""Find the cache of a course: ``nbgrader autograde`` need not examine again what ``grade`` has examined."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from grader.nbgrader.configuration import CALL, CONFIG_FILE

__all__ = ["cache_for", "cache_of"]

_CACHE = ".perceptron-kit"
_SUBMITTED = "submitted"


def cache_of(course: Path) -> Path:
    """Return the folder in which results of a course are cached."""
    return course / _CACHE


def cache_for(paths: Sequence[Path]) -> Path | None:
    """Return the cache of the course to which all ``paths`` are submissions.

    Returns ``None`` if they are not submissions to one course with the exercise in it, or if nobody may write there. A
    student may have handed in that whole course, so no result in the folder can be trusted.
    """
    courses = {_course_of(path) for path in paths}
    course = courses.pop() if len(courses) == 1 else None
    return cache_of(course) if course is not None and os.access(course, os.W_OK) else None


def _course_of(path: Path) -> Path | None:
    # Only folders above submitted/ count: what lies in it may be a student's.
    whole = path.resolve()
    for folder in whole.parents:
        config = folder / CONFIG_FILE
        if whole.is_relative_to(folder / _SUBMITTED) and config.is_file():
            return folder if CALL in config.read_text(encoding="utf-8", errors="replace") else None
    return None
