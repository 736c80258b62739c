"""Place the curve of the loss and the decision boundary on the page, in the units of each drawing's view box."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import ceil, floor, log10
from typing import NamedTuple

from grader.languages import translated
from grader.model import TrainingPicture

__all__ = ["Boundary", "Dot", "LossCurves", "Tick"]

_HALF = 50
"""ŷ = 0.5 in per cent, where the two classes meet."""
_CORNERS = 4
_HEADROOM = 3.0
"""Losses over so many times the highest of the reference's are off the scale."""


class Tick(NamedTuple):
    """A place on an axis, and the number there."""

    place: float
    text: str


class Dot(NamedTuple):
    """A training example on the plane."""

    x: float
    y: float
    label: int


@dataclass(frozen=True)
class LossCurves:
    """The mean loss by epoch, the submission's over the reference's."""

    picture: TrainingPicture
    width: int = 420
    height: int = 260
    left: int = 44
    right: int = 12
    top: int = 12
    floor: int = 218
    """The bottom of the drawing, above the numbers of the epochs."""

    @cached_property
    def highest(self) -> float:
        """The loss at the top of the drawing."""
        limit = _HEADROOM * max(self.picture.due_losses)
        most = max([*self.picture.due_losses, *(min(loss, limit) for loss in self._known)])
        unit = _unit(most)
        return unit * ceil(most / unit)

    @property
    def own(self) -> str:
        """The points of the submission's curve, as far as it is a number and on the scale; one point past the top."""
        return " ".join(
            self._point(epoch, min(loss, 2 * self.highest)) for epoch, loss in enumerate(self._known)
        )

    @property
    def due(self) -> str:
        """The points of the reference's curve."""
        return " ".join(self._point(epoch, loss) for epoch, loss in enumerate(self.picture.due_losses))

    @property
    def losses(self) -> Iterator[Tick]:
        """The numbers at the axis of the loss."""
        unit = _unit(self.highest)
        for number in range(round(self.highest / unit) + 1):
            yield Tick(self._y(number * unit), f"{number * unit:.1f}")

    @property
    def epochs(self) -> Iterator[Tick]:
        """The numbers at the axis of the epochs."""
        last = len(self.picture.due_losses) - 1
        for epoch in range(0, last + 1, 5):
            yield Tick(self._x(epoch), str(epoch))

    @property
    def says(self) -> str:
        """What the curves show, in a sentence or two."""
        first, last = self.picture.due_losses[0], self.picture.due_losses[-1]
        count = len(self.picture.due_losses) - 1
        reference = translated("The reference falls from {first} to {last} in {count} epochs.")
        known = self._known
        values: dict[str, str | int] = {"epoch": len(known)}
        if known:
            values |= {"first": f"{known[0]:.2f}", "last": f"{known[-1]:.2f}"}
        if len(known) < len(self.picture.losses):
            own = translated("Your mean loss is not a finite number after epoch {epoch}.")
        elif len(known) < len(self.picture.due_losses):
            own = translated("After epoch {epoch}, your parameters are not finite numbers in their shapes.")
        elif known[-1] > self.highest:
            own = translated("Your mean loss grows from {first} off the scale.")
        else:
            own = translated("Your mean loss goes from {first} to {last}.")
        falls = reference.format(first=f"{first:.2f}", last=f"{last:.2f}", count=count)
        return f"{own.format_map(values)} {falls}"

    @cached_property
    def _known(self) -> list[float]:
        """The submission's losses up to the first that is not a number."""
        known: list[float] = []
        for loss in self.picture.losses:
            if loss is None:
                break
            known.append(loss)
        return known

    def _x(self, epoch: float) -> float:
        return self.left + (self.width - self.left - self.right) * epoch / (len(self.picture.due_losses) - 1)

    def _y(self, loss: float) -> float:
        return self.floor - (self.floor - self.top) * loss / self.highest

    def _point(self, epoch: int, loss: float) -> str:
        return f"{self._x(epoch):.1f},{self._y(loss):.1f}"


def _unit(highest: float) -> float:
    """Return a distance of 1, 2 or 5 times a power of ten that gives three to six numbers up to ``highest``."""
    power = 10.0 ** floor(log10(highest))
    leading = highest / power
    return power * (0.2 if leading <= 1 else 0.5 if leading <= 2.5 else 1.0 if leading <= 5 else 2.0)  # noqa: PLR2004


@dataclass(frozen=True)
class Boundary:
    """Where a network says class 1, and the line between the classes, by marching squares.

    W. E. Lorensen and H. E. Cline, Marching cubes, Computer Graphics 21, 1987, 163–169; here in two dimensions.
    """

    picture: TrainingPicture
    size: int = 260
    margin: int = 8

    @property
    def dots(self) -> Iterator[Dot]:
        """The training examples."""
        for x, y, label in self.picture.examples:
            yield Dot(*self._at(x, y), int(label))

    @property
    def region(self) -> str:
        """The path around the points at which the submission's network says class 1."""
        return self._paths(self.picture.outputs)[0]

    @property
    def line(self) -> str:
        """The path of the submission's decision boundary."""
        return self._paths(self.picture.outputs)[1]

    @property
    def due_line(self) -> str:
        """The path of the reference's decision boundary."""
        return self._paths(self.picture.due_outputs)[1]

    @property
    def says(self) -> str:
        """What the plane shows, in a sentence or two."""
        count = len(self.picture.examples)
        values = {"own": self.picture.correct, "due": self.picture.due_correct, "count": count}
        if not self.picture.outputs:
            says = translated(
                "Your network has no outputs that could be drawn; the reference gets {due} of {count} right."
            )
            return says.format_map(values)
        says = translated(
            "Your network gets {own} of {count} training examples right; the reference gets {due} of {count} right."
        ).format_map(values)
        return says if self.line else f"{says} {translated('Yours puts the whole plane into one class.')}"

    def _paths(self, outputs: bytes) -> tuple[str, str]:
        return _region_and_line(outputs, self.picture.side, self.size, self.margin)

    def _at(self, x: float, y: float) -> tuple[float, float]:
        reach = self.picture.reach
        scale = (self.size - 2 * self.margin) / (2 * reach)
        return self.margin + (x + reach) * scale, self.margin + (reach - y) * scale


@lru_cache(maxsize=64)
def _region_and_line(outputs: bytes, side: int, size: int, margin: int) -> tuple[str, str]:
    """Return the paths around class 1 and between the classes; most of a class learns what the reference does."""
    grid = _Grid(outputs, side, size, margin)
    cells = [(row, column) for row in range(side - 1) for column in range(side - 1)] if outputs else []
    region, pieces = [], []
    for row, column in cells:
        ones = grid.ones(row, column)
        if ones == _CORNERS and (column == 0 or grid.ones(row, column - 1) < _CORNERS):
            region.append(grid.run(row, column))
        elif 0 < ones < _CORNERS:
            outline = list(grid.outline(row, column))
            region.append(f"M{'L'.join(_text(corner) for corner in outline if corner.is_one)}Z")
            ends = [_text(corner) for corner in outline if corner.is_crossing]
            pieces += [[a, b] for a, b in zip(ends[::2], ends[1::2], strict=True)]
    return "".join(region), "".join(f"M{'L'.join(chain)}" for chain in _joined(pieces))


@dataclass(frozen=True)
class _Grid:
    """The outputs of a network at ``side`` by ``side`` points, and the cells between them."""

    outputs: bytes
    side: int
    size: int
    margin: int

    def ones(self, row: int, column: int) -> int:
        """Return how many corners of a cell belong to class 1."""
        first = row * self.side + column
        second = first + self.side
        corners = (*self.outputs[first : first + 2], *self.outputs[second : second + 2])
        return sum(value >= _HALF for value in corners)

    def run(self, row: int, column: int) -> str:
        """Return the path around all cells of a row, from this one on, that lie in class 1 as a whole."""
        end = column
        while end < self.side - 1 and self.ones(row, end) == _CORNERS:
            end += 1
        (left, top), (right, bottom) = self._place(row, column), self._place(row + 1, end)
        return f"M{left:.1f},{top:.1f}H{right:.1f}V{bottom:.1f}H{left:.1f}Z"

    def outline(self, row: int, column: int) -> Iterator[_Corner]:
        """Yield the corners of a cell, and where the boundary crosses between them, in the order around it."""
        around = ((row, column), (row, column + 1), (row + 1, column + 1), (row + 1, column))
        for here, there in zip(around, (*around[1:], around[0]), strict=True):
            value, other = (self.outputs[r * self.side + c] for r, c in (here, there))
            (x, y), (to_x, to_y) = self._place(*here), self._place(*there)
            yield _Corner(x, y, is_one=value >= _HALF)
            if (value >= _HALF) != (other >= _HALF):
                share = (_HALF - value) / (other - value)
                yield _Corner(x + share * (to_x - x), y + share * (to_y - y), is_one=True, is_crossing=True)

    def _place(self, row: int, column: int) -> tuple[float, float]:
        step = (self.size - 2 * self.margin) / (self.side - 1)
        return self.margin + column * step, self.margin + row * step


class _Corner(NamedTuple):
    """A corner of what is drawn in a cell of the grid."""

    x: float
    y: float
    is_one: bool
    """Whether it belongs to class 1, as the boundary does."""
    is_crossing: bool = False
    """Whether it lies on the boundary."""


def _text(corner: _Corner) -> str:
    return f"{corner.x:.1f},{corner.y:.1f}"


def _joined(pieces: Sequence[Sequence[str]]) -> Iterator[list[str]]:
    """Yield the longest chains of pieces that share ends; a closed chain ends where it begins."""
    at: dict[str, dict[int, None]] = {}
    for number, piece in enumerate(pieces):
        for end in piece:
            at.setdefault(end, {})[number] = None
    left = dict.fromkeys(range(len(pieces)))
    # Chains that reach the edge begin there; what is left then is closed.
    starts = [number for number in left if any(len(at[end]) == 1 for end in pieces[number])]
    for number in (*starts, *range(len(pieces))):
        if number not in left:
            continue
        here = min(pieces[number], key=lambda end: len(at[end]))
        chain = [here]
        following: int | None = number
        while following is not None:
            del left[following]
            first, second = pieces[following]
            here = second if here == first else first
            chain.append(here)
            following = next((one for one in at[here] if one in left), None)
        yield chain
