"""Group the criteria that a submission lost by what was found, so that reports say it once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from grader.model import CriterionResult, Finding, Status
from grader.report.words import explained

__all__ = ["Explanation", "explanations"]


@dataclass(frozen=True)
class Explanation:
    """What was wrong, for all criteria that were lost in the same way."""

    criteria: tuple[CriterionResult, ...]

    @property
    def status(self) -> Status:
        """How all the criteria ended."""
        return self.criteria[0].status

    @property
    def finding(self) -> Finding | None:
        """What was found."""
        return self.criteria[0].finding


def explanations(criteria: Iterable[CriterionResult]) -> list[Explanation]:
    """Return what was wrong in the lost criteria that have points, once for all with the same words."""
    groups: dict[tuple[Status, str], list[CriterionResult]] = {}
    for criterion in criteria:
        if criterion.status is not Status.PASSED and criterion.max_points > 0:
            groups.setdefault((criterion.status, explained(criterion)), []).append(criterion)
    return [Explanation(tuple(group)) for group in groups.values()]
