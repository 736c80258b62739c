"""``perceptron-kit gradescope``."""

from __future__ import annotations

from pathlib import Path

import click

from grader.bundles.files import write_file
from grader.bundles.gradescope import gradescope_archive
from grader.bundles.summary import render_autograder
from grader.cli.lazy import LateCommand
from grader.cli.options import ExamOptions, exam_options, strongest_isolation_option
from grader.cli.streams import write_out
from grader.errors import UsageError

__all__ = ["command"]


@click.command(cls=LateCommand)
@click.argument("out", metavar="OUT.zip", type=click.Path(path_type=Path, dir_okay=False))
@exam_options
@strongest_isolation_option
@click.option("--force", is_flag=True, help="Replace OUT.zip if it exists.")
def command(out: Path, exam: ExamOptions, isolation: str, force: bool) -> int:
    """Make OUT.zip, the autograder to upload to Gradescope; it grades each submission in the sandbox.

    The options hold for every submission that it will grade.
    """
    exam.settings()
    if out.suffix != ".zip":
        raise UsageError(f"{out} should end in .zip, which is all that Gradescope takes")
    # The archive contains the rubric, and with it the rubric's seed.
    options = {} if exam.seed is None else {"--seed": str(exam.seed)}
    options |= {
        "--timeout": f"{exam.timeout:g}",
        "--total-timeout": f"{exam.total_timeout:g}",
        "--memory": str(exam.memory),
        "--isolation": isolation,
    }
    is_new = write_file(out, gradescope_archive(options, exam.rubric), force=force)
    write_out(render_autograder(out, is_new=is_new))
    return 0
