"""The command ``perceptron-kit``: everything but grading."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.bundles import classroom, gradescope, run_autograder
from grader.cli.errors import Work, run_command
from grader.cli.streams import say_line, write_out
from grader.errors import UngradedError, UsageError

if TYPE_CHECKING:
    from grader.candidate.isolation import Isolation
    from grader.model import SubmissionResult

__all__ = ["group", "main"]

_KERNEL_TIMEOUT, _KERNEL_TOTAL_TIMEOUT = 5.0, 12.0
"""Seconds for a submission whose kernel waits for its points: nbgrader stops a cell after 30."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, invoke_without_command=True)
@click.version_option(package_name="perceptron-kit", prog_name="perceptron-kit")
@click.pass_context
def group(context: click.Context) -> int:
    """Manage the exercise "train a multilayer perceptron from scratch"; the command grade grades it.

    The documentation is in docs/.
    """
    if context.invoked_subcommand is None:
        write_out(context.get_help() + "\n")
    return 0


@group.command("generate-assignment")
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
def generate_assignment(out: Path | None, check: bool, force: bool, for_nbgrader: bool) -> int:
    """Derive what students receive from the reference solution: skeleton, notebook, task sheet, visible tests."""
    from grader import assignment  # noqa: PLC0415 - slow to import
    from grader.nbgrader.source import derive_source  # noqa: PLC0415
    from grader.resources import assignment_path  # noqa: PLC0415
    from grader.rubric import default_rubric  # noqa: PLC0415

    if for_nbgrader and out is None:
        raise UsageError(
            "--nbgrader needs --out DIR; to lay it into a course, take perceptron-kit nbgrader COURSE"
        )
    files = derive_source(default_rubric()) if for_nbgrader else assignment.derive()
    folder = assignment_path() if out is None else out
    different = assignment.differences(folder, files)
    if check:
        for name in different:
            write_out(f"{name} is not what generate-assignment would write\n")
        return 1 if different else 0
    existing = [name for name in different if (folder / name).exists()]
    if out is not None and existing and not force:
        raise UsageError(f"{folder} has other files named {', '.join(existing)}; add --force to replace them")
    assignment.write(folder, files)
    write_out(f"Wrote {len(files)} files to {folder}, {len(different)} of them new or changed.\n")
    return 0


@group.command("doctor", short_help="Say what isolation there is here, and attack it from inside.")
@click.option(
    "--isolation",
    type=click.Choice(["strict", "user", "process"]),
    default="strict",
    show_default=True,
    help="The isolation to try out.",
)
def doctor(isolation: str) -> Work:
    """Say what isolation this machine offers, and attack it from inside, as a hostile submission would.

    Ends with exit code 0 if every attack was stopped, 1 if one was not, and 3 if the isolation is not to be had
    here.
    """
    from grader.candidate.isolation import Isolation  # noqa: PLC0415 - not needed for --help

    return partial(_examine_isolation, Isolation(isolation))


def _examine_isolation(isolation: Isolation) -> int:
    from grader.doctor.examination import attempts, layers_up, missing  # noqa: PLC0415 - slow to import
    from grader.report.terminal.attacks import (  # noqa: PLC0415
        render_attempt,
        render_kinds,
        render_layers,
        render_verdict,
    )

    encoding = sys.stdout.encoding
    write_out(render_kinds({str(kind): lacks for kind, lacks in missing().items()}, encoding))
    write_out(render_layers(layers_up(isolation), encoding))
    made = []
    for attempt in attempts(isolation):
        made.append(attempt)
        write_out(render_attempt(attempt.title, attempt.stopped_by, attempt.got, encoding))
    succeeded = sum(attempt.stopped_by is None for attempt in made)
    write_out(render_verdict(len(made), succeeded))
    return 1 if succeeded else 0


@group.command("nbgrader", short_help="Add the exercise to an nbgrader course.")
@click.argument("course", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--rubric",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Your own points for the autograded cells, in a TOML file as for grade.",
)
@click.option("--check", is_flag=True, help="Write nothing; say what is missing in COURSE.")
@click.option("--force", is_flag=True, help="Replace files of the assignment that differ.")
def nbgrader(course: Path, rubric: Path | None, check: bool, force: bool) -> int:
    """Add the exercise to the nbgrader course in the folder COURSE, which is created if it does not exist.

    Writes source/perceptron/, and at the end of nbgrader_config.py the lines with which nbgrader grades behind the
    wall. Nothing else in the course is touched; a second run changes nothing.
    """
    from grader.nbgrader import course as courses  # noqa: PLC0415 - slow to import
    from grader.nbgrader.source import derive_source  # noqa: PLC0415
    from grader.nbgrader.summary import render_check, render_written  # noqa: PLC0415
    from grader.rubric import default_rubric, load_rubric  # noqa: PLC0415

    own = default_rubric() if rubric is None else load_rubric(rubric)
    files = derive_source(own)
    if check:
        different = courses.differences(course, files)
        write_out(render_check(course, different))
        return 1 if different else 0
    written = courses.lay_into(course, files, force=force)
    write_out(render_written(course, written, force=force))
    if own.seed:
        say_line(
            "perceptron-kit",
            f"the seed of {rubric} is not for students to see; to grade with it, add to {course}/nbgrader_config.py: "
            f"c.SandboxGrade.seed = {own.seed}",
        )
    return 0


@group.command("mark-notebook", hidden=True)
@click.argument("notebook", type=click.Path(path_type=Path))
def mark_notebook(notebook: Path) -> int:
    """Mark a notebook for the kernel that nbgrader runs it in, where it has not been told of the wall.

    Writes a JSON object: for each autograded cell the share of its points that was earned, and what there is to say.
    """
    from grader.examiner import Settings  # noqa: PLC0415 - slow to import
    from grader.model import SubmissionStatus  # noqa: PLC0415
    from grader.nbgrader.feedback import feedback  # noqa: PLC0415
    from grader.nbgrader.submission import examine_notebook  # noqa: PLC0415

    settings = Settings(timeout=_KERNEL_TIMEOUT, total_timeout=_KERNEL_TOTAL_TIMEOUT)
    result = examine_notebook(notebook.parent, notebook.name, notebook.stem, settings)
    if result.status is SubmissionStatus.UNGRADED:
        raise UngradedError(result.message)
    write_out(json.dumps({cell: asdict(said) for cell, said in feedback(result).items()}) + "\n")
    return 0


@group.command("compare", short_help="Say whose scores have changed between two runs of grade.")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "format_",
    type=click.Choice(["terminal", "json"]),
    default="terminal",
    show_default=True,
    help="For a person, or for programs.",
)
def compare(old: Path, new: Path, format_: str) -> int:
    """Say whose scores have changed from OLD to NEW, by how much, and in which criteria; who is new, and who is gone.

    Each is a folder of grade --out, or a file with the report of grade --format json. Ends with exit code 0 if
    nothing has changed, and 1 if something has.
    """
    from grader.report import comparison  # noqa: PLC0415 - not needed for --help

    compared = comparison.compare(_results(old), _results(new))
    if format_ == "json":
        write_out(json.dumps(comparison.comparison_document(compared), indent=2) + "\n")
    else:
        write_out(comparison.render_comparison(compared, sys.stdout.encoding))
    return 0 if compared.is_same else 1


def _results(path: Path) -> Sequence[SubmissionResult]:
    from grader.batch.records import Records  # noqa: PLC0415 - not needed for --help
    from grader.report.document import DocumentError, report_of  # noqa: PLC0415

    if path.is_dir():
        results = Records(path).results()
        if not results:
            raise UsageError(f"there are no results in {path}; name a folder that grade --out has filled")
        return results
    try:
        return report_of(json.loads(path.read_bytes())).submissions
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    except (DocumentError, ValueError, RecursionError) as error:
        what = error if isinstance(error, DocumentError) else "it is no JSON"
        raise UsageError(f"{path} is no report of grade --format json: {what}") from None


group.add_command(gradescope)
group.add_command(classroom)
group.add_command(run_autograder)


def main() -> None:
    """Run ``perceptron-kit`` and end the process with its exit code."""
    run_command(group, "perceptron-kit")


if __name__ == "__main__":
    main()
