"""Search the edits of one method after which lost criteria hold, and none is lost that was held."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, islice
from typing import Generic, TypeVar

from grader.candidate.replies import SourceEdit
from grader.diagnosis.lines.experiments import Method
from grader.diagnosis.lines.recipes import formulas, preferred_kinds
from grader.diagnosis.lines.requests import Edits, Experiment

__all__ = ["LINES", "SCREENED", "Budget", "Search"]

T = TypeVar("T")
Item = TypeVar("Item")

SCREENED = 1800
"""Edits of one submission that are tried on a few cases."""
LINES = 3_000_000
"""Lines of one submission that may be run with edits: several times as many as most searches need."""
_SCREENED_AT_ONCE = 25
_CASES = 6
"""So many cases of a trial count as one edit, and so do fewer."""
_TOGETHER = 3
"""Edits that are made together, at most."""
_COMBINATIONS = 120


@dataclass
class Budget:
    """What may still be tried for one method: counts, so that what is found depends on no clock."""

    screened: int
    """Edits on a few cases."""
    lines: int
    """Lines of the submission that may be run with edits."""
    reserved: int = 0
    """As many more, for statements that may be missing."""
    confirmed: int = 15
    """Edits on the whole exam."""


class Search(Generic[T]):
    """Tries edits of one method: many on a few cases, and the best of them on the whole exam.

    ``text`` returns the source text with a label; ``diagnoses`` are the mistakes by their names, and ``names`` those to
    which nothing assigns a value.
    """

    def __init__(
        self,
        method: Method[T],
        text: Callable[[str], str],
        diagnoses: Collection[str],
        names: Collection[str] = (),
    ) -> None:
        self._method, self._text = method, text
        self._diagnoses, self._names = diagnoses, names

    @property
    def lost(self) -> frozenset[str]:
        """The criteria that the method lost."""
        return self._method.lost

    @cached_property
    def _screens(self) -> list[Experiment[T]]:
        return self._method.screens()

    @cached_property
    def _edits(self) -> Sequence[SourceEdit]:
        screen = self._screens[-1]
        wanted = formulas(screen.of, self._diagnoses, self._names)
        asked = self._method.ask(screen.edits(wanted, preferred_kinds(self._diagnoses)))
        return () if asked is None else asked[1]

    def edits(self, kinds: Sequence[str], may_hold: Callable[[str], bool]) -> list[SourceEdit]:
        """Return the edits of these kinds in statements of the roles that ``may_hold`` the mistake."""
        order = {kind: number for number, kind in enumerate(kinds)}
        chosen = (edit for edit in self._edits if edit.kind in order and may_hold(edit.role))
        return sorted(chosen, key=lambda edit: order[edit.kind])

    def combined(self, edits: Sequence[SourceEdit]) -> list[Edits]:
        """Return sets of edits that do the same thing in different places."""
        alike: dict[tuple[str, str], list[SourceEdit]] = {}
        for edit in edits:
            old = self._text(edit.label)[edit.start : edit.end]
            alike.setdefault((edit.kind, _change(old, edit.text)), []).append(edit)
        found = (
            tuple(sorted(together, key=lambda edit: (edit.label, edit.start)))
            for size in range(2, _TOGETHER + 1)
            for many in alike.values()
            for together in combinations(many, size)
            if not any(map(_overlap, *zip(*combinations(together, 2), strict=True)))
        )
        return list(islice(found, _COMBINATIONS))

    def repairs(self, trials: Sequence[Edits], regained: Collection[str], budget: Budget) -> list[Edits]:
        """Return the trials that regain all of ``regained`` in a few cases, and lose nothing."""
        # What is repaired altogether has no loss in any case.
        screens = self._screens if self.lost <= set(regained) else self._screens[-1:]
        trials = trials[: budget.screened // _weight(screens[0])]
        for screen in screens:
            weight = _weight(screen)
            budget.screened = max(0, budget.screened - len(trials) * weight)
            trials = [
                trial
                for some in _pieces(trials, max(1, _SCREENED_AT_ONCE // weight))
                for trial, _ in self._passing(screen, some, regained, budget)
            ]
        return list(trials)

    def repaired(self, trial: Edits, regained: Collection[str], budget: Budget) -> T | None:
        """Return the answers on the whole exam of the method if a trial regains ``regained``, and loses nothing."""
        passing = self._passing(self._method.whole(), [trial], regained, budget)
        return next((answers for _, answers in passing), None)

    def _passing(
        self, experiment: Experiment[T], trials: Sequence[Edits], regained: Collection[str], budget: Budget
    ) -> Iterator[tuple[Edits, T]]:
        criteria = [name for name in self._method.criteria if name in regained]
        criteria += [name for name in self._method.criteria if name not in self._method.lost]
        if budget.lines <= 0 or (tried := self._method.ask(experiment.trials(trials, budget.lines))) is None:
            return
        budget.lines -= tried.lines
        verdicts: dict[int, bool] = {}
        for trial, answers in zip(trials, tried.answers, strict=True):
            if answers is None:
                continue
            if id(answers) not in verdicts:
                verdicts[id(answers)] = self._method.all_hold(answers, criteria)
            if verdicts[id(answers)]:
                yield trial, answers


def _weight(experiment: Experiment[T]) -> int:
    """Return as how many edits one counts, since more cases may be needed to show what is lost."""
    return -(-len(experiment.cases) // _CASES)


def _change(old: str, new: str) -> str:
    """Return what an edit does, whatever it does it to."""
    if old and old in new:
        return "added " + new.replace(old, "\0", 1)
    return "dropped " + old.replace(new, "\0", 1) if new and new in old else f"{old}\0{new}"


def _overlap(one: SourceEdit, other: SourceEdit) -> bool:
    return one.label == other.label and one.start < other.end and other.start < one.end


def _pieces(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    return (items[start : start + size] for start in range(0, len(items), size))
