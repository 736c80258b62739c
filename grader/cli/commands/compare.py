"""``perceptron-kit compare``."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from grader.cli.lazy import LateCommand
from grader.cli.streams import write_out
from grader.errors import UsageError
from grader.grading.cache import saved_results
from grader.model import SubmissionResult
from grader.report import comparison
from grader.report.document import DocumentError, report_of

__all__ = ["command"]


@click.command(cls=LateCommand)
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
def command(old: Path, new: Path, format_: str) -> int:
    """Say whose scores have changed from OLD to NEW, by how much, and in which criteria; who is new, and who is gone.

    Each is a folder of grade --out, or a file with the report of grade --format json. The exit code is 0 if nothing
    has changed, and 1 if something has.
    """
    compared = comparison.compare(_results(old), _results(new))
    if format_ == "json":
        write_out(json.dumps(comparison.comparison_document(compared), indent=2) + "\n")
    else:
        write_out(comparison.render_comparison(compared, sys.stdout.encoding))
    return 0 if compared.is_same else 1


def _results(path: Path) -> Sequence[SubmissionResult]:
    if path.is_dir():
        results = saved_results(path)
        if not results:
            raise UsageError(f"there are no results in {path}; name a folder that grade --out has filled")
        return results
    try:
        return report_of(json.loads(path.read_bytes())).submissions
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    except (DocumentError, ValueError, RecursionError) as error:
        what = error if isinstance(error, DocumentError) else "it is not JSON"
        raise UsageError(f"{path} is not a report of grade --format json: {what}") from None
