"""Place the bars of the scores on the page, in the units of the drawing's view box."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from grader.report.page.scores import Scores

__all__ = ["Bar", "Histogram"]


class Bar(NamedTuple):
    """A bar of the histogram: graded submissions from the floor up, and unreadable ones on top of them."""

    x: float
    width: float
    graded_top: float
    top: float
    total: int


@dataclass(frozen=True)
class Histogram:
    """The drawing of a distribution: bars over an axis from 0 to the highest possible score."""

    scores: Scores
    width: int = 400
    height: int = 190
    margin: int = 12
    """The space left and right of the axis."""
    top: int = 34
    """The top of the highest bar."""
    floor: int = 160
    """The bottom of the bars."""

    @property
    def bars(self) -> Iterator[Bar]:
        """The bars that are not empty."""
        highest = max(one.total for one in self.scores.bins) or 1
        unit = (self.floor - self.top) / highest
        step = (self.width - 2 * self.margin) / len(self.scores.bins)
        for i, one in enumerate(self.scores.bins):
            if one.total:
                x, graded_top = self.margin + i * step + 1, self.floor - unit * one.graded
                yield Bar(x, step - 2, graded_top, graded_top - unit * one.unreadable, one.total)

    @property
    def ticks(self) -> list[float]:
        """The scores at the axis; if some are fractions, only the ends and the middle."""
        edges = [self.scores.bins[0].low, *(one.high for one in self.scores.bins)]
        if all(edge == int(edge) for edge in edges):
            return edges
        return [edges[0], edges[len(edges) // 2], edges[-1]]

    def place(self, score: float, margin: float = 0) -> float:
        """Return where a score lies on the axis, at least ``margin`` from the edges of the drawing."""
        highest = self.scores.bins[-1].high or 1
        x = self.margin + (self.width - 2 * self.margin) * score / highest
        return min(max(x, margin), self.width - margin)
