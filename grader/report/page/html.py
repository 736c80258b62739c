"""Put a report into one HTML file, which holds all it needs.

Every text goes through `printable` and Jinja's escaping; the only markup is that of the templates. Should that ever
fail, the page's own policy (Content-Security-Policy) lets nothing run or load but the style and the script that it
names by their digests.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from markupsafe import Markup

from grader.languages import translated
from grader.model import CriterionResult, Report, Status, SubmissionResult, SubmissionStatus
from grader.report.formats import Options
from grader.report.page.agreement import agreements_of
from grader.report.page.anonymous import anonymised
from grader.report.page.causes import causes_in
from grader.report.page.histogram import Histogram
from grader.report.page.items import items_of
from grader.report.page.scores import scores_of
from grader.report.words import FOR_TEMPLATES, first_lines, lost_of, status_of
from grader.templating import template

__all__ = ["STYLE", "render_html"]

_TEMPLATES = Path(__file__).with_name("templates")
_OUTPUT_LINES = 40
_LARGE = 1000
"""With more submissions, rows are laid out when they are in sight; until then, a screen reader may not list them."""
STYLE = (_TEMPLATES / "page.css").read_text(encoding="utf-8")
"""The style sheet of all our pages."""


@dataclass(frozen=True)
class _Row:
    """A submission as the page shows it."""

    anchor: str
    result: SubmissionResult
    criteria: tuple[CriterionResult, ...]
    """Those that have points."""
    link: str = ""
    """The address of the student's own page, if it lies beside this one."""

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
    # The files are named after the students.
    links = {} if options.is_anonymous else options.links
    scores = scores_of(report)
    script = (_TEMPLATES / "page.js").read_text(encoding="utf-8")
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
        policy=f"default-src 'none'; style-src {_source(STYLE)}; script-src {_source(script)}; "
        "base-uri 'none'; form-action 'none'",
        style=Markup(STYLE),  # noqa: S704 - the kit's own file
        script=Markup(script),  # noqa: S704 - the kit's own file
        rows=[
            _Row(
                f"s{number}",
                result,
                tuple(criterion for criterion in result.criteria if criterion.max_points > 0),
                quote(links.get(result.id, "")),
            )
            for number, result in enumerate(report.submissions, 1)
        ],
        is_large=len(report.submissions) > _LARGE,
        statuses=Counter(status_of(result) for result in report.submissions),
        scores=scores,
        histogram=Histogram(scores),
        items=items_of(report),
        parts=_parts(report),
        causes=causes_in(report.submissions),
        agreements=agreements_of(report.submissions),
        isolations=Counter(", ".join(result.isolation) for result in report.submissions if result.isolation),
        Status=Status,
        SubmissionStatus=SubmissionStatus,
    )
    return page.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _parts(report: Report) -> Mapping[str, int]:
    """Return the parts of the exam, ``backward`` and so on, and how many criteria with points each has."""
    most = max((result.criteria for result in report.submissions), key=len, default=())
    return Counter(criterion.id.partition(".")[0] for criterion in most if criterion.max_points > 0)


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
    return translated("1 in {number}").format(number=f"{round(number, -digits):,}")
