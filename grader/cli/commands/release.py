"""``perceptron-kit release``."""

from __future__ import annotations

from pathlib import Path

import click

from grader.assignment import derive_assignment
from grader.assignment.edition import FORMATS
from grader.assignment.release import write_release
from grader.cli.lazy import LateCommand
from grader.cli.options import language_option
from grader.cli.streams import write_out
from grader.rubric import default_rubric, load_rubric
from grader.text import printable

__all__ = ["command"]


@click.command(cls=LateCommand)
@click.argument("out", type=click.Path(path_type=Path))
@language_option
@click.option(
    "--format",
    "written_in",
    type=click.Choice(list(FORMATS)),
    default="both",
    show_default=True,
    help="The file that students write in. py: a script. notebook: a notebook. both: whichever they like.",
)
@click.option(
    "--rubric",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Your own points, which the task sheet then shows, in a TOML file as for grade.",
)
def command(out: Path, language: str, written_in: str, rubric: Path | None) -> int:
    """Write what students receive to OUT: a folder, or an archive if OUT ends in .zip.

    It has the task sheet, the files to write in, and checks to run at home; nothing of the solution or the exam.
    The same command writes the same bytes. What an earlier release wrote there is replaced, nothing else is.
    """
    own = default_rubric() if rubric is None else load_rubric(rubric)
    files = derive_assignment(language, written_in=written_in, rubric=own)
    write_release(out, files)
    write_out(f"Wrote {len(files)} files to {printable(str(out))}: {', '.join(sorted(files))}.\n")
    return 0
