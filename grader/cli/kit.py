"""The command ``perceptron-kit``: everything but marking."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.errors import Work, run_command, write_out
from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.candidate.isolation import Isolation
    from grader.model import SubmissionResult

__all__ = ["group", "main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=False)
@click.version_option(package_name="perceptron-kit", prog_name="perceptron-kit")
def group() -> None:
    """Look after the exercise "train a multilayer perceptron from scratch"; the command grade marks it."""


@group.command("generate-assignment")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Where to write it, in place of the kit's own assignment/, which is always brought up to date.",
)
@click.option("--check", is_flag=True, help="Write nothing; say which files are not what would be written.")
@click.option("--force", is_flag=True, help="Replace files in DIR that differ.")
def generate_assignment(out: Path | None, check: bool, force: bool) -> int:
    """Derive what students receive from the reference solution: skeleton, notebook, task sheet, visible tests."""
    from grader import assignment  # noqa: PLC0415 - slow to import
    from grader.resources import assignment_path  # noqa: PLC0415

    folder = assignment_path() if out is None else out
    different = assignment.differences(folder)
    if check:
        for name in different:
            print(f"{name} is not what generate-assignment would write")
        return 1 if different else 0
    existing = [name for name in different if (folder / name).exists()]
    if out is not None and existing and not force:
        raise UsageError(f"{folder} has other files named {', '.join(existing)}; add --force to replace them")
    assignment.write(folder)
    print(f"Wrote {len(assignment.derive())} files to {folder}, {len(different)} of them new or changed.")
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
    from grader.report.doctor import (  # noqa: PLC0415
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


@group.command("compare", short_help="Say whose marks have changed between two runs of grade.")
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
    """Say whose marks have changed from OLD to NEW, by how much, and in which criteria; who is new, and who is gone.

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
    from grader.report.parsing import DocumentError, report_of  # noqa: PLC0415

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


def main() -> None:
    """Run ``perceptron-kit`` and end the process with its exit code."""
    run_command(group, "perceptron-kit")
