"""Find the exceptions that explain lost criteria."""

from __future__ import annotations

from collections.abc import Sequence

from grader.exam.examination import Examination
from grader.model import Diagnosis

__all__ = ["crashes"]


def crashes(_examination: Examination, _lost: Sequence[str]) -> list[Diagnosis]:
    """Return the exceptions that explain the criteria ``lost``."""
    return []
