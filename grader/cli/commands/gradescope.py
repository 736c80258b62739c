"""``perceptron-kit gradescope``."""

from __future__ import annotations

from pathlib import Path

import click

from grader.bundles.autograder_archive import autograder_archive, next_steps_on_gradescope
from grader.cli.lazy import LateCommand
from grader.cli.options import (
    ExamOptions,
    exam_options,
    feedback_option,
    language_option,
    strongest_isolation_option,
)
from grader.cli.streams import write_out
from grader.errors import UsageError
from grader.files import write_files

__all__ = ["command"]


@click.command(cls=LateCommand)
@click.argument("out", metavar="OUT.zip", type=click.Path(path_type=Path, dir_okay=False))
@exam_options
@strongest_isolation_option
@feedback_option
@language_option
@click.option("--force", is_flag=True, help="Replace OUT.zip if it exists.")
def command(out: Path, exam: ExamOptions, isolation: str, feedback: str, language: str, force: bool) -> int:
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
        "--feedback": feedback,
        "--lang": language,
    }
    written = write_files(out.parent, {out.name: autograder_archive(options, exam.rubric)}, force=force)
    write_out(next_steps_on_gradescope(out, is_new=bool(written)))
    return 0
