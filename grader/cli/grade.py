"""The command ``grade``: submissions in, marks out."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.errors import run_command
from grader.errors import UsageError
from grader.model import Report, SubmissionResult, SubmissionStatus

if TYPE_CHECKING:
    from grader.examiner import Settings

__all__ = ["command", "main"]

_MIB = 1024 * 1024
_BELOW_MARK, _UNGRADED = 1, 3

EPILOG = """\b
Examples:
  grade alice/perceptron.py            one submission
  grade submission/                    a folder with one, or a folder of many
  grade --format json class.zip        a document for other programs
  grade --rubric exam.toml alice.ipynb with your own marks
  grade --fail-under 50 alice.py       exit code 1 under 50 points

\b
Exit codes: 0 all were graded, 1 a mark is under --fail-under,
2 wrong usage, 3 something could not be graded.
"""


@click.command(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=False)
@click.argument("paths", metavar="PATH...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "format_",
    type=click.Choice(["terminal", "json"]),
    default="terminal",
    help="How to report.  [terminal]",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),
    default=0,
    metavar="N",
    help="What the exam's examples are drawn from.  [0]",
)
@click.option(
    "--rubric",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Your own marks: a TOML file like the kit's rubric.toml.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0.1, 3600),
    default=10.0,
    metavar="SECONDS",
    help="For the answer to one request.  [10]",
)
@click.option(
    "--memory",
    type=click.IntRange(192, 2**20),
    default=1024,
    metavar="MIB",
    help="Address space of a submission's process.  [1024]",
)
@click.option(
    "--fail-under",
    type=click.FloatRange(0),
    metavar="MARK",
    help="End with exit code 1 where a mark is lower.",
)
@click.version_option(package_name="perceptron-kit", prog_name="grade")
def command(
    paths: Sequence[Path],
    format_: str,
    seed: int,
    rubric: Path | None,
    timeout: float,
    memory: int,
    fail_under: float | None,
) -> int:
    """Mark submissions to the exercise "train a multilayer perceptron from scratch".

    A PATH is a .py file, a notebook, a folder or an archive that holds one, or a folder of many.
    """
    if not paths:
        raise UsageError("no submission was named; try: grade submission/  (grade --help has more)")
    # What is imported lives as long as the process, and there is much of it.
    gc.set_threshold(200_000, 20, 20)
    from grader.examiner import Settings, examine  # noqa: PLC0415 - not needed for --help
    from grader.rubric import default_rubric, load_rubric  # noqa: PLC0415

    marks = default_rubric() if rubric is None else load_rubric(rubric)
    settings = Settings(seed, timeout, memory * _MIB, marks)
    for path in paths:
        if not path.exists():
            raise UsageError(f"{path} does not exist; name a file, a folder or an archive with a submission")
    report = _WRITERS[format_](examine(paths, settings), settings)
    return _exit_code(report, fail_under)


def main() -> None:
    """Run ``grade`` and end the process with its exit code."""
    run_command(command, "grade")


def _exit_code(report: Report, fail_under: float | None) -> int:
    if any(result.status is SubmissionStatus.UNGRADED for result in report.submissions):
        return _UNGRADED
    if fail_under is not None and any((result.score or 0.0) < fail_under for result in report.submissions):
        return _BELOW_MARK
    return 0


def _report(results: Iterable[SubmissionResult], settings: Settings) -> Report:
    from grader.version import kit_version  # noqa: PLC0415

    return Report(kit_version(), settings.seed, settings.rubric.max_score, tuple(results))


def _write_json(results: Iterator[SubmissionResult], settings: Settings) -> Report:
    from grader.report.document import render_json  # noqa: PLC0415

    report = _report(results, settings)
    sys.stdout.write(render_json(report))
    return report


def _write_terminal(results: Iterator[SubmissionResult], settings: Settings) -> Report:
    from rich.console import Console  # noqa: PLC0415 - slow to import

    from grader.report import terminal  # noqa: PLC0415

    console = Console(highlight=False, soft_wrap=False)

    def shown() -> Iterator[SubmissionResult]:
        for result in results:
            terminal.render(result, console)
            yield result

    report = _report(shown(), settings)
    if len(report.submissions) > 1:
        terminal.summary(report, console)
    return report


_WRITERS: dict[str, Callable[[Iterator[SubmissionResult], Settings], Report]] = {
    "json": _write_json,
    "terminal": _write_terminal,
}
