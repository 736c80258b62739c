"""Give each diagnosis the line that holds the mistake, if it is certain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from msgspec.structs import replace

from grader.diagnosis.lines.experiments import BackwardMethod, FitMethod
from grader.diagnosis.lines.recipes import RANKS, implied_kinds
from grader.diagnosis.lines.search import Repair, Search
from grader.exam.answers import BackwardAnswers, FitAnswers
from grader.exam.examination import Examination
from grader.model import Diagnosis, Place

__all__ = ["with_lines"]


def with_lines(
    examination: Examination, diagnoses: Sequence[Diagnosis], _lost: Sequence[str]
) -> list[Diagnosis]:
    """Return the diagnoses, each with the line that holds the mistake if it is known for certain."""
    searches: dict[str, Search[Any] | None] = {}
    return [_with_line(examination, diagnosis, searches) for diagnosis in diagnoses]


def _with_line(
    examination: Examination, diagnosis: Diagnosis, searches: dict[str, Search[Any] | None]
) -> Diagnosis:
    if diagnosis.place is not None:
        return diagnosis
    if diagnosis.method not in searches:
        searches[diagnosis.method] = _search(examination, diagnosis.method)
    if (search := searches[diagnosis.method]) is None:
        return diagnosis
    repair = _repair(search, diagnosis)
    if repair is None:
        return diagnosis
    edit = repair.edit
    return replace(diagnosis, place=Place(edit.label, edit.line, examination.line(edit.label, edit.line)))


def _search(examination: Examination, method: str) -> Search[Any] | None:
    """Return the search for edits of a method; ``None`` if the exam has no answers that could show a repair."""
    if method.startswith("Layer"):
        backward = examination.backward
        return Search(BackwardMethod(examination, backward)) if isinstance(backward, BackwardAnswers) else None
    fit = examination.fit
    return Search(FitMethod(examination, fit)) if isinstance(fit, FitAnswers) else None


def _repair(search: Search[Any], diagnosis: Diagnosis) -> Repair | None:
    implied = implied_kinds(diagnosis.id)
    for kinds in (implied, *_tiers()):
        search.try_all([edit for edit in search.edits if edit.kind in kinds])
        fitting = [repair for repair in search.repairs if _fits(repair, diagnosis)]
        if fitting:
            return _certain(fitting, implied)
    return None


def _tiers() -> Iterator[list[str]]:
    for rank in sorted(set(RANKS.values())):
        yield [kind for kind, own in RANKS.items() if own == rank]


def _fits(repair: Repair, diagnosis: Diagnosis) -> bool:
    return not diagnosis.criteria or bool(repair.gained.intersection(diagnosis.criteria))


def _certain(repairs: Iterable[Repair], implied: Sequence[str]) -> Repair | None:
    """Return the repair that is closest at hand; ``None`` if there are some on different lines."""

    def distance(repair: Repair) -> tuple[bool, int, bool]:
        return not repair.is_whole, -len(repair.gained), repair.edit.kind not in implied

    least = min(map(distance, repairs))
    closest = [repair for repair in repairs if distance(repair) == least]
    lines = {(repair.edit.label, repair.edit.line) for repair in closest}
    return closest[0] if len(lines) == 1 else None
