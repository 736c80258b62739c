"""``perceptron-kit generate-assignment``."""

from __future__ import annotations

from pathlib import Path

import click

from grader.assignment import derive_assignment
from grader.cli.lazy import LateCommand
from grader.cli.streams import write_out
from grader.errors import UsageError
from grader.files import differing_files, write_files
from grader.nbgrader.source import derive_source
from grader.resources import assignment_path
from grader.rubric import default_rubric

__all__ = ["command"]


@click.command(cls=LateCommand)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Where to write it, instead of the kit's own assignment/.",
)
@click.option("--check", is_flag=True, help="Write nothing; name the files that are out of date.")
@click.option("--force", is_flag=True, help="Replace files in DIR that differ.")
@click.option(
    "--nbgrader",
    "for_nbgrader",
    is_flag=True,
    help="Write the source of the nbgrader assignment into DIR, with the solution in it.",
)
def command(out: Path | None, check: bool, force: bool, for_nbgrader: bool) -> int:
    """Derive what students receive from the reference solution: skeleton, notebook, task sheet, visible checks.

    With --check, the exit code is 1 if a file is out of date.
    """
    if for_nbgrader and out is None:
        raise UsageError(
            "--nbgrader needs --out DIR; to add the assignment to a course, run perceptron-kit nbgrader COURSE"
        )
    files = derive_source(default_rubric()) if for_nbgrader else derive_assignment()
    folder = assignment_path() if out is None else out
    if check:
        differing = differing_files(folder, files)
        for name in differing:
            write_out(f"{name} is not what generate-assignment would write\n")
        return 1 if differing else 0
    written = write_files(folder, files, force=force or out is None)
    write_out(f"Wrote {len(written)} of {len(files)} files to {folder}; the others were up to date.\n")
    return 0
