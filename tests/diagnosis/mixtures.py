"""Submissions with one, two or three known mistakes at once, composed in many styles.

The styles, and what each mistake looks like in them, are in ``mixture_backward.py`` and ``mixture_fit.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from random import Random

from mixture_backward import BACKWARD_MISTAKES, BACKWARD_STYLES, Slots
from mixture_fit import FIT_MISTAKES, FIT_STYLES
from mixture_frames import FRAMES, Frame

__all__ = ["SEED", "STYLES", "Mixture", "mixtures", "right", "singles"]

STYLES = range(len(BACKWARD_STYLES))
SEED = 1
PAIRS, TRIPLES = 120, 60
"""How many are drawn; some of them are left out."""


@dataclass(frozen=True)
class Mixture:
    """Some mistakes, each in one of its forms, in one way to write ``backward`` and one to write ``fit``."""

    mistakes: tuple[tuple[str, int], ...]
    """Names of the catalogue, each with the number of its form."""
    style: int
    """The number of the way to write ``backward``, and of that to write ``fit``, which go together."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the mistakes."""
        return tuple(name for name, _ in self.mistakes)

    @property
    def styles(self) -> str:
        """The names of the ways to write both methods."""
        return f"{BACKWARD_STYLES[self.style].name}/{FIT_STYLES[self.style].name}"

    @property
    def file(self) -> str:
        """The name of the file to hand in."""
        parts = "+".join(f"{name}-{form}" for name, form in self.mistakes) or "right"
        return f"{self.style}_{parts}{self._frame.suffix}"

    @property
    def parts(self) -> Iterator[Mixture]:
        """The mixtures of all but one of the mistakes, or more."""
        for count in range(len(self.mistakes)):
            for fewer in combinations(self.mistakes, count):
                yield Mixture(fewer, self.style)

    @cached_property
    def can_be_written(self) -> bool:
        """Whether each mistake can be written in this style, and no two of them are in the same step."""
        steps = [step for edits in self._edits for step in edits]
        return all(self._edits) and len(steps) == len(set(steps))

    @property
    def text(self) -> str:
        """The submission."""
        backward, fit = BACKWARD_STYLES[self.style], FIT_STYLES[self.style]
        edits = dict(item for each in self._edits for item in each.items())
        of_backward = {step: said for (method, step), said in edits.items() if method == "backward"}
        of_fit = {step: said for (method, step), said in edits.items() if method == "fit"}
        helpers = "\n\n".join(filter(None, (backward.helpers.strip("\n"), fit.helpers.strip("\n"))))
        return self._frame.filled(helpers, backward.method(of_backward), fit.method(of_fit))

    @property
    def _frame(self) -> Frame:
        return FRAMES[self.style % len(FRAMES)]

    @cached_property
    def _edits(self) -> list[dict[tuple[str, str], str]]:
        """For each mistake what it replaces, by method and step."""
        return [
            {(_method_of(name), step): said for step, said in _edits(name, form, self.style).items()}
            for name, form in self.mistakes
        ]


def _method_of(name: str) -> str:
    return "backward" if name in BACKWARD_MISTAKES else "fit"


def _edits(name: str, form: int, style: int) -> Slots:
    if name in BACKWARD_MISTAKES:
        return BACKWARD_MISTAKES[name][form]
    return FIT_MISTAKES[name][form](FIT_STYLES[style])


def _forms(name: str) -> int:
    return len(BACKWARD_MISTAKES.get(name) or FIT_MISTAKES[name])


def right(style: int) -> Mixture:
    """Return the submission without mistakes in a style."""
    return Mixture((), style)


def singles() -> list[Mixture]:
    """Return every form of every mistake, in every style in which it can be written."""
    every = [
        Mixture(((name, form),), style)
        for style in STYLES
        for name in (*BACKWARD_MISTAKES, *FIT_MISTAKES)
        for form in range(_forms(name))
    ]
    return [single for single in every if single.can_be_written]


def mixtures(seed: int = SEED) -> list[Mixture]:
    """Return pairs and triples of mistakes in all styles, half of them in one method alone."""
    random = Random(seed)
    return [*_drawn(2, PAIRS, random), *_drawn(3, TRIPLES, random)]


def _drawn(count: int, how_many: int, random: Random) -> list[Mixture]:
    pools: Sequence[Sequence[str]] = (
        tuple(BACKWARD_MISTAKES),
        tuple(FIT_MISTAKES),
        (*BACKWARD_MISTAKES, *FIT_MISTAKES),
    )
    drawn: dict[Mixture, None] = {}
    while len(drawn) < how_many:
        names = random.sample(pools[len(drawn) % len(pools)], count)
        mistakes = tuple((name, random.randrange(_forms(name))) for name in names)
        mixture = Mixture(mistakes, random.choice(STYLES))
        if mixture.can_be_written:
            drawn[mixture] = None
    return list(drawn)
