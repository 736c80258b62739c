"""What a student reads in the autograded cells, and what a marker would write beside the solution."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from grader.model import CriterionResult, Status, SubmissionResult, SubmissionStatus
from grader.nbgrader.cells import cell_name, solution_cell
from grader.report.words import STATUS_WORDS
from grader.text import printable

if TYPE_CHECKING:
    from jinja2 import Template

__all__ = ["CellFeedback", "comments", "feedback"]

_NO_MARKDOWN = re.compile(r"[^<>&*\[\]\\`$~|#]*")


@dataclass(frozen=True)
class CellFeedback:
    """What there is to say in the cell of one criterion."""

    share: float
    """The part of the cell's points that was earned, from 0 to 1."""
    text: str
    html: str
    """The same with markup; nothing in it is a student's own markup."""


def feedback(result: SubmissionResult) -> dict[str, CellFeedback]:
    """Return what there is to say in each autograded cell, by its ``grade_id``.

    What concerns the whole submission stands in the first.
    """
    said = {}
    for number, criterion in enumerate(result.criteria):
        notes = [printable(result.message)] if number == 0 and result.message else []
        said[cell_name(criterion.id)] = _feedback(criterion, notes)
    return said


def comments(result: SubmissionResult) -> dict[str, str]:
    """Return a comment in Markdown for each solution cell, by its ``grade_id``: what failed, a line each.

    There is none for a cell in which nothing failed.
    """
    if result.status is SubmissionStatus.UNREADABLE:
        sentence = f"This cannot be examined: {_literally(result.message)}"
        return {solution_cell(criterion.id): sentence for criterion in result.criteria}
    lines: dict[str, list[str]] = {}
    for criterion in result.criteria:
        if criterion.status is not Status.PASSED and criterion.max_points > 0:
            lines.setdefault(solution_cell(criterion.id), []).append(_sentence(criterion))
    return {cell: "\n".join(sentences) for cell, sentences in lines.items()}


def _feedback(criterion: CriterionResult, notes: list[str]) -> CellFeedback:
    passed = criterion.status is Status.PASSED
    symbol, outcome = ("✓", "") if passed else ("✗", STATUS_WORDS[criterion.status])
    first, _, details = printable(criterion.message, keep="\n\t").partition("\n")
    said = [*notes, *([first] if first else [])]
    heading = f"{symbol} {criterion.id}: {criterion.title}" + (f" ({outcome})" if outcome else "")
    html = _template().render(
        symbol=symbol, criterion=criterion, outcome=outcome, notes=said, details=details
    )
    share = criterion.points / criterion.max_points if criterion.max_points else 0.0
    return CellFeedback(share, "\n".join(_filled(heading, *said, details)), html)


def _filled(*texts: str) -> Iterator[str]:
    yield from (text for text in texts if text)


def _sentence(criterion: CriterionResult) -> str:
    first = criterion.message.partition("\n")[0]
    return f"- `{criterion.id}` ({STATUS_WORDS[criterion.status]}): {_literally(first or criterion.title)}"


def _literally(text: str) -> str:
    """Return ``text`` so that Markdown shows it as it is; a student may have written it."""
    shown = printable(text)
    if _NO_MARKDOWN.fullmatch(shown) and not re.search(r"\b_|_\b|://", shown):
        return shown
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {shown} {fence}"


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - slow to import

    loader = PackageLoader("grader.nbgrader", ".")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("feedback.html.j2")
