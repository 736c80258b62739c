"""The command ``grade``: submissions in, marks out."""

from __future__ import annotations

import gc
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import formats
from grader.cli.errors import Work, run_command, write_out
from grader.errors import UsageError
from grader.report.formats import FORMATS, Options

if TYPE_CHECKING:
    from grader.examiner import Settings
    from grader.model import Report, SubmissionResult

__all__ = ["Engine", "command", "main", "run"]

Engine = Callable[[Sequence[Path], "Settings"], Iterator["SubmissionResult"]]
"""What examines the submissions in some paths, one after the other."""

_MIB = 1024 * 1024
_UNDER_MARK, _UNGRADED = 1, 3

_EPILOG = f"""\b
Examples:
  grade alice/perceptron.py              one submission
  grade submissions/                     a folder with one, or with many
  grade alice.ipynb bob.zip              a notebook and an archive
  grade --format json class/ > out.json  a document for other programs
  grade --rubric exam.toml class/        marks of your own
  grade --fail-under 50 alice.py         exit code 1 under 50 points

\b
Formats:
  terminal    a report for a person
{formats.listed()}

\b
Exit codes:
  0  all were graded, whatever their marks
  1  a mark is under --fail-under
  2  wrong usage
  3  something could not be graded
"""


def _finite(_context: click.Context, parameter: click.Parameter, value: float | None) -> float | None:
    """Refuse NaN and infinity, which a range of click lets through."""
    if value is not None and not math.isfinite(value):
        raise click.BadParameter(f"{value} is no number of use here", param=parameter)
    return value


@click.command(
    epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 88}
)
@click.argument("paths", metavar="PATH...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "format_",
    type=click.Choice(["terminal", *FORMATS]),
    default="terminal",
    show_default=True,
    metavar="NAME",
    help="What the report is for; the formats are listed below.",
)
@click.option(
    "--template",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="What Canvas or Moodle exported, to be filled with marks.",
)
@click.option(
    "--column",
    metavar="TITLE",
    help="The title or number of the assignment to fill, where the Canvas gradebook has several.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),
    default=0,
    show_default=True,
    metavar="N",
    help="What the exam's examples are drawn from; the same seed gives the same examples.",
)
@click.option(
    "--rubric",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Your own marks, in a TOML file with a number for each criterion under [points].",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0.1, 3600),
    callback=_finite,
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="The longest that a submission may take for one request of the exam.",
)
@click.option(
    "--total-timeout",
    type=click.FloatRange(0.1, 24 * 3600),
    callback=_finite,
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="The longest that a submission may take in all.",
)
@click.option(
    "--memory",
    type=click.IntRange(256, 1024 * 1024),
    default=1024,
    show_default=True,
    metavar="MIB",
    help="The most memory that a submission may use.",
)
@click.option(
    "--isolation",
    type=click.Choice(["strict", "user", "process"]),
    default="strict",
    show_default=True,
    help="What keeps submissions in: Landlock and seccomp; for root where there is no Landlock, a user without "
    "rights and seccomp; or a process with limits alone, which holds nobody who means harm.",
)
@click.option(
    "--fail-under",
    type=click.FloatRange(0),
    callback=_finite,
    metavar="MARK",
    help="End with exit code 1 if a mark is lower; what cannot be read has 0.",
)
@click.version_option(package_name="perceptron-kit", message="%(prog)s of %(package)s %(version)s")
def command(
    paths: Sequence[Path],
    format_: str,
    template: Path | None,
    column: str | None,
    seed: int,
    rubric: Path | None,
    timeout: float,
    total_timeout: float,
    memory: int,
    isolation: str,
    fail_under: float | None,
) -> Work:
    """Mark submissions to the exercise "train a multilayer perceptron from scratch".

    A PATH is a .py file or a notebook, a folder or an archive (zip, tar) that holds one, or a folder of many
    submissions, which are then named by their entries.
    """
    if formats.is_alone(format_):
        return partial(formats.write_alone, format_)
    if not paths:
        raise UsageError("no submission was named; try grade submission/, or grade --help")
    for path in paths:
        _check(path)

    # What is imported lives as long as the process, and there is much of it.
    gc.set_threshold(200_000, 20, 20)
    from grader.rubric import default_rubric, load_rubric  # noqa: PLC0415 - not needed for --help

    marks = default_rubric() if rubric is None else load_rubric(rubric)
    if fail_under is not None and fail_under > marks.max_score:
        raise UsageError(
            f"--fail-under {fail_under:g} is more than can be reached, which is {marks.max_score:g}"
        )
    from grader.candidate.isolation import Isolation  # noqa: PLC0415 - not needed for --help
    from grader.examiner import Settings, examine  # noqa: PLC0415

    settings = Settings(
        seed=seed,
        timeout=timeout,
        total_timeout=total_timeout,
        memory=memory * _MIB,
        rubric=marks,
        isolation=Isolation(isolation),
    )
    options = formats.options_for(format_, template, column, _report((), settings))
    return partial(run, paths, settings, format_, fail_under, partial(examine, notice=_say), options=options)


def run(
    paths: Sequence[Path],
    settings: Settings,
    format_: str,
    fail_under: float | None,
    engine: Engine,
    options: Options | None = None,
) -> int:
    """Examine the submissions in ``paths`` with ``engine``, write the report to standard output.

    Returns the exit code: 0, 1 where a mark is under ``fail_under``, or 3 where there is no mark.
    """
    results = engine(paths, settings)
    if format_ == "terminal":
        report = _write_terminal(results, settings)
    else:
        report = formats.write(format_, _counted(results), _report((), settings), options or Options())
    return _exit_code(report, fail_under)


def main() -> None:
    """Run ``grade`` and end the process with its exit code."""
    run_command(command, "grade")


def _say(text: str) -> None:
    print(f"grade: {text}", file=sys.stderr)


def _check(path: Path) -> None:
    try:
        path.stat()
    except FileNotFoundError:
        raise UsageError(
            f"{path} does not exist; name a file, a folder or an archive with a submission"
        ) from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None


def _exit_code(report: Report, fail_under: float | None) -> int:
    scores = [result.score for result in report.submissions]
    if None in scores:
        return _UNGRADED
    return _UNDER_MARK if any(score < (fail_under or 0) for score in scores if score is not None) else 0


def _report(results: Iterable[SubmissionResult], settings: Settings) -> Report:
    from grader.model import Report  # noqa: PLC0415 - not needed for --help
    from grader.version import kit_version  # noqa: PLC0415

    return Report(kit_version(), settings.seed, settings.rubric.max_score, tuple(results))


def _write_terminal(results: Iterable[SubmissionResult], settings: Settings) -> Report:
    """Write each submission as soon as it has been examined."""
    from rich.console import Console  # noqa: PLC0415 - slow to import

    from grader.report.terminal import Look, render_closing, render_submission  # noqa: PLC0415 - imports rich

    console = Console()
    look = Look(
        console.width if console.is_terminal else Look.width,
        color=console.color_system is not None and not console.no_color,
        encoding=console.encoding,
    )

    def shown() -> Iterator[SubmissionResult]:
        for result in results if console.is_terminal else _counted(results):
            write_out(render_submission(result, look))
            yield result

    report = _report(shown(), settings)
    write_out(render_closing(report, look))
    return report


def _counted(results: Iterable[SubmissionResult]) -> Iterator[SubmissionResult]:
    """Yield the results, and show on a terminal how many there have been."""
    if not sys.stderr.isatty():
        yield from results
        return
    for number, result in enumerate(results, 1):
        print(f"\rexamined: {number}", end="", file=sys.stderr, flush=True)
        yield result
    print("\r\x1b[K", end="", file=sys.stderr, flush=True)
