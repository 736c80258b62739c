"""The report as Markdown: a table of marks, and for each submission its criteria and what was wrong.

It is written for GitHub's dialect, and reads well in others. What submissions wrote stands in code spans and code
blocks alone, longer in their fences than any run of backticks within, so that none of it is markup, a link, a
mention or HTML (https://spec.commonmark.org/0.31.2/#code-spans and #fenced-code-blocks).
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from grader.model import Report, Status, SubmissionResult, SubmissionStatus
from grader.report.numbers import mark_of, points_of
from grader.report.words import STATUS_WORDS
from grader.text import printable

__all__ = ["render_markdown", "render_summary"]

_LARGEST_SUMMARY = 1000 * 1024
"""Bytes of a step summary; GitHub refuses more than 1 MiB of one step."""


def render_markdown(report: Report) -> str:
    """Return the table of marks and everything about each submission."""
    return _rendered(report, details=True)


def render_summary(report: Report) -> str:
    """Return what fits into the summary of a step in GitHub Actions: the details only where there is room."""
    whole = _rendered(report, details=True)
    return whole if len(whole.encode("utf-8")) <= _LARGEST_SUMMARY else _rendered(report, details=False)


def _rendered(report: Report, *, details: bool) -> str:
    counts = Counter(result.status for result in report.submissions)
    tally = ", ".join(f"{counts[status]} {status}" for status in SubmissionStatus if counts[status])
    template = _environment().get_template("report.md.jinja")
    return template.render(report=report, tally=tally, details=details).rstrip("\n") + "\n"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("grader.report"),
        autoescape=False,  # noqa: S701 - this is no HTML; `cell`, `code` and `block` make text harmless
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "cell": _cell,
        "code": _code,
        "block": _block,
        "mark_of": mark_of,
        "points_of": points_of,
        "lost": _lost,
        "word": STATUS_WORDS.__getitem__,
    }
    return environment


def _lost(result: SubmissionResult) -> list[str]:
    return [criterion.id for criterion in result.criteria if criterion.status is not Status.PASSED]


def _cell(text: str) -> str:
    """Return ``text`` as a code span in a cell of a table, which a bar would end even there."""
    return _code(text).replace("|", "\\|")


def _code(text: str) -> str:
    """Return ``text`` as a code span."""
    shown = printable(text) or " "
    fence = "`" * (_longest_run(shown) + 1)
    # The blanks keep backticks at the ends off the fence; a reader of Markdown takes one off each end.
    padding = " " if shown.startswith(("`", " ")) or shown.endswith(("`", " ")) else ""
    return f"{fence}{padding}{shown}{padding}{fence}"


def _block(text: str) -> str:
    """Return ``text`` as a code block."""
    shown = printable(text, keep="\n\t").rstrip("\n")
    fence = "`" * max(3, _longest_run(shown) + 1)
    return f"{fence}text\n{shown}\n{fence}"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)
