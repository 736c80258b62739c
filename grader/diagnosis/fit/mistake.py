"""The records that the parts of this package pass to each other."""

from __future__ import annotations

from typing import NamedTuple

from grader.model import Message

__all__ = ["ALL", "BACKPROPAGATION", "ENOUGH", "LOSS", "OUTPUT_GRADIENT", "Mistake", "unknown"]

OUTPUT_GRADIENT, BACKPROPAGATION, LOSS = "fit.output_gradient", "fit.backpropagation", "fit.loss"
ALL = (BACKPROPAGATION, OUTPUT_GRADIENT, LOSS)

ENOUGH = 3
"""A mistake is named if it reproduces what ``fit`` did in so many cases that tell it from the right form."""


class Mistake(NamedTuple):
    """A known mistake with its certificate, or with the name ``unknown``, what is certain."""

    id: str
    criteria: tuple[str, ...]
    """The criteria that it may cost."""
    cases: int = 0
    seen: str = ""
    due: str = ""
    says: Message | None = None


def unknown(says: str, *criteria: str, **values: str | int | float) -> Mistake:
    """Return what is certain about ``criteria`` that no known mistake explains."""
    return Mistake("unknown", criteria, says=Message(says, values))
