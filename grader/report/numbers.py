"""How points are written: with at most three decimals, and none that are not needed."""

from __future__ import annotations

from grader.model import CriterionResult, SubmissionResult

__all__ = ["mark_of", "number", "points_of"]


def number(points: float) -> str:
    """Return ``points`` as digits, with at most three decimals."""
    return f"{points:.3f}".rstrip("0").rstrip(".")


def points_of(criterion: CriterionResult) -> str:
    """Return what a criterion earned and could earn: ``0 / 15``."""
    return f"{number(criterion.points)} / {number(criterion.max_points)}"


def mark_of(result: SubmissionResult) -> str:
    """Return a submission's mark as ``85 / 100``, or that it has none."""
    return "no mark" if result.score is None else f"{number(result.score)} / {number(result.max_score)}"
