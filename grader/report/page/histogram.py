"""Place the bars of the scores on the page, in the units of the drawing's view box."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from grader.report.page.scores import Scores

__all__ = ["Bar", "Histogram"]


@dataclass(frozen=True)
class Bar:
    """A bar of the histogram: a rectangle of graded submissions, and one of unreadable ones on top."""

    x: str
    width: str
    middle: str
    graded_y: str
    graded_height: str
    top: str
    unreadable_height: str
    label_y: str
    total: int


@dataclass(frozen=True)
class Histogram:
    """The drawing of a distribution: bars over an axis from 0 to the highest possible score."""

    scores: Scores
    width: int = 400
    height: int = 190
    left: int = 12
    right: int = 12
    top: int = 34
    floor: int = 160
    """Where the bars stand."""

    @property
    def bars(self) -> list[Bar]:
        """The bars that are not empty."""
        highest = max((one.total for one in self.scores.bins), default=0)
        if not highest:
            return []
        unit = (self.floor - self.top) / highest
        step = (self.width - self.left - self.right) / len(self.scores.bins)
        bars = []
        for i, one in enumerate(self.scores.bins):
            if one.total:
                x, graded_y = self.left + i * step, self.floor - unit * one.graded
                top = graded_y - unit * one.unreadable
                bars.append(
                    Bar(
                        _units(x + 1),
                        _units(step - 2),
                        _units(x + step / 2),
                        _units(graded_y),
                        _units(unit * one.graded),
                        _units(top),
                        _units(unit * one.unreadable),
                        _units(top - 4),
                        one.total,
                    )
                )
        return bars

    @property
    def ticks(self) -> Iterator[tuple[str, str]]:
        """The places and the scores of the axis; if scores are fractions, only the ends and the middle."""
        edges = [self.scores.bins[0].low, *(one.high for one in self.scores.bins)]
        sparse = any(edge != int(edge) for edge in edges)
        for i, edge in enumerate(edges):
            if not sparse or i in {0, len(edges) // 2, len(edges) - 1}:
                yield self.place(edge), f"{edge:.2f}".rstrip("0").rstrip(".")

    def place(self, score: float) -> str:
        """Return where a score lies on the axis."""
        highest = self.scores.bins[-1].high or 1
        return _units(self.left + (self.width - self.left - self.right) * score / highest)

    @property
    def median_label(self) -> str:
        """Where the word for the median is centred: over its line, or as near to it as fits on the page."""
        median = self.scores.quartiles[1] if self.scores.quartiles else 0
        return _units(min(max(float(self.place(median)), 24), self.width - 24))


def _units(value: float) -> str:
    return f"{value:.1f}"
