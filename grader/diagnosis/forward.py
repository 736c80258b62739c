"""Find a diagnosis if a rewritten ``forward`` explains lost criteria."""

from __future__ import annotations

from collections.abc import Sequence

from grader.exam.examination import Examination
from grader.model import Diagnosis

__all__ = ["forward_mistakes"]


def forward_mistakes(_examination: Examination, _lost: Sequence[str]) -> list[Diagnosis]:
    """Return a diagnosis if a rewritten ``forward`` explains the criteria ``lost``."""
    return []
