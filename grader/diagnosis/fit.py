"""Find the mistakes in ``Perceptron.fit`` that explain lost criteria."""

from __future__ import annotations

from collections.abc import Sequence

from grader.exam.examination import Examination
from grader.model import Diagnosis

__all__ = ["fit_mistakes"]


def fit_mistakes(_examination: Examination, _lost: Sequence[str]) -> list[Diagnosis]:
    """Return the mistakes in ``Perceptron.fit`` that explain the criteria ``lost``."""
    return []
