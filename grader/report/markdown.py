"""The report as Markdown: a table of scores, and for each submission its criteria and what was wrong.

It is written for GitHub's dialect, and reads well in others. What submissions wrote stands only in code spans and code
blocks, whose fences are longer than any run of backticks within. So none of it is markup, a link, a mention or HTML
(https://spec.commonmark.org/0.31.2/#code-spans and #fenced-code-blocks).
"""

from __future__ import annotations

import re

from grader.model import Report
from grader.report.formats import Options
from grader.report.words import FOR_TEMPLATES
from grader.templating import template
from grader.text import printable

__all__ = ["code_span", "render_markdown", "render_summary"]

_LARGEST_SUMMARY = 1000 * 1024
"""Bytes of a step summary; GitHub refuses more than 1 MiB of one step."""


def render_markdown(report: Report, _options: Options) -> str:
    """Return the table of scores and everything about each submission."""
    return _rendered(report, details=True)


def render_summary(report: Report) -> str:
    """Return the summary of a step in GitHub Actions, without the details if they do not fit."""
    whole = _rendered(report, details=True)
    return whole if len(whole.encode("utf-8")) <= _LARGEST_SUMMARY else _rendered(report, details=False)


def _rendered(report: Report, *, details: bool) -> str:
    filled = template(
        "report/report.md.jinja", cell=_cell, code=code_span, block=_block, **FOR_TEMPLATES
    ).render(report=report, details=details)
    return filled.rstrip("\n") + "\n"


def _cell(text: str) -> str:
    """Return ``text`` as a code span in a cell of a table; a bar would end the cell even there."""
    return code_span(text).replace("|", "\\|")


def code_span(text: str) -> str:
    """Return ``text`` as a code span, which shows it as it is, whoever wrote it."""
    shown = printable(text) or " "
    fence = "`" * (_longest_run(shown) + 1)
    # The blanks keep backticks at the ends off the fence; a reader of Markdown takes one off each end.
    padding = " " if shown.startswith(("`", " ")) or shown.endswith(("`", " ")) else ""
    return f"{fence}{padding}{shown}{padding}{fence}"


def _block(text: str) -> str:
    shown = printable(text, keep="\n\t").rstrip("\n")
    fence = "`" * max(3, _longest_run(shown) + 1)
    return f"{fence}text\n{shown}\n{fence}"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)
