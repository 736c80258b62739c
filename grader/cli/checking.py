"""Refuse options of ``grade`` that do not go together, and paths that do not exist, before anything is started."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.errors import UsageError
from grader.model import Feedback

if TYPE_CHECKING:
    from grader.cli.grade import GradeOptions

__all__ = ["check"]


def check(options: GradeOptions) -> None:
    """Raise ``UsageError`` if the options do not go together, or a path cannot be read."""
    if not options.paths:
        raise UsageError("no submission was named; try grade submission/, or grade --help")
    if options.anonymous and options.format_ != "html":
        raise UsageError(f"--anonymous is for --format html, and not for --format {options.format_}")
    for path in options.paths:
        try:
            path.stat()
        except FileNotFoundError:
            raise UsageError(
                f"{path} does not exist; name a file, a folder or an archive with a submission"
            ) from None
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    if options.show_repair and options.feedback != Feedback.FULL:
        raise UsageError(f"--show-repair needs --feedback full, and not {options.feedback}")
    if options.regrade and options.out is None:
        raise UsageError("--regrade needs --out DIR, the folder whose results it replaces")
    if options.scheduler is not None and options.jobs is not None:
        raise UsageError(
            "--jobs is for this machine; with --scheduler, the workers decide how many submissions are graded at a time"
        )
