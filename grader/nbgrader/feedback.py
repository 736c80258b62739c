"""Write what a student reads in the autograded cells, and what a teacher would write beside the solution."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from grader.disclosure import disclosed
from grader.languages import current_language, translated
from grader.model import CriterionResult, Diagnosis, Feedback, Status, SubmissionResult, SubmissionStatus
from grader.nbgrader.cells import cell_name, cell_of_method, solution_cell
from grader.report.markdown import code_span
from grader.report.mistakes import parts_of
from grader.report.words import (
    FOR_TEMPLATES,
    brief,
    cause_of,
    causes_of,
    diagnosis_text,
    explained,
    message_of,
    repeated_in,
    title_of,
    unexplained,
    word_of,
)
from grader.templating import template
from grader.text import printable

__all__ = ["METADATA", "CellFeedback", "Summary", "comments", "feedback", "summary"]

METADATA = "perceptron_kit"
"""Where an autograded notebook holds what its page of feedback says, among its metadata and those of our outputs."""

_NO_MARKDOWN = re.compile(r"[^<>&*\[\]\\`$~|#]*")


@dataclass(frozen=True)
class CellFeedback:
    """What the cell of one criterion says; nothing but the points if these are all that is told."""

    share: float
    """The part of the cell's points that was earned, from 0 to 1."""
    text: str = ""
    html: str = ""
    """The same with markup; none of it is a student's own."""
    parts: Mapping[str, str | bool] = field(default_factory=dict)
    """For the page of feedback: the criterion's ``id``, ``title``, ``status``, ``outcome``, and ``finding`` in HTML;
    whether the finding ``is_repeated``, since a mistake explains it that is shown elsewhere."""


@dataclass(frozen=True)
class Summary:
    """What the page of feedback says at its top, and where to look."""

    is_score_alone: bool
    note: str
    """Why there is a 0, or what was skipped; empty if neither."""
    mistakes: str
    """The diagnosed mistakes in HTML."""
    comments: Mapping[str, str]
    """The automatic comments, which the page need not repeat, by the ``grade_id`` of the solution cells."""
    language: str
    """The language of the page."""

    def metadata(self) -> dict[str, Any]:
        """Return the fields as values of JSON."""
        return asdict(self)


def feedback(result: SubmissionResult, level: Feedback) -> dict[str, CellFeedback]:
    """Return the feedback for each autograded cell, by its ``grade_id``, with no more than a ``level`` allows.

    The first cell also has the message about the whole submission. The first that a mistake explains has what is said
    about the mistake.
    """
    told = disclosed(result, level)
    causes, repeated = causes_of(told), repeated_in(told)
    cells = {cell_name(criterion.id): CellFeedback(_share(criterion)) for criterion in result.criteria}
    for number, criterion in enumerate(told.criteria):
        note = message_of(told) if number == 0 else ""
        said = _feedback(criterion, printable(note), causes.get(criterion.id, ()))
        parts = {**said.parts, "is_repeated": criterion.id in repeated}
        cells[cell_name(criterion.id)] = replace(said, parts=parts)
    return cells


def summary(result: SubmissionResult, level: Feedback) -> Summary:
    """Return what the page of feedback says at its top, with no more than a ``level`` allows."""
    told = disclosed(result, level)
    mistakes = template("nbgrader/mistakes.html.jinja", **FOR_TEMPLATES).render(diagnoses=told.diagnoses)
    return Summary(
        level is Feedback.SCORE,
        printable(message_of(told)),
        mistakes.strip(),
        comments(result, level),
        current_language(),
    )


def comments(result: SubmissionResult, level: Feedback) -> dict[str, str]:
    """Return a comment in Markdown for each solution cell, by its ``grade_id``: what is wrong, a line each.

    A cell in which nothing is wrong has no comment.
    """
    if result.status is SubmissionStatus.UNREADABLE:
        sentence = f"{translated('This cannot be examined:')} {_literally(message_of(result))}"
        return {solution_cell(criterion.id): sentence for criterion in result.criteria}
    told = disclosed(result, level)
    lines: dict[str, list[str]] = {}
    for diagnosis in told.diagnoses:
        lines.setdefault(cell_of_method(diagnosis.method), []).append(_comment(diagnosis))
    for criterion in unexplained(told):
        said = _literally(brief(criterion) or title_of(criterion))
        line = f"- `{criterion.id}` ({word_of(criterion.status)}): {said}"
        lines.setdefault(solution_cell(criterion.id), []).append(line)
    return {cell: "\n".join(sentences) for cell, sentences in lines.items()}


def _comment(diagnosis: Diagnosis) -> str:
    parts = parts_of(diagnosis)
    line = f"- {_literally(cause_of(diagnosis))}"
    if parts.seen and parts.due:
        yours, right = translated("Your code:"), translated("It should be:")
        line += f". {yours} {code_span(parts.seen)}. {right} {code_span(parts.due)}"
    return line


def _share(criterion: CriterionResult) -> float:
    return criterion.points / criterion.max_points if criterion.max_points else 0.0


def _feedback(criterion: CriterionResult, note: str, causes: Sequence[Diagnosis]) -> CellFeedback:
    passed = criterion.status is Status.PASSED
    symbol, outcome = ("✓", "") if passed else ("✗", f" ({word_of(criterion.status)})")
    heading = f"{symbol} {criterion.id}: {title_of(criterion)}{outcome}"
    html = template("nbgrader/feedback.html.jinja", **FOR_TEMPLATES).render(
        symbol=symbol, criterion=criterion, outcome=outcome, note=note, causes=causes
    )
    finding = template("nbgrader/finding.html.jinja", **FOR_TEMPLATES).render(criterion=criterion)
    said = (*map(diagnosis_text, causes), explained(criterion))
    texts = (heading, note, *(printable(text, keep="\n\t") for text in said))
    parts = {
        "id": criterion.id,
        "title": title_of(criterion),
        "status": str(criterion.status),
        "outcome": word_of(criterion.status),
        "finding": finding.strip(),
    }
    return CellFeedback(_share(criterion), "\n".join(text for text in texts if text), html.strip(), parts)


def _literally(text: str) -> str:
    """Return ``text`` so that Markdown shows it as it is; a student may have written it."""
    shown = printable(text)
    if _NO_MARKDOWN.fullmatch(shown) and not re.search(r"\b_|_\b|://", shown):
        return shown
    return code_span(shown)
