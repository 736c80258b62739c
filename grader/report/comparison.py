"""Compare two gradings of a class: whose score changed, by how much, and in which criteria."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from grader.model import CriterionResult, SubmissionResult, SubmissionStatus
from grader.report.terminal.charset import spelled
from grader.report.words import score_of
from grader.text import alphabetical, printable

__all__ = ["Change", "Comparison", "compare", "comparison_document", "render_comparison"]

_Fields = dict[str, Any]


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
    def criteria(self) -> list[tuple[str, _Fields, _Fields]]:
        """The ids of the criteria with another status or other points, and these before and after.

        They are empty for a criterion that was not there.
        """
        old, new = ({c.id: _outcome(c) for c in result.criteria} for result in (self.old, self.new))
        return [
            (id_, old.get(id_, {}), new.get(id_, {}))
            for id_ in {**new, **old}
            if old.get(id_) != new.get(id_)
        ]


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
    changed = tuple(one for one in both if _ending(one.old) != _ending(one.new) or one.criteria)
    return Comparison(
        changed,
        tuple(after[id_] for id_ in _ordered(after.keys() - before.keys())),
        tuple(before[id_] for id_ in _ordered(before.keys() - after.keys())),
        len(both) - len(changed),
    )


def render_comparison(comparison: Comparison, encoding: str) -> str:
    """Return a line for each submission that differs, with its criteria below it, and the counts at the end."""
    lines = [line for change in comparison.changed for line in _lines(change)]
    lines += [f"{printable(result.id)}  new: {_score(result)}" for result in comparison.new]
    lines += [f"{printable(result.id)}  gone; it had {_score(result)}" for result in comparison.gone]
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
                    {"id": id_, "old": before or None, "new": after or None}
                    for id_, before, after in change.criteria
                ],
            }
            for change in comparison.changed
        ],
        "new": [{"id": result.id, **_ending(result)} for result in comparison.new],
        "gone": [{"id": result.id, **_ending(result)} for result in comparison.gone],
        "unchanged": comparison.unchanged,
    }


def _ordered(ids: Iterable[str]) -> list[str]:
    return sorted(ids, key=alphabetical)


def _lines(change: Change) -> Iterator[str]:
    gained = "" if change.difference is None else f"  ({_signed(change.difference)})"
    yield f"{printable(change.new.id)}  {_score(change.old)} → {_score(change.new)}{gained}"
    for id_, before, after in change.criteria:
        statuses = " → ".join(fields.get("status", "not there") for fields in (before, after))
        points = after.get("points", 0) - before.get("points", 0)
        yield f"  {printable(id_)}: {statuses}  ({_signed(round(points, 3))})"


def _score(result: SubmissionResult) -> str:
    return score_of(result) + (" (unreadable)" if result.status is SubmissionStatus.UNREADABLE else "")


def _signed(points: float) -> str:
    return f"{'+' if points > 0 else '−' if points < 0 else '±'}{abs(points):g}"


def _ending(result: SubmissionResult) -> _Fields:
    return {"status": str(result.status), "score": result.score, "max_score": result.max_score}


def _outcome(criterion: CriterionResult) -> _Fields:
    return {
        "status": str(criterion.status),
        "points": criterion.points,
        "max_points": criterion.max_points,
    }
