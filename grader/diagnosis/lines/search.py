"""Search the edits of one method that regain lost criteria and lose none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

from grader.candidate.replies import SourceEdit
from grader.diagnosis.lines.experiments import Method
from grader.diagnosis.lines.requests import Edits, Experiment

__all__ = ["Repair", "Search"]

T = TypeVar("T")
Item = TypeVar("Item")

_SCREENED = 700
"""Edits that are tried on a few cases, at most."""
_SCREENED_AT_ONCE = 50
_TRIALS = 60
"""Edits that are tried on the whole exam, at most."""
_TRIALS_AT_ONCE = 6


@dataclass(frozen=True)
class Repair:
    """An edit that regains criteria, and loses none."""

    edit: SourceEdit
    gained: frozenset[str]
    is_whole: bool
    """Whether it regains all criteria of its method."""


class Search(Generic[T]):
    """Tries edits of one method: many on a few cases, and on the whole exam those that pass."""

    def __init__(self, method: Method[T]) -> None:
        self._method = method
        self._screened: set[SourceEdit] = set()
        self._trials = _TRIALS
        self.repairs: list[Repair] = []
        """What passed the whole exam of this method so far."""

    @cached_property
    def _screen(self) -> tuple[Experiment[T], list[SourceEdit]] | None:
        screen = self._method.screen()
        asked = self._method.ask(screen.edits())
        return None if asked is None else (screen, asked[1])

    @property
    def edits(self) -> Sequence[SourceEdit]:
        """The edits that there are; none if the submission does not survive being asked."""
        return self._screen[1] if self._screen is not None else ()

    def try_all(self, edits: Sequence[SourceEdit]) -> None:
        """Try those of ``edits`` that were not tried before, and add what passes to ``repairs``."""
        new = [edit for edit in edits if edit not in self._screened][: _SCREENED - len(self._screened)]
        if not new or self._screen is None:
            return
        self._screened.update(new)
        screen, _ = self._screen
        lost = self._method.lost
        promising = [
            (len(lost - left), edit)
            for edit, left in self._left(screen, new, _SCREENED_AT_ONCE)
            if left < lost
        ]
        promising.sort(key=lambda pair: -pair[0])
        chosen = [edit for _, edit in promising][: self._trials]
        self._trials -= len(chosen)
        self.repairs += [
            Repair(edit, lost - left, not left)
            for edit, left in self._left(self._method.whole(), chosen, _TRIALS_AT_ONCE)
            if left < lost
        ]

    def _left(
        self, experiment: Experiment[T], edits: Sequence[SourceEdit], at_once: int
    ) -> Iterator[tuple[SourceEdit, frozenset[str]]]:
        """Yield the edits that can be applied, and the criteria that are lost with each."""
        verdicts: dict[int, frozenset[str]] = {}
        for some in _pieces(edits, at_once):
            trials: list[Edits] = [(edit,) for edit in some]
            outcomes = self._method.ask(experiment.trials(trials))
            verdicts.clear()
            for edit, answers in zip(some, outcomes or [], strict=False):
                if answers is not None:
                    if id(answers) not in verdicts:
                        verdicts[id(answers)] = self._method.lost_with(answers)
                    yield edit, verdicts[id(answers)]


def _pieces(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    return (items[start : start + size] for start in range(0, len(items), size))
