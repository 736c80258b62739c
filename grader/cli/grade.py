"""The command ``grade``: submissions in, scores out."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli.checking import check
from grader.cli.exit import run_command
from grader.cli.lazy import LateCommand
from grader.cli.options import (
    ExamOptions,
    Number,
    WholeNumber,
    exam_options,
    feedback_option,
    isolation_option,
    language_option,
)
from grader.errors import KitError
from grader.report.formats import FORMATS

if TYPE_CHECKING:
    from grader.candidate.launcher import ForkingParent

__all__ = ["GradeOptions", "command", "main"]

_FORMATS = "\n".join(f"  {name:<10}  {format_.summary}" for name, format_ in FORMATS.items())
_EPILOG = f"""\b
Examples:
  grade alice/perceptron.py              one submission
  grade submissions/                     a folder with one, or with many
  grade submissions.zip                  an LMS download of a class
  grade alice.ipynb bob.zip              a notebook and an archive
  grade --format json class/ > out.json  a document for other programs
  grade --format html class/ > out.html  a page about the class
  grade --pages pages/ class.zip         a page for each student, to hand back
  grade --lang fi alice.py               everything that students read, in Finnish
  grade --rubric exam.toml class/        points and a seed of your own
  grade --fail-under 50 alice.py         exit code 1 under 50 points
  grade --out results/ class/            save each result; a second run grades what is new

\b
Formats:
  terminal    a report for a person
{_FORMATS}

\b
Exit codes:
  0  all were graded, whatever their scores
  1  a score is under --fail-under
  2  wrong usage
  3  something could not be graded, or the report not written

The documentation is in docs/; begin with docs/usage.md.
"""


@dataclass(frozen=True)
class GradeOptions:
    """What the caller of ``grade`` says."""

    paths: Sequence[Path]
    format_: str
    template: Path | None
    column: str | None
    anonymous: bool
    exam: ExamOptions
    roster: Path | None
    isolation: str
    feedback: str
    language: str
    show_repair: bool
    jobs: int | None
    scheduler: str | None
    out: Path | None
    pages: Path | None
    regrade: bool
    quiet: bool
    fail_under: float | None

    @property
    def needs_results(self) -> bool:
        """Whether the format shows submissions, which have to be graded for it."""
        return self.format_ == "terminal" or FORMATS[self.format_].needs_results


@click.command(
    cls=LateCommand,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 88},
)
@click.argument("paths", metavar="PATH...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "format_",
    type=click.Choice(["terminal", *FORMATS]),
    default="terminal",
    show_default=True,
    metavar="NAME",
    help="The form of the report; see the list below.",
)
@click.option(
    "--template",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The gradebook that Canvas or Moodle exported, to fill in the scores.",
)
@click.option(
    "--column",
    metavar="TITLE",
    help="The title or number of the assignment to fill in a Canvas gradebook, or the title of the column of grades in "
    "a Moodle worksheet.",
)
@click.option("--anonymous", is_flag=True, help="Leave the names out of --format html.")
@click.option(
    "--roster",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A CSV file of the class, with a column id, or as an LMS exports it. Students who handed in nothing get 0; "
    "submissions of others are named.",
)
@exam_options
@isolation_option
@feedback_option
@language_option
@click.option(
    "--show-repair",
    is_flag=True,
    help="Show how each mistake whose line was found can be repaired; for instructors, with --feedback full.",
)
@click.option(
    "--jobs",
    type=WholeNumber(1, 1024),
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
@click.option(
    "--pages",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write a page for each student into DIR, with an index, and an archive that returns all of them through "
    "Moodle or Canvas.",
)
@click.option("--regrade", is_flag=True, help="Grade everything again, and replace the results in DIR.")
@click.option("--quiet", is_flag=True, help="Show no progress, and only errors on standard error.")
@click.option(
    "--fail-under",
    type=Number(0),
    metavar="SCORE",
    help="End with exit code 1 if a score is lower; unreadable submissions have 0.",
)
@click.version_option(package_name="perceptron-kit", message="%(prog)s of %(package)s %(version)s")
def command(**given: Any) -> int:
    """Grade submissions to the exercise "train a multilayer perceptron from scratch".

    A PATH is a .py file, a notebook, a folder or an archive (zip, tar) with one submission; or, named alone, a folder
    or an archive of a class, as Moodle, Canvas, Gradescope, nbgrader or GitHub Classroom export it.
    """
    options = GradeOptions(**given)
    if options.needs_results:
        check(options)
    with _started_early(options) if options.needs_results else nullcontext() as parent:
        from grader.cli.grading import grade  # noqa: PLC0415 - not needed for --help

        return grade(options, parent)


def _started_early(options: GradeOptions) -> AbstractContextManager[ForkingParent | None]:
    """Start the forking parent for one submission that is named, so that it starts while this process imports."""
    if len(options.paths) != 1 or options.scheduler is not None or not _is_one_submission(options.paths[0]):
        return nullcontext()
    from grader.candidate.isolation import Isolation  # noqa: PLC0415 - not needed for --help
    from grader.candidate.launcher import ForkingParent  # noqa: PLC0415

    try:
        return ForkingParent(Isolation(options.isolation))
    except KitError:
        # It is tried again when all else is known to be right.
        return nullcontext()


def _is_one_submission(path: Path) -> bool:
    return path.suffix in {".py", ".ipynb"} and path.is_file()


def main() -> None:
    """Run ``grade`` and end the process with its exit code."""
    run_command(command, "grade")
