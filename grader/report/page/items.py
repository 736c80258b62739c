"""Compute how hard each criterion was, and how well it tells strong submissions from weak ones."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from grader.model import Report, Status, SubmissionStatus
from grader.report.words import title_of

__all__ = ["LEAST", "Item", "items_of"]

LEAST = 3
"""With fewer submissions, every correlation is ±1 or undefined."""
_NORMAL_975 = 1.959964
"""The 97.5 % quantile of the standard normal distribution."""


@dataclass(frozen=True)
class Item:
    """One criterion over all graded submissions."""

    id: str
    title: str
    max_points: float
    number: int
    """The graded submissions."""
    counts: Mapping[Status, int]
    difficulty: float | None
    """The proportion of its points that was earned, from 0 (nobody) to 1 (everybody); ``None`` without submissions."""
    discrimination: float | None
    """The corrected item–total correlation, from −1 to 1; ``None`` for fewer than three submissions, or if all
    earned the same in the criterion, or in all the others together."""

    @property
    def interval(self) -> tuple[float, float] | None:
        """The discrimination's approximate 95 % confidence interval, by Fisher's z; ``None`` for three or fewer.

        R. A. Fisher, On the "probable error" of a coefficient of correlation deduced from a small sample, Metron 1,
        1921, 3–32.
        """
        if self.discrimination is None or self.number <= LEAST:
            return None
        if abs(self.discrimination) >= 1:
            return self.discrimination, self.discrimination
        middle, reach = math.atanh(self.discrimination), _NORMAL_975 / math.sqrt(self.number - 3)
        return math.tanh(middle - reach), math.tanh(middle + reach)


def items_of(report: Report) -> list[Item]:
    """Return classical test theory's two figures for every criterion that has points, in the rubric's order.

    Difficulty: the item's mean over its maximum (Lord and Novick, Statistical Theories of Mental Test Scores, 1968,
    chapter 15). Discrimination: Pearson's correlation of the points earned in the criterion with those earned in all
    the others, so that no criterion is compared with itself (Henrysson, Correction of item–total correlations in
    item analysis, Psychometrika 28, 1963, 211–218). Only graded submissions count: an unreadable one would
    earn 0 everywhere and make all criteria seem to agree.
    """
    rows = [
        {criterion.id: criterion for criterion in result.criteria}
        for result in report.submissions
        if result.status is SubmissionStatus.GRADED
    ]
    rubric = {
        criterion.id: criterion
        for result in report.submissions
        for criterion in result.criteria
        if criterion.max_points > 0
    }
    earned = {
        id_: [Fraction(row[id_].points) if id_ in row else Fraction() for row in rows] for id_ in rubric
    }
    totals = [sum(points, Fraction()) for points in zip(*earned.values(), strict=True)]
    return [
        Item(
            id_,
            title_of(criterion),
            criterion.max_points,
            len(rows),
            Counter(row[id_].status for row in rows if id_ in row),
            float(sum(earned[id_]) / (len(rows) * Fraction(criterion.max_points))) if rows else None,
            _correlation(earned[id_], [total - own for total, own in zip(totals, earned[id_], strict=True)]),
        )
        for id_, criterion in rubric.items()
    ]


def _correlation(xs: Sequence[Fraction], ys: Sequence[Fraction]) -> float | None:
    """Return Pearson's correlation, from exact sums: the same bits on every machine."""
    number = len(xs)
    if number < LEAST:
        return None
    sum_x, sum_y = sum(xs), sum(ys)
    spread_x = number * sum(x * x for x in xs) - sum_x * sum_x
    spread_y = number * sum(y * y for y in ys) - sum_y * sum_y
    if not spread_x or not spread_y:
        return None
    together = number * sum(x * y for x, y in zip(xs, ys, strict=True)) - sum_x * sum_y
    return max(-1.0, min(1.0, float(together) / math.sqrt(float(spread_x * spread_y))))
