"""Compare two gradings of a class: whose score changed, by how much, and in which criteria."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from grader.model import CriterionResult, SubmissionResult, SubmissionStatus
from grader.report.terminal.charset import spelled
from grader.text import alphabetical, printable

__all__ = ["Change", "Comparison", "compare", "comparison_document", "render_comparison"]


@dataclass(frozen=True)
class Change:
    """A submission of both gradings whose score, status or criteria differ."""

    old: SubmissionResult
    new: SubmissionResult

    @property
    def difference(self) -> float | None:
        """The points gained, rounded to a thousandth; ``None`` if there was or is no score."""
        if self.old.score is None or self.new.score is None:
            return None
        return round(self.new.score - self.old.score, 3)

    @property
    def criteria(self) -> list[tuple[CriterionResult | None, CriterionResult | None]]:
        """The criteria with another status or other points, before and after; ``None`` for one that was not there."""
        old, new = ({c.id: c for c in result.criteria} for result in (self.old, self.new))
        pairs = [(old.get(id_), new.get(id_)) for id_ in {**new, **old}]
        return [(before, after) for before, after in pairs if _outcome(before) != _outcome(after)]


@dataclass(frozen=True)
class Comparison:
    """The submissions that differ, each group in alphabetical order."""

    changed: tuple[Change, ...]
    new: tuple[SubmissionResult, ...]
    gone: tuple[SubmissionResult, ...]
    unchanged: int

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        return not (self.changed or self.new or self.gone)


def compare(old: Iterable[SubmissionResult], new: Iterable[SubmissionResult]) -> Comparison:
    """Compare the results of two gradings by the ids of the submissions."""
    before, after = ({result.id: result for result in results} for results in (old, new))
    both = [Change(before[id_], after[id_]) for id_ in _ordered(before.keys() & after.keys())]
    changed = tuple(change for change in both if _differ(change))
    return Comparison(
        changed,
        tuple(after[id_] for id_ in _ordered(after.keys() - before.keys())),
        tuple(before[id_] for id_ in _ordered(before.keys() - after.keys())),
        len(both) - len(changed),
    )


def _ordered(ids: Iterable[str]) -> list[str]:
    return sorted(ids, key=alphabetical)


def render_comparison(comparison: Comparison, encoding: str) -> str:
    """Return a line for each submission that differs, with its criteria below it, and the counts at the end."""
    lines = [line for change in comparison.changed for line in _lines(change)]
    lines += [f"{_name(result)}  new: {_score(result)}" for result in comparison.new]
    lines += [f"{_name(result)}  gone; it had {_score(result)}" for result in comparison.gone]
    counts = (
        f"{len(comparison.changed)} changed, {comparison.unchanged} unchanged, "
        f"{len(comparison.new)} new, {len(comparison.gone)} gone"
    )
    return spelled("\n".join([*lines, *([""] if lines else []), counts, ""]), encoding)


def comparison_document(comparison: Comparison) -> dict[str, Any]:
    """Return the comparison as dictionaries, lists and plain values."""
    return {
        "changed": [
            {
                "id": change.new.id,
                "old": _ending(change.old),
                "new": _ending(change.new),
                "difference": change.difference,
                "criteria": [
                    {
                        "id": _either(before, after).id,
                        "old": None if before is None else _outcome_fields(before),
                        "new": None if after is None else _outcome_fields(after),
                    }
                    for before, after in change.criteria
                ],
            }
            for change in comparison.changed
        ],
        "new": [{"id": result.id, **_ending(result)} for result in comparison.new],
        "gone": [{"id": result.id, **_ending(result)} for result in comparison.gone],
        "unchanged": comparison.unchanged,
    }


def _differ(change: Change) -> bool:
    ends = [(result.status, result.score, result.max_score) for result in (change.old, change.new)]
    return ends[0] != ends[1] or bool(change.criteria)


def _outcome(criterion: CriterionResult | None) -> tuple[object, ...] | None:
    return None if criterion is None else (criterion.status, criterion.points, criterion.max_points)


def _lines(change: Change) -> Iterator[str]:
    gained = "" if change.difference is None else f"  ({_signed(change.difference)})"
    yield f"{_name(change.new)}  {_score(change.old)} → {_score(change.new)}{gained}"
    for before, after in change.criteria:
        points = (0.0 if after is None else after.points) - (0.0 if before is None else before.points)
        how = f"{_word(before)} → {_word(after)}"
        yield f"  {printable(_either(before, after).id)}: {how}  ({_signed(round(points, 3))})"


def _either(before: CriterionResult | None, after: CriterionResult | None) -> CriterionResult:
    criterion = after or before
    assert criterion is not None  # noqa: S101 - it is a criterion of at least one of the two
    return criterion


def _word(criterion: CriterionResult | None) -> str:
    return "not there" if criterion is None else str(criterion.status)


def _name(result: SubmissionResult) -> str:
    return printable(result.id)


def _score(result: SubmissionResult) -> str:
    if result.score is None:
        return "no score"
    note = " (unreadable)" if result.status is SubmissionStatus.UNREADABLE else ""
    return f"{result.score:g} / {result.max_score:g}{note}"


def _signed(points: float) -> str:
    return f"{'+' if points > 0 else '−' if points < 0 else '±'}{abs(points):g}"


def _ending(result: SubmissionResult) -> dict[str, Any]:
    return {"status": str(result.status), "score": result.score, "max_score": result.max_score}


def _outcome_fields(criterion: CriterionResult) -> dict[str, Any]:
    return {
        "status": str(criterion.status),
        "points": criterion.points,
        "max_points": criterion.max_points,
    }
