"""Search the edits of one method after which lost criteria hold, and none is lost that was held."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from typing import Generic, TypeVar

from grader.candidate.replies import SourceEdit
from grader.diagnosis.lines.experiments import Method
from grader.diagnosis.lines.requests import Experiment

__all__ = ["Search"]

T = TypeVar("T")
Item = TypeVar("Item")

_SCREENED = 800
"""Edits that are tried on a few cases, at most."""
_SCREENED_AT_ONCE = 25
_TRIALS = 60
"""Edits that are tried on the whole exam, at most."""


class Search(Generic[T]):
    """Tries edits of one method: many on a few cases, and the best of them on the whole exam."""

    def __init__(self, method: Method[T]) -> None:
        self._method = method
        self._room, self._trials = _SCREENED, 0

    @property
    def lost(self) -> frozenset[str]:
        """The criteria that the method lost."""
        return self._method.lost

    @cached_property
    def _screen(self) -> tuple[Experiment[T], Sequence[SourceEdit]]:
        screen = self._method.screen()
        asked = self._method.ask(screen.edits())
        return screen, () if asked is None else asked[1]

    def repairs(self, kinds: Sequence[str], regained: Collection[str]) -> list[SourceEdit]:
        """Return the edits of these kinds that regain all of ``regained`` in a few cases, and lose nothing."""
        screen, edits = self._screen
        order = {kind: number for number, kind in enumerate(kinds)}
        chosen = sorted((edit for edit in edits if edit.kind in order), key=lambda edit: order[edit.kind])[
            : self._room
        ]
        self._room -= len(chosen)
        return [
            edit
            for some in _pieces(chosen, _SCREENED_AT_ONCE)
            for edit, _ in self._passing(screen, some, regained)
        ]

    def repaired(self, edit: SourceEdit, regained: Collection[str]) -> T | None:
        """Return the answers on the whole exam of the method if an edit regains ``regained``, and loses nothing."""
        self._trials += 1
        if self._trials > _TRIALS:
            return None
        return next((answers for _, answers in self._passing(self._method.whole(), [edit], regained)), None)

    def _passing(
        self, experiment: Experiment[T], edits: Sequence[SourceEdit], regained: Collection[str]
    ) -> Iterator[tuple[SourceEdit, T]]:
        criteria = [name for name in self._method.criteria if name in regained]
        criteria += [name for name in self._method.criteria if name not in self._method.lost]
        outcomes = self._method.ask(experiment.trials([(edit,) for edit in edits])) or []
        verdicts: dict[int, bool] = {}
        for edit, answers in zip(edits, outcomes, strict=False):
            if answers is None:
                continue
            if id(answers) not in verdicts:
                verdicts[id(answers)] = self._method.all_hold(answers, criteria)
            if verdicts[id(answers)]:
                yield edit, answers


def _pieces(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    return (items[start : start + size] for start in range(0, len(items), size))
