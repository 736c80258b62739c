"""``perceptron-kit classroom``."""

from __future__ import annotations

from pathlib import Path

import click

from grader.bundles.classroom_template import classroom_files, next_steps_on_github
from grader.cli.lazy import LateCommand
from grader.cli.options import language_option
from grader.cli.streams import write_out
from grader.files import write_files

__all__ = ["command"]


@click.command(cls=LateCommand)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@language_option
@click.option("--force", is_flag=True, help="Replace files in DIR that differ.")
def command(folder: Path, language: str, force: bool) -> int:
    """Write a template repository for GitHub Classroom into DIR: the assignment, and a workflow with visible checks.

    It contains nothing hidden. Its points are feedback for the students, who can change the workflow. For scores,
    grade the clones of their repositories. A second run changes nothing.
    """
    written = write_files(folder, classroom_files(language), force=force)
    write_out(next_steps_on_github(folder, written))
    return 0
