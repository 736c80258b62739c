"""``perceptron-kit nbgrader``."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli.lazy import LateCommand
from grader.cli.options import language_option
from grader.cli.streams import say_line, write_out
from grader.errors import UsageError
from grader.nbgrader.course import add_exercise, course_state, render_added, render_check
from grader.nbgrader.source import derive_source
from grader.rubric import default_rubric, load_rubric

__all__ = ["command"]


@click.command(cls=LateCommand)
@click.argument("course", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--rubric",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Your own points for the autograded cells, in a TOML file as for grade.",
)
@language_option
@click.option("--check", is_flag=True, help="Write nothing; say what is missing in COURSE.")
@click.option("--force", is_flag=True, help="Replace files of the assignment that differ.")
def command(course: Path, rubric: Path | None, language: str, check: bool, force: bool) -> int:
    """Add the exercise to the nbgrader course in the folder COURSE, which is created if it does not exist.

    Writes source/perceptron/, and adds the lines to nbgrader_config.py that make nbgrader grade in the sandbox.
    Nothing else in the course is touched; a second run changes nothing.
    """
    own = default_rubric() if rubric is None else load_rubric(rubric)
    if own.tests:
        raise UsageError(f"{rubric} has criteria of your own, which nbgrader cannot grade; use grade")
    files = derive_source(own, language)
    if check:
        state = course_state(course, files, language)
        write_out(render_check(course, state))
        return 0 if state.is_complete else 1
    before = add_exercise(course, files, language, force=force)
    write_out(render_added(course, before, language, force=force))
    if own.seed:
        say_line(
            "perceptron-kit",
            f"the seed of {rubric} is not for students to see; to grade with it, add to {course}/nbgrader_config.py: "
            f"c.SandboxGrade.seed = {own.seed}",
        )
    return 0
