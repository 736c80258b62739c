"""Find the line that holds each mistake, by repairing it."""

from __future__ import annotations

from collections.abc import Sequence

from grader.exam.examination import Examination
from grader.model import Diagnosis

__all__ = ["with_lines"]


def with_lines(
    _examination: Examination, diagnoses: Sequence[Diagnosis], _lost: Sequence[str]
) -> list[Diagnosis]:
    """Return the diagnoses, each with the line that holds the mistake if it is known for certain."""
    return list(diagnoses)
