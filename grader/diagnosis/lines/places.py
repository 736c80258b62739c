"""Give each diagnosis the line that holds the mistake, if it is certain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property, partial
from itertools import groupby
from typing import Any

from msgspec.structs import replace

from grader.diagnosis.lines.diffs import diff_of
from grader.diagnosis.lines.experiments import BackwardMethod, FitMethod
from grader.diagnosis.lines.judging import lost_in
from grader.diagnosis.lines.recipes import COSTS, LATEST, implied_kinds, may_hold
from grader.diagnosis.lines.requests import Edits, of_training
from grader.diagnosis.lines.search import Budget, Search
from grader.exam.answers import BackwardAnswers, FitAnswers
from grader.exam.examination import Examination
from grader.model import Diagnosis

__all__ = ["with_lines"]

_TRIES = 3
"""Edits of one line that are tried on the whole exam."""


def with_lines(
    examination: Examination, diagnoses: Sequence[Diagnosis], lost: Sequence[str]
) -> list[Diagnosis]:
    """Return the diagnoses, each with the line that holds the mistake if it is known for certain.

    ``lost`` are all lost criteria. A diagnosis that has a line already keeps it.
    """
    finder = _Finder(examination, lost)
    return [each if each.place is not None else finder.with_line(each) for each in diagnoses]


class _Finder:
    """Finds lines in one submission."""

    def __init__(self, examination: Examination, lost: Sequence[str]) -> None:
        self._examination, self._lost = examination, lost
        self._budget = Budget()

    def with_line(self, diagnosis: Diagnosis) -> Diagnosis:
        """Return a diagnosis with the line that holds the mistake, if it is certain."""
        examination = self._examination
        if (trial := self._repair(diagnosis)) is None:
            return diagnosis
        edit = trial[0]
        if (place := examination.place_at(edit.label, edit.line)) is None:
            return diagnosis
        repair = diff_of(examination.text(edit.label), [each for each in trial if each.label == edit.label])
        return replace(diagnosis, place=place, excerpt=examination.excerpt(place), repair=repair)

    @cached_property
    def _backward(self) -> Search[BackwardAnswers] | None:
        examination, answers = self._examination, self._examination.backward
        if not isinstance(answers, BackwardAnswers):
            return None
        return Search(BackwardMethod(examination, answers), self._budget, examination.text)

    @cached_property
    def _fit(self) -> Search[FitAnswers] | None:
        examination, answers = self._examination, self._examination.fit
        if not isinstance(answers, FitAnswers):
            return None
        return Search(FitMethod(examination, answers), self._budget, examination.text)

    def _repair(self, diagnosis: Diagnosis) -> Edits | None:
        """Return the edits that are closest at hand; ``None`` if there are several, on different lines."""
        search: Search[Any] | None = self._backward if diagnosis.method.startswith("Layer") else self._fit
        kinds = implied_kinds(diagnosis.id)
        if search is None or not kinds:
            return None
        regained = search.lost.intersection(diagnosis.criteria) or search.lost
        for trials in self._levels(search, diagnosis.id, kinds):
            if found := self._confirmed(search, search.repairs(trials, regained), regained):
                is_certain = len(found) == 1 or diagnosis.id in LATEST
                return max(found, key=lambda trial: trial[0].line) if is_certain else None
        return None

    def _levels(self, search: Search[Any], diagnosis: str, kinds: Sequence[str]) -> Iterator[list[Edits]]:
        """Yield the trials together that cost the same, from those that are closest at hand."""
        own = [kind for kind in kinds if kind in COSTS]
        for _, alike in groupby(sorted(own, key=COSTS.__getitem__), COSTS.__getitem__):
            edits = search.edits(list(alike), partial(may_hold, diagnosis))
            yield [(edit,) for edit in edits]
        if diagnosis != "unknown":
            yield search.combined(search.edits(own, partial(may_hold, diagnosis)))

    def _confirmed(
        self, search: Search[Any], trials: Sequence[Edits], regained: frozenset[str]
    ) -> list[Edits]:
        """Return one trial of each line that passes the whole exam; none if that was not tried for each line."""
        by_line: dict[tuple[str, int], list[Edits]] = {}
        for trial in trials:
            by_line.setdefault((trial[0].label, trial[0].line), []).append(trial)
        passing = [
            next((trial for trial in own[:_TRIES] if self._is_confirmed(search, trial, regained)), None)
            for own in by_line.values()
        ]
        return [trial for trial in passing if trial is not None] if self._budget.confirmed > 0 else []

    def _is_confirmed(self, search: Search[Any], trial: Edits, regained: frozenset[str]) -> bool:
        """Tell whether edits regain criteria and lose none; if nothing else was lost, training must hold too."""
        answers = search.repaired(trial, regained)
        if answers is None:
            return False
        other: Search[Any] | None = self._fit if search is self._backward else self._backward
        others = None if other is None else other.repaired(trial, ())
        if other is not None and others is None:
            return False
        if others is None or any(not name.startswith("training.") for name in set(self._lost) - regained):
            return True
        backward, fit = (answers, others) if search is self._backward else (others, answers)
        return self._trains(trial, backward, fit)

    def _trains(self, trial: Edits, backward: BackwardAnswers, fit: FitAnswers) -> bool:
        questions = self._examination.questions
        cases = [*questions.gradient, *questions.monotone]
        (answers,) = self._examination.ask_about_edits(of_training(cases).trials([trial])) or [None]
        if answers is None:
            return False
        count = len(questions.gradient)
        repaired = self._examination.with_answers(backward, fit, answers[:count], answers[count:])
        return not lost_in(repaired, "train")
