"""Write what a student reads in the autograded cells, and what a teacher would write beside the solution."""

from __future__ import annotations

import re
from dataclasses import dataclass

from grader.model import CriterionResult, Status, SubmissionResult, SubmissionStatus
from grader.nbgrader.cells import cell_name, solution_cell
from grader.report.markdown import code_span
from grader.report.words import FOR_TEMPLATES, STATUS_WORDS, brief, explained, lost_of
from grader.templating import template
from grader.text import printable

__all__ = ["CellFeedback", "comments", "feedback"]

_NO_MARKDOWN = re.compile(r"[^<>&*\[\]\\`$~|#]*")


@dataclass(frozen=True)
class CellFeedback:
    """What the cell of one criterion says."""

    share: float
    """The part of the cell's points that was earned, from 0 to 1."""
    text: str
    html: str
    """The same with markup; none of it is a student's own."""


def feedback(result: SubmissionResult) -> dict[str, CellFeedback]:
    """Return the feedback for each autograded cell, by its ``grade_id``.

    The first cell also has the message about the whole submission.
    """
    return {
        cell_name(criterion.id): _feedback(criterion, result.message if number == 0 else "")
        for number, criterion in enumerate(result.criteria)
    }


def comments(result: SubmissionResult) -> dict[str, str]:
    """Return a comment in Markdown for each solution cell, by its ``grade_id``: what failed, a line each.

    A cell in which nothing failed has no comment.
    """
    if result.status is SubmissionStatus.UNREADABLE:
        sentence = f"This cannot be examined: {_literally(result.message)}"
        return {solution_cell(criterion.id): sentence for criterion in result.criteria}
    lines: dict[str, list[str]] = {}
    for criterion in lost_of(result):
        if criterion.max_points > 0:
            said = _literally(brief(criterion) or criterion.title)
            line = f"- `{criterion.id}` ({STATUS_WORDS[criterion.status]}): {said}"
            lines.setdefault(solution_cell(criterion.id), []).append(line)
    return {cell: "\n".join(sentences) for cell, sentences in lines.items()}


def _feedback(criterion: CriterionResult, note: str) -> CellFeedback:
    passed = criterion.status is Status.PASSED
    symbol, outcome = ("✓", "") if passed else ("✗", f" ({STATUS_WORDS[criterion.status]})")
    heading = f"{symbol} {criterion.id}: {criterion.title}{outcome}"
    note = printable(note)
    html = template("nbgrader/feedback.html.jinja", **FOR_TEMPLATES).render(
        symbol=symbol, criterion=criterion, outcome=outcome, note=note
    )
    share = criterion.points / criterion.max_points if criterion.max_points else 0.0
    texts = (heading, note, printable(explained(criterion), keep="\n\t"))
    return CellFeedback(share, "\n".join(text for text in texts if text), html.strip())


def _literally(text: str) -> str:
    """Return ``text`` so that Markdown shows it as it is; a student may have written it."""
    shown = printable(text)
    if _NO_MARKDOWN.fullmatch(shown) and not re.search(r"\b_|_\b|://", shown):
        return shown
    return code_span(shown)
