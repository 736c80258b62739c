"""``perceptron-kit classroom``."""

from __future__ import annotations

from pathlib import Path

import click

from grader.bundles.classroom import classroom_files
from grader.bundles.files import lay_files
from grader.bundles.summary import render_classroom_template
from grader.cli.lazy import LateCommand
from grader.cli.streams import write_out

__all__ = ["command"]


@click.command(cls=LateCommand)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--force", is_flag=True, help="Replace files in DIR that differ.")
def command(folder: Path, force: bool) -> int:
    """Write a template repository for GitHub Classroom into DIR: the assignment, and a workflow with its visible tests.

    It contains nothing hidden. Its points are feedback for the students, who can change the workflow. For scores,
    grade the clones of their repositories. A second run changes nothing.
    """
    different = lay_files(folder, classroom_files(), force=force)
    write_out(render_classroom_template(folder, different))
    return 0
