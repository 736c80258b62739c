"""Put a report into one HTML file: a page about the class or, for one submission, the page that its student gets."""

from __future__ import annotations

from grader.disclosure import disclosed
from grader.model import Report
from grader.report import page
from grader.report.formats import Options
from grader.report.page.anonymous import anonymised
from grader.report.student import render_student

__all__ = ["render_html"]


def render_html(report: Report, options: Options) -> str:
    """Return the page in ASCII characters alone, without names if ``options`` say so."""
    if len(report.submissions) != 1:
        return page.render_html(report, options)
    if options.is_anonymous:
        report = anonymised(report)
    return render_student(disclosed(report.submissions[0], report.feedback), report)
