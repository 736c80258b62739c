"""The commands of ``perceptron-kit`` for other platforms."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from grader.cli.errors import Work
from grader.cli.options import (
    memory_option,
    rubric_option,
    seed_option,
    timeout_option,
    total_timeout_option,
)
from grader.cli.streams import say_line, write_out
from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.candidate.isolation import Isolation
    from grader.examiner import Settings

__all__ = ["classroom", "gradescope", "run_autograder"]

Command = TypeVar("Command", bound=Callable[..., Any])

_MIB = 1024 * 1024
_UNGRADED = 3
_isolation_option = click.option(
    "--isolation",
    type=click.Choice(["strongest", "strict", "user", "process"]),
    default="strongest",
    show_default=True,
    help="What keeps submissions in; the strongest is strict, else user, and never process, which stops nobody who "
    "means harm.",
)


def _marking_options(command: Command) -> Command:
    """Give a command the options for how submissions are marked."""
    for option in (
        _isolation_option,
        memory_option,
        total_timeout_option,
        timeout_option,
        rubric_option,
        seed_option,
    ):
        command = option(command)
    return command


@click.command("gradescope", short_help="Make the autograder that Gradescope runs.")
@click.argument("out", metavar="OUT.zip", type=click.Path(path_type=Path, dir_okay=False))
@_marking_options
@click.option("--force", is_flag=True, help="Replace OUT.zip if it is there.")
def gradescope(
    out: Path,
    seed: int | None,
    rubric: Path | None,
    timeout: float,
    total_timeout: float,
    memory: int,
    isolation: str,
    force: bool,
) -> Work:
    """Make OUT.zip, the autograder to upload to Gradescope: it grades each submission behind the wall.

    The options hold for every submission that it will grade.
    """
    from grader.rubric import load_rubric  # noqa: PLC0415 - not needed for --help

    if rubric is not None:
        load_rubric(rubric)
    # The rubric goes along, and with it its seed.
    options = {} if seed is None else {"--seed": str(seed)}
    options |= {
        "--timeout": f"{timeout:g}",
        "--total-timeout": f"{total_timeout:g}",
        "--memory": str(memory),
        "--isolation": isolation,
    }
    return partial(_make_autograder, out, options, rubric, force=force)


def _make_autograder(out: Path, options: dict[str, str], rubric: Path | None, *, force: bool) -> int:
    from grader.bundles.autograder_archive import (  # noqa: PLC0415 - not needed for --help
        autograder_archive,
        next_steps_on_gradescope,
    )
    from grader.files import write_files  # noqa: PLC0415

    if out.suffix != ".zip":
        raise UsageError(f"{out} should end in .zip, which is all that Gradescope takes")
    written = write_files(out.parent, {out.name: autograder_archive(options, rubric)}, force=force)
    write_out(next_steps_on_gradescope(out, is_new=bool(written)))
    return 0


@click.command("run-autograder", hidden=True)
@click.argument("root", metavar="DIR", type=click.Path(path_type=Path))
@_marking_options
def run_autograder(
    root: Path,
    seed: int | None,
    rubric: Path | None,
    timeout: float,
    total_timeout: float,
    memory: int,
    isolation: str,
) -> Work:
    """Mark the submission in DIR/submission, on Gradescope, and write DIR/results/results.json.

    Ends with exit code 0 if it has a score, and 3 if it has none.
    """
    from grader.candidate.isolation import Isolation  # noqa: PLC0415 - not needed for --help
    from grader.examiner import Settings  # noqa: PLC0415 - slow to import
    from grader.rubric import default_rubric, load_rubric  # noqa: PLC0415

    own = default_rubric() if rubric is None else load_rubric(rubric)
    settings = Settings(
        seed=own.seed if seed is None else seed,
        timeout=timeout,
        total_timeout=total_timeout,
        memory=memory * _MIB,
        rubric=own,
    )
    return partial(_autograde, root, settings, None if isolation == "strongest" else Isolation(isolation))


def _autograde(root: Path, settings: Settings, isolation: Isolation | None) -> int:
    from grader.bundles import run_autograder as autograder  # noqa: PLC0415 - slow to import

    isolations = autograder.SAFE_ISOLATIONS if isolation is None else (isolation,)
    return 0 if autograder.run_autograder(root, settings, isolations, _say) else _UNGRADED


def _say(text: str) -> None:
    for line in text.splitlines():
        say_line("perceptron-kit", line)


@click.command("classroom", short_help="Make the template of a GitHub Classroom assignment.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--force", is_flag=True, help="Replace files in DIR that differ.")
def classroom(folder: Path, force: bool) -> Work:
    """Write a template repository for GitHub Classroom into DIR: the assignment, and a workflow with its visible tests.

    Nothing hidden is in it. Its points are for the students alone, who can change the workflow: for scores, grade the
    clones of their repositories. A second run changes nothing.
    """
    return partial(_lay_classroom, folder, force=force)


def _lay_classroom(folder: Path, *, force: bool) -> int:
    from grader.bundles.classroom_template import (  # noqa: PLC0415 - slow to import
        classroom_files,
        next_steps_on_github,
    )
    from grader.files import write_files  # noqa: PLC0415

    written = write_files(folder, classroom_files(), force=force)
    write_out(next_steps_on_github(folder, written))
    return 0
