"""The forms in which results leave ``grade``, by the names that ``--format`` takes.

A line for each; what renders it is imported when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from grader.model import Report

__all__ = ["FORMATS", "Format", "Notice", "Options", "Takes", "Template"]

Notice = Callable[[str], None]
"""Told, in one line without a line end, what the person who grades should know."""


class Takes(Enum):
    """What the function that renders a format is called with."""

    REPORT = "the report"
    SUBMISSION = "the result of the one submission"
    TEMPLATE = "the report, and `Options` with a template"
    ANONYMITY = "the report, and whether names are left out"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Template:
    """A file of a learning platform that is to be filled with marks."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Options:
    """What a format may need besides the report."""

    template: Template | None = None
    column: str | None = None
    """The title or number of the assignment to fill, where a template has several."""
    notice: Notice = lambda _line: None
    is_anonymous: bool = False


@dataclass(frozen=True)
class Format:
    """A form of results: what it is for, and what renders it as text."""

    summary: str
    renderer: str
    """The module and, after a colon, the function."""
    takes: Takes = Takes.REPORT

    def render(self, report: Report, options: Options) -> str:
        """Return the whole text, to be written as UTF-8.

        Raises ``UsageError`` where a template does not fit the format.
        """
        module, _, name = self.renderer.partition(":")
        function = cast("Callable[..., str]", getattr(import_module(module), name))
        match self.takes:
            case Takes.REPORT:
                return function(report)
            case Takes.SUBMISSION:
                (result,) = report.submissions
                return function(result)
            case Takes.TEMPLATE:
                return function(report, options)
            case Takes.ANONYMITY:
                return function(report, options.is_anonymous)
            case Takes.NOTHING:
                return function()


FORMATS: Mapping[str, Format] = {
    "json": Format("one document with everything", "grader.report.document:render_json"),
    "jsonl": Format("a line of JSON for each submission", "grader.report.json_lines:render_json_lines"),
    "html": Format(
        "a page about the whole class, to open in a browser",
        "grader.report.page:render_html",
        Takes.ANONYMITY,
    ),
    "csv": Format("a row for each submission, for spreadsheets", "grader.report.csv_table:render_csv"),
    "markdown": Format("a page for wikis, issues and chats", "grader.report.markdown:render_markdown"),
    "junit": Format("JUnit XML, for CI servers", "grader.report.junit:render_junit"),
    "canvas": Format(
        "the Canvas gradebook of --template, filled", "grader.report.canvas:render_canvas", Takes.TEMPLATE
    ),
    "moodle": Format(
        "the Moodle grading worksheet of --template, filled",
        "grader.report.moodle:render_moodle",
        Takes.TEMPLATE,
    ),
    "gradescope": Format(
        "results.json of one submission", "grader.report.gradescope:render_gradescope", Takes.SUBMISSION
    ),
    "classroom": Format(
        "the result of one submission for GitHub Classroom",
        "grader.report.github:render_classroom",
        Takes.SUBMISSION,
    ),
    "actions": Format("annotations and a summary in GitHub Actions", "grader.report.github:render_actions"),
    "schema": Format(
        "the JSON Schema of json; needs no PATH", "grader.report.schema:render_schema", Takes.NOTHING
    ),
}
"""All formats but ``terminal``, which is written while the examination runs."""
