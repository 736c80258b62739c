"""Put a report into one HTML file, which holds all it needs.

Every text goes through `printable` and Jinja's escaping; the only markup is that of the templates. Should that ever
fail, the page's own policy (Content-Security-Policy) lets nothing run or load but the style and the script that it
names by their digests.
"""

from __future__ import annotations

import base64
from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from markupsafe import Markup

from grader.model import CriterionResult, Report, Status, SubmissionResult, SubmissionStatus
from grader.report.formats import Options
from grader.report.page.agreement import agreements_of
from grader.report.page.anonymous import anonymised
from grader.report.page.histogram import Histogram
from grader.report.page.items import items_of
from grader.report.page.scores import scores_of
from grader.report.words import FOR_TEMPLATES, STATUS_WORDS, first_lines, lost_of, status_of
from grader.templating import template

__all__ = ["render_html"]

_TEMPLATES = Path(__file__).with_name("templates")
_OUTPUT_LINES = 40


@dataclass(frozen=True)
class _Row:
    """A submission as the page shows it."""

    anchor: str
    result: SubmissionResult
    criteria: tuple[CriterionResult, ...]
    """Those that have points."""

    @property
    def lost(self) -> list[CriterionResult]:
        return [criterion for criterion in lost_of(self.result) if criterion.max_points > 0]

    @property
    def output(self) -> list[str]:
        return first_lines(self.result.output, _OUTPUT_LINES)


def render_html(report: Report, options: Options) -> str:
    """Return the report as an HTML page in ASCII characters alone, without names if ``options`` say so."""
    if options.is_anonymous:
        report = anonymised(report)
    scores = scores_of(report)
    style, script = ((_TEMPLATES / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    page = template(
        "report/page/templates/page.html",
        **FOR_TEMPLATES,
        number=_number,
        signed=_signed,
        share=_share,
        odds=_odds,
    ).render(
        report=report,
        anonymous=options.is_anonymous,
        policy=f"default-src 'none'; style-src {_source(style)}; script-src {_source(script)}; "
        "base-uri 'none'; form-action 'none'",
        style=Markup(style),  # noqa: S704 - the kit's own file
        script=Markup(script),  # noqa: S704 - the kit's own file
        rows=[
            _Row(f"s{number}", result, tuple(c for c in result.criteria if c.max_points > 0))
            for number, result in enumerate(report.submissions, 1)
        ],
        statuses=Counter(status_of(result) for result in report.submissions),
        scores=scores,
        histogram=Histogram(scores),
        items=items_of(report),
        agreements=agreements_of(report.submissions),
        isolations=Counter(", ".join(result.isolation) for result in report.submissions if result.isolation),
        Status=Status,
        SubmissionStatus=SubmissionStatus,
        words=STATUS_WORDS,
    )
    return page.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _source(text: str) -> str:
    digest = base64.b64encode(sha256(text.encode("utf-8")).digest()).decode("ascii")
    return f"'sha256-{digest}'"


def _number(value: float, decimals: int = 3) -> str:
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _signed(value: float) -> str:
    """Return a correlation with two decimals."""
    text = f"{value:.2f}"
    return "0.00" if text == "-0.00" else text.replace("-", "−")


def _share(value: float) -> str:
    """Return a proportion in whole per cent; only nobody is 0 %, and only everybody is 100 %."""
    percent = round(100 * value)
    return f"{min(max(percent, 1), 99) if 0 < value < 1 else percent} %"


def _odds(chance: float) -> str:
    """Return a small probability as ``1 in 1,200``, with two leading digits."""
    number = round(1 / chance)
    digits = max(len(str(number)) - 2, 0)
    return f"1 in {round(number, -digits):,}"
