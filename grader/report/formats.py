"""The forms in which results leave ``grade``, by the names that ``--format`` takes.

A line for each; the module that renders it is imported when the format is used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from grader.disclosure import disclosed, for_instructors
from grader.languages import speaking

if TYPE_CHECKING:
    from grader.model import Report

__all__ = ["FORMATS", "Format", "Notice", "Options", "Renderer", "Template"]

Notice = Callable[[str], None]
"""Told, in one line without a line end, what the person who grades should know."""


class Template(Struct, frozen=True):
    """A file of a learning platform that is to be filled with scores."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Options:
    """What a format may need besides the report."""

    template: Template | None = None
    column: str | None = None
    """The title or number of the assignment to fill, if the template has several."""
    notice: Notice = lambda _line: None
    is_anonymous: bool = False
    links: Mapping[str, str] = field(default_factory=dict)
    """The file of each student's page, relative to the report, by the submission's id."""


class Renderer(Protocol):
    """What every format is: a function from results to text."""

    def __call__(self, report: Report, options: Options, /) -> str:
        """Return the whole text, to be written as UTF-8.

        Raises ``UsageError`` if a template does not fit the format.
        """


class Format(Struct, frozen=True):
    """A form of results: what it is for, and where its renderer is."""

    name: str
    module: str
    """The module in ``grader.report`` whose function ``render_<name>`` is the `Renderer`."""
    summary: str
    takes_template: bool = False
    is_for_one: bool = False
    """Whether it shows exactly one submission."""
    needs_results: bool = True
    is_for_instructors: bool = False
    """Whether it is a table that no student reads: it has the points of each criterion, however little is told."""

    def render(self, report: Report, options: Options) -> str:
        """Import the renderer, and call it with what its readers may be told, in the report's language."""
        told = for_instructors if self.is_for_instructors else disclosed
        report = replace(report, submissions=tuple(told(one, report.feedback) for one in report.submissions))
        module = import_module(f"grader.report.{self.module}")
        renderer: Renderer = getattr(module, f"render_{self.name}")
        with speaking(report.language):
            return renderer(report, options)


_FORMATS = (
    Format("json", "document", "one document with everything", is_for_instructors=True),
    Format("jsonl", "document", "a line of JSON for each submission", is_for_instructors=True),
    Format(
        "html",
        "html",
        "a page for a browser: about the class, or for one submission, its student's",
        is_for_instructors=True,
    ),
    Format("csv", "csv_table", "a row for each submission, for spreadsheets", is_for_instructors=True),
    Format("markdown", "markdown", "a page for wikis, issues and chats"),
    Format("junit", "ci.junit", "JUnit XML, for CI servers"),
    Format("canvas", "lms.canvas", "the Canvas gradebook of --template, filled", takes_template=True),
    Format("moodle", "lms.moodle", "the Moodle grading worksheet of --template, filled", takes_template=True),
    Format("gradescope", "lms.gradescope_results", "results.json of one submission", is_for_one=True),
    Format("classroom", "ci.github", "the result of one submission for GitHub Classroom", is_for_one=True),
    Format("actions", "ci.github", "annotations and a summary in GitHub Actions"),
    Format("schema", "document", "the JSON Schema of json; needs no PATH", needs_results=False),
)

FORMATS: Mapping[str, Format] = {one.name: one for one in _FORMATS}
"""All formats but ``terminal``, which is written while the examination runs."""
