"""Compute how the scores of a class are distributed."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from grader.model import Report, SubmissionStatus

__all__ = ["BINS", "Bin", "Scores", "scores_of"]

BINS = 10


@dataclass(frozen=True)
class Bin:
    """The scores from ``low`` up to, but without, ``high``; the last bin has the highest score too."""

    low: float
    high: float
    graded: int
    unreadable: int

    @property
    def total(self) -> int:
        """The submissions in the bin."""
        return self.graded + self.unreadable


@dataclass(frozen=True)
class Scores:
    """The distribution of scores, in points; unreadable submissions count with 0, ungraded ones not at all."""

    bins: tuple[Bin, ...]
    number: int
    """The submissions that have a score."""
    mean: float | None
    quartiles: tuple[float, float, float] | None
    """The lower quartile, the median and the upper quartile, by linear interpolation, both ends included."""
    full: int
    """The submissions with all points."""


def scores_of(report: Report) -> Scores:
    """Return the distribution of the scores in ``report``."""
    scores = [result.score for result in report.submissions if result.score is not None]
    counts = [[0, 0] for _ in range(BINS)]
    for result in report.submissions:
        if result.score is not None:
            counts[_bin(result.score, report.max_score)][result.status is SubmissionStatus.UNREADABLE] += 1
    edges = [report.max_score * edge / BINS for edge in range(BINS + 1)]
    bins = (
        Bin(low, high, graded, unreadable)
        for (low, high), (graded, unreadable) in zip(pairwise(edges), counts, strict=True)
    )
    return Scores(
        tuple(bins),
        len(scores),
        statistics.fmean(scores) if scores else None,
        _quartiles(scores),
        sum(score >= report.max_score for score in scores),
    )


def _bin(score: float, max_score: float) -> int:
    if max_score <= 0:
        return 0
    return min(max(int(BINS * Fraction(score) / Fraction(max_score)), 0), BINS - 1)


def _quartiles(scores: Sequence[float]) -> tuple[float, float, float] | None:
    if not scores:
        return None
    if len(scores) == 1:
        return scores[0], scores[0], scores[0]
    low, middle, high = statistics.quantiles(scores, n=4, method="inclusive")
    return low, middle, high
