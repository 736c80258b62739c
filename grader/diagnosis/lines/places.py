"""Give each diagnosis the line that holds the mistake, if it is certain."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, partial
from itertools import chain, groupby
from typing import Any, NamedTuple

from msgspec.structs import replace

from grader.diagnosis.lines.diffs import diff_of
from grader.diagnosis.lines.experiments import BackwardMethod, FitMethod, TrainingMethod
from grader.diagnosis.lines.judging import lost_in
from grader.diagnosis.lines.recipes import (
    ASSIGNED,
    COSTS,
    LATEST,
    MISSING,
    NEAR,
    SUM,
    implied_kinds,
    may_hold,
    other_kinds,
)
from grader.diagnosis.lines.requests import Edits, of_training
from grader.diagnosis.lines.search import LINES, SCREENED, Budget, Search
from grader.exam.answers import BackwardAnswers, FitAnswers, TrainAnswers
from grader.exam.examination import Examination
from grader.exam.laws.findings import Failure
from grader.model import Diagnosis

__all__ = ["with_lines"]

_NAME_ERRORS = ("NameError", "UnboundLocalError")
_QUOTED = re.compile(r"'(\w+)'")
_NO_ATTRIBUTE = re.compile(r"has no attribute '(\w+)'")
_RESERVED = 400
"""Edits on a few cases that are kept for missing statements, if the diagnosis implies one."""
_ASSIGNED = 600
"""Edits that give a value to a name."""
_TRIES = 3
"""Edits of one line that are tried on the whole exam."""


def with_lines(
    examination: Examination, diagnoses: Sequence[Diagnosis], lost: Sequence[str]
) -> list[Diagnosis]:
    """Return the diagnoses, each with the line that holds the mistake if it is known for certain.

    ``lost`` are all lost criteria. The line of an exception stays if no repair says that another one causes it.
    """
    finder = _Finder(examination, lost, diagnoses)
    methods = list(dict.fromkeys(map(_is_of_layer, diagnoses)))
    lines: dict[int, Diagnosis] = {}
    for method in methods:
        own = [number for number, each in enumerate(diagnoses) if _is_of_layer(each) is method]
        budget = Budget(SCREENED // len(methods), LINES // len(methods))
        found = finder.with_lines([diagnoses[number] for number in own], budget)
        lines.update(zip(own, found, strict=True))
    return [lines[number] for number in range(len(diagnoses))]


_Pick = Callable[[Sequence[Edits]], Edits]


def _last(trials: Sequence[Edits]) -> Edits:
    return max(trials, key=_line_of)


def _outermost(trials: Sequence[Edits]) -> Edits:
    return max(trials, key=lambda trial: (-_indent(trial), _line_of(trial)))


def _indent(trial: Edits) -> int:
    text = trial[0].text.lstrip("\r\n")
    return len(text) - len(text.lstrip())


def _line_of(trial: Edits) -> int:
    return trial[0].line


class _Level(NamedTuple):
    """Trials that are equally close at hand."""

    trials: Sequence[Edits]
    pick: _Pick | None
    """Picks the line that holds the mistake, if several pass; otherwise there must be one."""


class _Finder:
    """Finds lines in one submission."""

    def __init__(self, examination: Examination, lost: Sequence[str], diagnoses: Sequence[Diagnosis]) -> None:
        self._examination, self._lost = examination, lost
        self._ids = list(dict.fromkeys(each.id for each in diagnoses))
        self._names = sorted(set(map(_name_without_value, diagnoses)) - {""})
        self._budget = Budget(0, 0)

    def with_lines(self, diagnoses: Sequence[Diagnosis], budget: Budget) -> list[Diagnosis]:
        """Return the diagnoses of one method, each with the line that holds the mistake, if it is certain."""
        self._budget = budget
        if not diagnoses or (search := self._search(diagnoses[0])) is None:
            return list(diagnoses)
        are_named = len(diagnoses) > 1 and all(each.id != "unknown" and not each.place for each in diagnoses)
        if not are_named and (trial := self._repair_of_all(search, diagnoses)) is not None:
            return [self._placed(each, trial) for each in diagnoses]
        trials = [None if each.place else self._repair(search, each) for each in diagnoses]
        if are_named and not any(trials) and (trial := self._repair_of_all(search, diagnoses)) is not None:
            trials = [trial] * len(diagnoses)
        return [self._placed(each, trial) for each, trial in zip(diagnoses, trials, strict=True)]

    def _placed(self, diagnosis: Diagnosis, trial: Edits | None) -> Diagnosis:
        examination = self._examination
        if trial is None or (place := examination.place_at(trial[0].label, trial[0].line)) is None:
            return diagnosis
        edit = trial[0]
        repair = diff_of(examination.text(edit.label), [each for each in trial if each.label == edit.label])
        return replace(diagnosis, place=place, excerpt=examination.excerpt(place), repair=repair)

    def _search(self, diagnosis: Diagnosis) -> Search[Any] | None:
        """Return the search in which the edits that mend a mistake can be told."""
        search: Search[Any] | None = self._backward if _is_of_layer(diagnosis) else self._fit
        return search if search is None or search.lost else self._training

    @cached_property
    def _backward(self) -> Search[BackwardAnswers] | None:
        examination, answers = self._examination, self._examination.backward
        if not isinstance(answers, BackwardAnswers):
            return None
        return Search(BackwardMethod(examination, answers), examination.text, self._ids, self._names)

    @cached_property
    def _fit(self) -> Search[FitAnswers] | None:
        examination, answers = self._examination, self._examination.fit
        if not isinstance(answers, FitAnswers):
            return None
        return Search(FitMethod(examination, answers), examination.text, self._ids, self._names)

    @cached_property
    def _training(self) -> Search[TrainAnswers] | None:
        examination = self._examination
        answers = examination.gradient_checks, examination.descents
        if any(isinstance(each, Failure) for each in answers):
            return None
        return Search(TrainingMethod(examination), examination.text, self._ids)

    def _repair_of_all(self, search: Search[Any], diagnoses: Sequence[Diagnosis]) -> Edits | None:
        """Return edits of one line after which the method loses nothing; ``None`` if there are none, or several."""
        every = other_kinds(diagnoses[0].id if len(diagnoses) == 1 else "unknown")
        near = [kind for kind in every if COSTS[kind] <= NEAR]
        far = [kind for kind in every if COSTS[kind] > NEAR]
        levels = [self._levels(search, "unknown", near), self._levels(search, "unknown", far)]
        if len(diagnoses) == 1:
            # A statement that is there may be wrong, rather than another one missing.
            levels.insert(0, self._changes(search, diagnoses[0].id))
            levels.insert(2, self._additions(search, diagnoses[0].id))
            if diagnoses[0].id != "unknown" and not MISSING.isdisjoint(implied_kinds(diagnoses[0].id)):
                self._budget.screened -= _RESERVED
                self._budget.reserved += _RESERVED
        if self._names:
            levels.insert(0, self._assigned(search))
        # The rest is for what each of them implies.
        is_whole = search.lost <= set(diagnoses[0].criteria)
        spare = 0 if is_whole else self._budget.screened // 2
        self._budget.screened -= spare
        found = self._first(search, chain.from_iterable(levels), search.lost)
        self._budget.screened += spare
        return found

    def _repair(self, search: Search[Any], diagnosis: Diagnosis) -> Edits | None:
        """Return the edits that regain what a mistake cost beside others; ``None`` if there are none, or several."""
        regained = search.lost.intersection(diagnosis.criteria)
        if not regained or regained == search.lost:
            return None
        levels = chain(self._changes(search, diagnosis.id), self._additions(search, diagnosis.id))
        return self._first(search, levels, regained)

    def _first(self, search: Search[Any], levels: Iterable[_Level], regained: frozenset[str]) -> Edits | None:
        tried: set[Edits] = set()
        for level in levels:
            trials = [trial for trial in level.trials if trial not in tried]
            tried.update(trials)
            screened = search.repairs(trials, regained, self._budget)
            if found := self._confirmed(search, screened, regained):
                return found[0] if len(found) == 1 else level.pick(found) if level.pick else None
        return None

    def _changes(self, search: Search[Any], diagnosis: str) -> Iterator[_Level]:
        """Yield the trials that a diagnosis implies, each in one place, and then in several."""
        kinds = [kind for kind in implied_kinds(diagnosis) if kind not in MISSING]
        yield from self._levels(search, diagnosis, kinds)
        if diagnosis != "unknown":
            edits = search.edits(kinds, partial(may_hold, diagnosis))
            yield _Level(search.combined(edits), _last if diagnosis in LATEST else None)

    def _additions(self, search: Search[Any], diagnosis: str) -> Iterator[_Level]:
        """Yield the trials that add the statement which is missing by a diagnosis."""
        self._budget.screened += self._budget.reserved
        self._budget.reserved = 0
        if diagnosis != "unknown":
            kinds = [kind for kind in implied_kinds(diagnosis) if kind in MISSING]
            for trials, _ in self._levels(search, diagnosis, kinds):
                yield _Level(sorted(trials, key=_line_of, reverse=True), _last)

    def _assigned(self, search: Search[Any]) -> Iterator[_Level]:
        """Yield the trials that give a name its value, from the shortest values."""
        for trials, _ in self._levels(search, "unknown", [ASSIGNED]):
            yield _Level(sorted(trials, key=lambda trial: len(trial[0].text.strip()))[:_ASSIGNED], _outermost)

    def _levels(self, search: Search[Any], diagnosis: str, kinds: Sequence[str]) -> Iterator[_Level]:
        """Yield the trials together that cost the same, from those that are closest at hand."""
        for _, group in groupby(sorted(kinds, key=COSTS.__getitem__), COSTS.__getitem__):
            alike = list(group)
            edits = search.edits(alike, partial(may_hold, diagnosis))
            pick = _last if diagnosis in LATEST or alike == [SUM] else None
            yield _Level([(edit,) for edit in edits], pick)

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
        if self._budget.confirmed <= 0:
            return False
        self._budget.confirmed -= 1
        answers: list[Any] = []
        for each in (self._backward, self._fit):
            own = None if each is None else each.repaired(trial, regained & each.lost, self._budget)
            if each is not None and own is None:
                return False
            answers.append(own)
        if None in answers or any(not name.startswith("training.") for name in set(self._lost) - regained):
            return search is not self._training
        return self._trains(trial, *answers)

    def _trains(self, trial: Edits, backward: BackwardAnswers, fit: FitAnswers) -> bool:
        questions = self._examination.questions
        cases = [*questions.gradient, *questions.monotone]
        request = of_training(cases).trials([trial], self._budget.lines)
        if (tried := self._examination.ask_about_edits(request)) is None:
            return False
        self._budget.lines -= tried.lines
        if (answers := tried.answers[0]) is None:
            return False
        count = len(questions.gradient)
        repaired = self._examination.with_answers(backward, fit, answers[:count], answers[count:])
        return not lost_in(repaired, "train")


def _name_without_value(diagnosis: Diagnosis) -> str:
    """Return the name or attribute that an exception is about; empty if it is not about one of its own."""
    if diagnosis.place is None or diagnosis.says is None:
        return ""
    values = diagnosis.says.values
    pattern = _QUOTED if values.get("type") in _NAME_ERRORS else _NO_ATTRIBUTE
    quoted = pattern.search(str(values.get("text", "")))
    name = str(values.get("name", "")) if quoted is None else quoted[1]
    if not name.isidentifier():
        return ""
    attribute = re.search(rf"\b\w+\.{name}\b", diagnosis.place.source)
    return name if attribute is None else attribute[0]


def _is_of_layer(diagnosis: Diagnosis) -> bool:
    return diagnosis.method.startswith("Layer")
