"""Puts a report into one HTML file, which holds all it needs.

Every text goes through `printable` and Jinja's escaping; the only markup is that of the templates. Should that fail
some day, the page's own policy (Content-Security-Policy) still lets nothing run and nothing load but the style and the
script that are named there by their digests.
"""

from __future__ import annotations

import base64
from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from grader.model import CriterionResult, Report, Status, SubmissionResult, SubmissionStatus
from grader.report.page.agreement import agreements_of
from grader.report.page.anonymous import anonymised
from grader.report.page.histogram import Histogram
from grader.report.page.items import items_of
from grader.report.page.marks import marks_of
from grader.report.page.messages import Explanation, Message, explanations, message_of
from grader.report.words import STATUS_WORDS
from grader.text import printable

__all__ = ["render_html"]

_TEMPLATES = Path(__file__).with_name("templates")
_OUTPUT_LINES, _OUTPUT_COLUMNS = 40, 400


@dataclass(frozen=True)
class _Row:
    """A submission as the page shows it."""

    anchor: str
    result: SubmissionResult
    criteria: tuple[CriterionResult, ...]
    """Those that have points."""

    @property
    def lost(self) -> list[CriterionResult]:
        return [criterion for criterion in self.criteria if criterion.status is not Status.PASSED]

    @property
    def explanations(self) -> list[Explanation]:
        return explanations(self.criteria)

    @property
    def message(self) -> Message:
        return message_of(self.result.message)

    @property
    def output(self) -> list[str]:
        """The first lines of what it printed; none if that is blank."""
        lines = self.result.output.rstrip("\n").split("\n") if self.result.output.strip() else []
        shown = [
            line if len(line) <= _OUTPUT_COLUMNS else f"{line[:_OUTPUT_COLUMNS]} [cut]"
            for line in lines[:_OUTPUT_LINES]
        ]
        more = len(lines) - len(shown)
        return [*shown, f"[and {_count(more, 'line')} more]"] if more else shown


def render_html(report: Report, anonymous: bool = False) -> str:
    """Return the report as an HTML page in ASCII characters alone; ``anonymous``, without the names of submissions."""
    if anonymous:
        report = anonymised(report)
    marks = marks_of(report)
    style, script = ((_TEMPLATES / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    page = (
        _environment()
        .get_template("page.html")
        .render(
            report=report,
            anonymous=anonymous,
            policy=f"default-src 'none'; style-src {_source(style)}; script-src {_source(script)}; "
            "base-uri 'none'; form-action 'none'",
            style=Markup(style),  # noqa: S704 - the kit's own file
            script=Markup(script),  # noqa: S704 - the kit's own file
            rows=[
                _Row(f"s{number}", result, tuple(c for c in result.criteria if c.max_points > 0))
                for number, result in enumerate(report.submissions, 1)
            ],
            statuses=Counter(str(result.status) for result in report.submissions),
            marks=marks,
            histogram=Histogram(marks),
            items=items_of(report),
            agreements=agreements_of(report.submissions),
            isolations=Counter(
                ", ".join(result.isolation) for result in report.submissions if result.isolation
            ),
        )
    )
    return page.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(count=_count, number=_number, signed=_signed, share=_share, odds=_odds)
    environment.globals.update(Status=Status, SubmissionStatus=SubmissionStatus, words=STATUS_WORDS)
    return environment


def _harmless(value: Any) -> Any:
    """Return what an expression of a template gives with no character in it that acts."""
    return (
        printable(value, keep="\n\t") if isinstance(value, str) and not isinstance(value, Markup) else value
    )


def _source(text: str) -> str:
    digest = base64.b64encode(sha256(text.encode("utf-8")).digest()).decode("ascii")
    return f"'sha256-{digest}'"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _number(value: float, decimals: int = 3) -> str:
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _signed(value: float) -> str:
    """Return a correlation with two decimals."""
    text = f"{value:.2f}"
    return "0.00" if text == "-0.00" else text.replace("-", "−")


def _share(value: float) -> str:
    """Return a proportion in whole per cent; 0 and 100 are kept for nobody and everybody."""
    percent = round(100 * value)
    return f"{min(max(percent, 1), 99) if 0 < value < 1 else percent} %"


def _odds(chance: float) -> str:
    """Return a small probability as one in so many, with two leading digits."""
    number = round(1 / chance)
    digits = max(len(str(number)) - 2, 0)
    return f"1 in {round(number, -digits):,}"
