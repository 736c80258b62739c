"""The command ``grade``: submissions in, scores out."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import formats
from grader.cli.engine import Engine, EngineOptions, say, with_engine
from grader.cli.errors import Work, run_command
from grader.cli.options import (
    finite,
    memory_option,
    rubric_option,
    seed_option,
    timeout_option,
    total_timeout_option,
)
from grader.cli.streams import write_out
from grader.errors import UsageError
from grader.nbgrader.course_cache import cache_for
from grader.report.formats import FORMATS, Options

if TYPE_CHECKING:
    from grader.examiner import Settings
    from grader.model import Report, SubmissionResult

__all__ = ["command", "main", "run"]

_MIB = 1024 * 1024
_UNDER, _UNGRADED = 1, 3

_EPILOG = f"""\b
Examples:
  grade alice/perceptron.py              one submission
  grade submissions/                     a folder with one, or with many
  grade submissions.zip                  an LMS download of a class
  grade alice.ipynb bob.zip              a notebook and an archive
  grade --format json class/ > out.json  a document for other programs
  grade --format html class/ > out.html  a page about the class
  grade --rubric exam.toml class/        points and a seed of your own
  grade --fail-under 50 alice.py         exit code 1 under 50 points
  grade --out results/ class/            save each result; a second run grades what is new

\b
Formats:
  terminal    a report for a person
{formats.listed()}

\b
Exit codes:
  0  all were graded, whatever their scores
  1  a score is under --fail-under
  2  wrong usage
  3  something could not be graded, or the report not written

The documentation is in docs/; begin with docs/usage.md.
"""


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
    help="What the report is for; see the list below.",
)
@click.option(
    "--template",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The gradebook that Canvas or Moodle exported, to be filled with scores.",
)
@click.option(
    "--column",
    metavar="TITLE",
    help="The title or number of the assignment to fill, if the Canvas gradebook has several.",
)
@click.option("--anonymous", is_flag=True, help="Leave the names out of --format html.")
@seed_option
@rubric_option
@click.option(
    "--roster",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A CSV file of the class, with a column id, or as an LMS exports it. Students who handed in nothing get 0; "
    "submissions of others are named.",
)
@timeout_option
@total_timeout_option
@memory_option
@click.option(
    "--isolation",
    type=click.Choice(["strict", "user", "process"]),
    default="strict",
    show_default=True,
    help="What keeps submissions in. strict: Landlock and seccomp. user: an unprivileged user and seccomp, for root "
    "without Landlock. process: resource limits only, for people you trust.",
)
@click.option(
    "--feedback",
    type=click.Choice(["full", "score"]),
    default="full",
    show_default=True,
    help="full: an example for each criterion lost. score: only points and verdicts, which is faster.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 1024),
    metavar="N",
    help="How many submissions are graded at a time.  [default: one per processor]",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="The address of a Dask scheduler, such as tcp://host:8786, whose workers grade the submissions.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Save each result in a file of its own in DIR, and grade only what is new or has changed.",
)
@click.option("--regrade", is_flag=True, help="Grade everything again, whatever DIR holds.")
@click.option("--quiet", is_flag=True, help="Show no progress, and only errors on standard error.")
@click.option(
    "--fail-under",
    type=click.FloatRange(0),
    callback=finite,
    metavar="SCORE",
    help="End with exit code 1 if a score is lower; unreadable submissions have 0.",
)
@click.version_option(package_name="perceptron-kit", message="%(prog)s of %(package)s %(version)s")
def command(
    paths: Sequence[Path],
    format_: str,
    template: Path | None,
    column: str | None,
    anonymous: bool,
    seed: int | None,
    rubric: Path | None,
    roster: Path | None,
    timeout: float,
    total_timeout: float,
    memory: int,
    isolation: str,
    feedback: str,
    jobs: int | None,
    scheduler: str | None,
    out: Path | None,
    regrade: bool,
    quiet: bool,
    fail_under: float | None,
) -> Work:
    """Grade submissions to the exercise "train a multilayer perceptron from scratch".

    A PATH is a .py file, a notebook, a folder or an archive (zip, tar) with one submission; or, named alone, a folder
    or an archive of a class, as Moodle, Canvas, Gradescope, nbgrader or GitHub Classroom hand it out.
    """
    if formats.is_alone(format_):
        return partial(formats.write_alone, format_)
    if not paths:
        raise UsageError("no submission was named; try grade submission/, or grade --help")
    if anonymous and format_ != "html":
        raise UsageError(f"--anonymous is for the page, and not for --format {format_}; add --format html")
    for path in paths:
        _check(path)
    if regrade and out is None:
        raise UsageError("--regrade is about the results in the folder of --out, which was not named")
    if out is None and (out := cache_for(paths)) is not None:
        # What lies there is not believed: the course may be one that a student has handed in.
        regrade = True
        if not quiet:
            say(f"results are kept in {out}, where nbgrader autograde finds them")
    if scheduler is not None and jobs is not None:
        raise UsageError(
            "--jobs is for this machine; with --scheduler, the cluster's workers say how many it is"
        )

    # What is imported lives as long as the process, and there is much of it.
    gc.set_threshold(200_000, 20, 20)
    from grader.rubric import default_rubric, load_rubric  # noqa: PLC0415 - not needed for --help

    points = default_rubric() if rubric is None else load_rubric(rubric)
    if fail_under is not None and fail_under > points.max_score:
        raise UsageError(
            f"--fail-under {fail_under:g} is more than can be reached, which is {points.max_score:g}"
        )
    from grader.candidate.isolation import Isolation  # noqa: PLC0415 - not needed for --help
    from grader.examiner import Settings  # noqa: PLC0415
    from grader.model import Feedback  # noqa: PLC0415

    settings = Settings(
        seed=points.seed if seed is None else seed,
        timeout=timeout,
        total_timeout=total_timeout,
        memory=memory * _MIB,
        rubric=points,
        isolation=Isolation(isolation),
        feedback=Feedback(feedback),
    )
    if (unexpected := _unexpected_versions(settings.seed)) and not quiet:
        say(
            f"scores may differ from those of other machines: here is {unexpected}; install what the kit requires"
        )
    options = formats.options_for(format_, template, column, _report((), settings), anonymous=anonymous)
    work = partial(run, paths, settings, format_, fail_under, options=options)
    return partial(with_engine, EngineOptions(jobs, scheduler, out, regrade, quiet, roster), work)


def run(
    paths: Sequence[Path],
    settings: Settings,
    format_: str,
    fail_under: float | None,
    engine: Engine,
    options: Options | None = None,
) -> int:
    """Examine the submissions in ``paths`` with ``engine``, write the report to standard output.

    Returns the exit code: 0, 1 if a score is under ``fail_under``, or 3 if there is no score.
    """
    results = engine(paths, settings)
    if format_ == "terminal":
        report = _write_terminal(results, settings)
    else:
        report = formats.write(format_, results, _report((), settings), options or Options())
    return _exit_code(report, fail_under)


def main() -> None:
    """Run ``grade`` and end the process with its exit code."""
    run_command(command, "grade")


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
    return _UNDER if any(score < (fail_under or 0) for score in scores if score is not None) else 0


def _report(results: Iterable[SubmissionResult], settings: Settings) -> Report:
    from grader.model import Report  # noqa: PLC0415 - not needed for --help
    from grader.version import kit_version  # noqa: PLC0415

    unexpected = _unexpected_versions(settings.seed)
    kit = f"{kit_version()} ({unexpected})" if unexpected else kit_version()
    return Report(kit, settings.seed, settings.rubric.max_score, tuple(results))


def _unexpected_versions(seed: int) -> str:
    """Return the packages that draw the examples of ``seed``, if they are here in another version; else nothing."""
    from grader.exam import stored  # noqa: PLC0415 - not needed for --help
    from grader.version import unexpected_versions  # noqa: PLC0415

    unexpected = unexpected_versions()
    return unexpected if unexpected and stored.find(seed) is None else ""


def _write_terminal(results: Iterable[SubmissionResult], settings: Settings) -> Report:
    """Write each submission as soon as it has been examined."""
    from rich.console import Console  # noqa: PLC0415 - slow to import

    from grader.report.terminal import Look, render_closing, render_submission  # noqa: PLC0415 - imports rich

    console = Console()
    look = Look(
        console.width if console.is_terminal else Look.width,
        color=console.color_system is not None and not console.no_color,
        encoding=console.encoding,
        breaks_paths=console.is_terminal,
    )

    def shown() -> Iterator[SubmissionResult]:
        for result in results:
            write_out(render_submission(result, look))
            yield result

    report = _report(shown(), settings)
    write_out(render_closing(report, look))
    return report
