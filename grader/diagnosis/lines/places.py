"""Give each diagnosis the line that holds the mistake, if it is certain."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from msgspec.structs import replace

from grader.candidate.replies import SourceEdit
from grader.diagnosis.lines.experiments import BackwardMethod, FitMethod
from grader.diagnosis.lines.recipes import COSTS, implied_kinds
from grader.diagnosis.lines.search import Search
from grader.exam.answers import BackwardAnswers, FitAnswers
from grader.exam.examination import Examination
from grader.model import Diagnosis, Place

__all__ = ["with_lines"]

_TRIES = 3
"""Edits of one line that are tried on the whole exam."""


def with_lines(
    examination: Examination, diagnoses: Sequence[Diagnosis], _lost: Sequence[str]
) -> list[Diagnosis]:
    """Return the diagnoses, each with the line that holds the mistake if it is known for certain."""
    searches: dict[str, Search[Any] | None] = {}
    placed = []
    for diagnosis in diagnoses:
        if diagnosis.place is None:
            name = "backward" if diagnosis.method.startswith("Layer") else "fit"
            if name not in searches:
                searches[name] = _search(examination, name)
            search = searches[name]
            edit = None if search is None else _repair(search, diagnosis)
            placed.append(diagnosis if edit is None else _with_place(examination, diagnosis, edit))
        else:
            placed.append(diagnosis)
    return placed


def _with_place(examination: Examination, diagnosis: Diagnosis, edit: SourceEdit) -> Diagnosis:
    place = Place(edit.label, edit.line, examination.line(edit.label, edit.line))
    return replace(diagnosis, place=place, excerpt=examination.excerpt(place))


def _search(examination: Examination, name: str) -> Search[Any] | None:
    """Return the search for edits of a method; ``None`` if the exam has no answers that could show a repair."""
    if name == "backward":
        backward = examination.backward
        return Search(BackwardMethod(examination, backward)) if isinstance(backward, BackwardAnswers) else None
    fit = examination.fit
    return Search(FitMethod(examination, fit)) if isinstance(fit, FitAnswers) else None


def _repair(search: Search[Any], diagnosis: Diagnosis) -> SourceEdit | None:
    """Return the edit that mends what a diagnosis explains; ``None`` if it is not certain which line that is."""
    regained = search.lost.intersection(diagnosis.criteria) or search.lost
    implied = implied_kinds(diagnosis.id)
    rest = sorted(COSTS, key=COSTS.__getitem__)
    for kinds in (implied, [kind for kind in rest if kind not in implied]):
        found = search.repairs(kinds, regained)
        found.sort(key=_cost)
        for _, alike in groupby(found, _cost):
            lines = _confirmed_lines(search, list(alike), regained)
            if lines:
                return lines[0] if len(lines) == 1 else None
    return None


def _cost(edit: SourceEdit) -> int:
    return COSTS.get(edit.kind, len(COSTS))


def _confirmed_lines(
    search: Search[Any], edits: Sequence[SourceEdit], regained: frozenset[str]
) -> list[SourceEdit]:
    """Return an edit of each line that passes the whole exam."""
    by_line: dict[tuple[str, int], list[SourceEdit]] = {}
    for edit in edits:
        by_line.setdefault((edit.label, edit.line), []).append(edit)
    passing = (_first_confirmed(search, own, regained) for own in by_line.values())
    return [edit for edit in passing if edit is not None]


def _first_confirmed(
    search: Search[Any], edits: Sequence[SourceEdit], regained: frozenset[str]
) -> SourceEdit | None:
    return next((edit for edit in edits[:_TRIES] if search.is_confirmed(edit, regained)), None)
