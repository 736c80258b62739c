"""Write results to standard output, in the form that was asked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli.streams import say_line, write_out
from grader.errors import KitError, UsageError
from grader.languages import speaking
from grader.model import Report, SubmissionResult
from grader.report.formats import FORMATS, Options, Template

if TYPE_CHECKING:
    from grader.report.terminal.lines import Look

__all__ = ["options_for", "write"]

_TREATED_AS_TERMINAL = frozenset({"FORCE_COLOR", "TTY_COMPATIBLE"})
"""The variables that say whether something else counts as a terminal."""
_LARGEST_TEMPLATE = 64 * 1024 * 1024
"""Bytes; the gradebook of a class of a thousand has about one MiB."""


def options_for(
    name: str, template: Path | None, column: str | None, empty: Report, *, anonymous: bool = False
) -> Options:
    """Return what a format needs besides results, after trying it with the ``empty`` report.

    So a template that does not fit is refused before anything is graded. Raises ``UsageError``.
    """
    takes_template = name in FORMATS and FORMATS[name].takes_template
    if template is not None and not takes_template:
        raise UsageError(
            f"--template is not used by --format {name}; leave it out, or name the format to fill"
        )
    if column is not None and not takes_template:
        raise UsageError(f"--column is not used by --format {name}; it is for canvas and moodle")
    options = Options(None if template is None else _read(template), column, is_anonymous=anonymous)
    if takes_template:
        FORMATS[name].render(empty, options)
    return replace(options, notice=lambda line: say_line("grade", line))


def write(name: str, results: Iterable[SubmissionResult], empty: Report, options: Options) -> Report:
    """Write the results, and return the report that they make: the ``empty`` one with them in it.

    For ``terminal``, each is written as soon as it is there; for ``actions``, also the summary of the step is written,
    if the environment names its file.
    """
    if name == "terminal":
        return _write_terminal(results, empty)
    format_ = FORMATS[name]
    if format_.is_for_one:
        results = _one(name, results)
    report = replace(empty, submissions=tuple(results))
    text = format_.render(report, options)
    if name == "actions":
        _write_step_summary(report)
    write_out(text, encoding="utf-8")
    return report


def _write_terminal(results: Iterable[SubmissionResult], empty: Report) -> Report:
    from grader.report.terminal.submissions import render_closing, render_submission  # noqa: PLC0415 - imports rich

    look = _look()
    written = []
    for result in results:
        write_out(render_submission(result, look, empty.feedback, empty.language))
        written.append(result)
    report = replace(empty, submissions=tuple(written))
    write_out(render_closing(report, look))
    return report


def _look() -> Look:
    """Return what the standard output can show."""
    from grader.report.terminal.lines import Look  # noqa: PLC0415 - imports rich

    if not sys.stdout.isatty() and _TREATED_AS_TERMINAL.isdisjoint(os.environ):
        return Look(encoding=sys.stdout.encoding.lower(), breaks_paths=False)
    from rich.console import Console  # noqa: PLC0415 - slow to import

    console = Console()
    return Look(
        console.width if console.is_terminal else Look.width,
        color=console.color_system is not None and not console.no_color,
        encoding=console.encoding,
        breaks_paths=console.is_terminal,
    )


def _one(name: str, results: Iterable[SubmissionResult]) -> Iterator[SubmissionResult]:
    """Yield the only result, or stop as soon as there is a second."""
    for number, result in enumerate(results, 1):
        if number > 1:
            raise UsageError(
                f"--format {name} is for one submission, but there are several; name one, "
                "or choose a format for many, such as csv"
            )
        yield result


def _read(path: Path) -> Template:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_TEMPLATE + 1)
    except OSError as error:
        raise UsageError(f"{path}: the template cannot be read ({error.strerror})") from None
    if len(content) > _LARGEST_TEMPLATE:
        raise UsageError(f"{path}: too large for a template; it should be the file as it was downloaded")
    return Template(str(path), content)


def _write_step_summary(report: Report) -> None:
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    from grader.report.markdown import render_summary  # noqa: PLC0415 - imports jinja2

    with speaking(report.language):
        summary = render_summary(report)
    try:
        with Path(path).open("a", encoding="utf-8", newline="\n") as file:
            file.write(summary)
    except OSError as error:
        raise KitError(f"the summary of the step cannot be written to {path}: {error.strerror}") from None
