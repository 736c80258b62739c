"""Give each diagnosis the line that holds the mistake, if it is certain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import groupby
from typing import Any

from msgspec.structs import replace

from grader.candidate.replies import SourceEdit
from grader.diagnosis.lines.diffs import diff_of
from grader.diagnosis.lines.experiments import BackwardMethod, FitMethod
from grader.diagnosis.lines.judging import lost_in
from grader.diagnosis.lines.recipes import COSTS, LATEST, implied_kinds
from grader.diagnosis.lines.requests import of_training
from grader.diagnosis.lines.search import Search
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

    def with_line(self, diagnosis: Diagnosis) -> Diagnosis:
        """Return a diagnosis with the line that holds the mistake, if it is certain."""
        examination = self._examination
        edit = self._repair(diagnosis)
        if edit is None or (place := examination.place_at(edit.label, edit.line)) is None:
            return diagnosis
        repair = diff_of(examination.text(edit.label), edit)
        return replace(diagnosis, place=place, excerpt=examination.excerpt(place), repair=repair)

    @cached_property
    def _backward(self) -> Search[BackwardAnswers] | None:
        answers = self._examination.backward
        return (
            Search(BackwardMethod(self._examination, answers))
            if isinstance(answers, BackwardAnswers)
            else None
        )

    @cached_property
    def _fit(self) -> Search[FitAnswers] | None:
        answers = self._examination.fit
        return Search(FitMethod(self._examination, answers)) if isinstance(answers, FitAnswers) else None

    def _repair(self, diagnosis: Diagnosis) -> SourceEdit | None:
        """Return the edit that is closest at hand; ``None`` if there are several, on different lines."""
        search: Search[Any] | None = self._backward if diagnosis.method.startswith("Layer") else self._fit
        if search is None:
            return None
        regained = search.lost.intersection(diagnosis.criteria) or search.lost
        for kinds in _levels(implied_kinds(diagnosis.id)):
            if lines := self._confirmed(search, search.repairs(kinds, regained), regained):
                is_certain = len(lines) == 1 or diagnosis.id in LATEST
                return max(lines, key=lambda edit: edit.line) if is_certain else None
        return None

    def _confirmed(
        self, search: Search[Any], edits: Sequence[SourceEdit], regained: frozenset[str]
    ) -> list[SourceEdit]:
        """Return one edit of each line that passes the whole exam."""
        by_line: dict[tuple[str, int], list[SourceEdit]] = {}
        for edit in edits:
            by_line.setdefault((edit.label, edit.line), []).append(edit)
        passing = (
            next((edit for edit in own[:_TRIES] if self._is_confirmed(search, edit, regained)), None)
            for own in by_line.values()
        )
        return [edit for edit in passing if edit is not None]

    def _is_confirmed(self, search: Search[Any], edit: SourceEdit, regained: frozenset[str]) -> bool:
        """Tell whether an edit regains criteria and loses none; if nothing else was lost, training must hold too."""
        answers = search.repaired(edit, regained)
        other: Search[Any] | None = self._fit if search is self._backward else self._backward
        others = None if other is None else other.repaired(edit, ())
        if answers is None or (other is not None and others is None):
            return False
        if others is None or any(not name.startswith("training.") for name in set(self._lost) - regained):
            return True
        backward, fit = (answers, others) if search is self._backward else (others, answers)
        return self._trains(edit, backward, fit)

    def _trains(self, edit: SourceEdit, backward: BackwardAnswers, fit: FitAnswers) -> bool:
        questions = self._examination.questions
        cases = [*questions.gradient, *questions.monotone]
        (answers,) = self._examination.ask_about_edits(of_training(cases).trials([(edit,)])) or [None]
        if answers is None:
            return False
        count = len(questions.gradient)
        repaired = self._examination.with_answers(backward, fit, answers[:count], answers[count:])
        return not lost_in(repaired, "train")


def _levels(kinds: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the kinds of edits together that cost the same, from those that are closest at hand."""
    for _, alike in groupby(sorted(kinds, key=COSTS.__getitem__), COSTS.__getitem__):
        yield list(alike)
