"""Put the list of a class's pages into one HTML file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from grader.languages import speaking
from grader.model import Report
from grader.report.student.page import policy_of, style
from grader.report.words import FOR_TEMPLATES
from grader.templating import template

__all__ = ["IndexRow", "render_index"]


@dataclass(frozen=True)
class IndexRow:
    """A submission, as far as the index shows it."""

    id: str
    score: str
    status: str
    file: str
    """The name of its page; empty if there is none."""


def render_index(rows: Sequence[IndexRow], archives: Mapping[str, tuple[int, str]], report: Report) -> str:
    """Return the index in ASCII characters alone; of ``report``, only its kit and seed are shown.

    ``archives``: how many pages each has, and where it is uploaded, by its file name.
    """
    with speaking(report.language):
        page = template("report/student/templates/index.html", **FOR_TEMPLATES).render(
            rows=rows,
            archives=archives,
            report=report,
            policy=policy_of(style()),
            style=Markup(style()),  # noqa: S704 - the kit's own files
        )
    return page.encode("ascii", "xmlcharrefreplace").decode("ascii")
