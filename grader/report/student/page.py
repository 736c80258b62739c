"""Put one student's result into one HTML file, which holds all it needs.

The page shows what the result has, and nothing else: how much that is was decided before. Every text goes through
`printable` and Jinja's escaping; the only markup is that of the templates and of `mathml`. Should that ever fail, the
page's own policy (Content-Security-Policy) lets nothing run or load but the style that it names by its digest.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from markupsafe import Markup, escape

from grader.formulas import formula_text
from grader.languages import counted, speaking, translated
from grader.messages import FORMULAS, number_text
from grader.model import (
    CriterionResult,
    Diagnosis,
    Finding,
    Message,
    Report,
    Status,
    SubmissionResult,
    SubmissionStatus,
)
from grader.report.mistakes import Parts, parts_of_all
from grader.report.student.drawing import Boundary, LossCurves
from grader.report.student.mathml import calculation, equation, statements
from grader.report.words import (
    FOR_TEMPLATES,
    first_lines,
    following,
    lost_alike,
    lost_of,
    points_text,
)
from grader.report.worked_example import worked_example
from grader.templating import template
from grader.text import printable

__all__ = ["policy_of", "render_student", "style"]

_HERE = Path(__file__).parent
_STYLES = (_HERE.parent / "page" / "templates" / "page.css", _HERE / "templates" / "student.css")
_OUTPUT_LINES = 40
_CODE = re.compile(r"(`[^`]*`|(?<![\w{])(?:self\.\w+|\w+_\w+|da|dz)(?!\w))")
"""What is set as code in a text: names of the task, and what stands between backticks."""
_NAMES = frozenset({"backward", "da", "dz", "fit", "forward", "self"})
"""Names with which a title may begin."""


@dataclass(frozen=True)
class _Lost:
    """Criteria that were lost for one reason."""

    criteria: Sequence[CriterionResult]
    finding: Finding | None

    @property
    def status(self) -> Status:
        return self.criteria[0].status


@dataclass(frozen=True)
class _Mistake:
    """A diagnosis, and what was lost by it."""

    diagnosis: Diagnosis
    parts: Parts
    lost: Sequence[_Lost]


def render_student(result: SubmissionResult, report: Report) -> str:
    """Return the page of one student in ASCII characters alone; of ``report``, only its kit and seed are shown."""
    with speaking(report.language):
        return _page(result, report)


def _page(result: SubmissionResult, report: Report) -> str:
    lost = [criterion for criterion in lost_of(result) if criterion.max_points > 0]
    mistakes = list(_mistakes(result.diagnoses, lost))
    told = {one.id for mistake in mistakes for part in mistake.lost for one in part.criteria}
    follows = following(result) - told
    page = template(
        "report/student/templates/student.html",
        **FOR_TEMPLATES,
        number=points_text,
        statements=statements,
        equation=equation,
        calculation=calculation,
        worked_example=worked_example,
        coded=_coded,
        said=_said,
        sentence_case=_sentence_case,
    ).render(
        result=result,
        report=report,
        policy=policy_of(style()),
        style=Markup(style()),  # noqa: S704 - the kit's own files
        criteria=[criterion for criterion in result.criteria if criterion.max_points > 0],
        lost=lost,
        mistakes=mistakes,
        others=_grouped([one for one in lost if one.id not in told | follows and one.finding is not None]),
        follows=_grouped([one for one in lost if one.id in follows]),
        verdict=_verdict(result, lost, mistakes),
        curves=result.picture and LossCurves(result.picture),
        boundary=result.picture and Boundary(result.picture),
        output=first_lines(result.output, _OUTPUT_LINES),
        Status=Status,
        SubmissionStatus=SubmissionStatus,
    )
    return page.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _mistakes(diagnoses: Sequence[Diagnosis], lost: Sequence[CriterionResult]) -> Iterator[_Mistake]:
    """Yield the diagnoses, each with the criteria that it explains and no diagnosis before it does."""
    told: set[str] = set()
    for diagnosis, parts in zip(diagnoses, parts_of_all(diagnoses), strict=True):
        own = [one for one in lost if one.id in diagnosis.criteria and one.id not in told]
        told |= {one.id for one in own}
        yield _Mistake(diagnosis, parts, [] if diagnosis.id == "not-written" else _grouped(own))


def _grouped(lost: Sequence[CriterionResult]) -> list[_Lost]:
    return [_Lost(group, group[0].finding) for group in lost_alike(lost)]


def _verdict(result: SubmissionResult, lost: Sequence[CriterionResult], mistakes: Sequence[_Mistake]) -> str:
    """Return what came of it in a sentence or two; nothing if the criteria are not told."""
    if not result.criteria or result.status is not SubmissionStatus.GRADED:
        return ""
    number = len([criterion for criterion in result.criteria if criterion.max_points > 0])
    if not lost:
        return translated("Everything that was checked is right.")
    earned = counted(
        "{earned} of {number} criterion earned.",
        "{earned} of {number} criteria earned.",
        number,
        earned=number - len(lost),
    )
    known = [mistake for mistake in mistakes if mistake.diagnosis.cases]
    explained = {one.id for mistake in known for part in mistake.lost for one in part.criteria}
    explained |= following(result)
    if not known:
        return earned
    if all(one.id in explained for one in lost):
        cause = counted("One mistake explains the rest.", "{number} mistakes explain the rest.", len(known))
    else:
        cause = counted(
            "One mistake explains {explained} of the {lost} others.",
            "{number} mistakes explain {explained} of the {lost} others.",
            len(known),
            explained=len(explained),
            lost=len(lost),
        )
    return f"{earned} {cause}"


def _coded(text: str) -> Markup:
    """Return a text with names as code, as well as what stands between backticks."""
    parts = enumerate(_CODE.split(printable(text, keep="\n")))
    return Markup().join(
        Markup("<code>{}</code>").format(part.strip("`")) if i % 2 else escape(part) for i, part in parts
    )


def _said(message: Message) -> Markup:
    """Return a sentence with its values as code, unless they are words."""
    return _coded(translated(message.id)).format_map(
        {name: _value(name, value) for name, value in message.values.items()}
    )


def _value(name: str, value: str | float | Message) -> Markup:
    if isinstance(value, Message):
        return _said(value)
    text = number_text(value) if isinstance(value, float) else str(value)
    if name in FORMULAS:
        text = formula_text(text)
    return Markup("<code>{}</code>").format(printable(text))


def _sentence_case(title: str) -> str:
    """Return a title with a capital letter, unless it begins with a name or a symbol of the task."""
    first = title.partition(" ")[0]
    # A single letter that is not in the alphabet of English words, such as ŷ, is a symbol.
    is_word = first.isalpha() and (first.isascii() or len(first) > 1) and first not in _NAMES
    return title[:1].upper() + title[1:] if is_word else title


@cache
def style() -> str:
    """Return the style sheet of the students' pages: that of the class page, and what they have besides."""
    return "".join(path.read_text(encoding="utf-8") for path in _STYLES)


def policy_of(style: str) -> str:
    """Return the policy that lets nothing run or load but ``style``."""
    digest = base64.b64encode(sha256(style.encode("utf-8")).digest()).decode("ascii")
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
