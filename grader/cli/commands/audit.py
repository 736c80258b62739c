"""``perceptron-kit audit``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from grader.cli.lazy import LateCommand
from grader.cli.options import WholeNumber
from grader.cli.streams import say_line, write_out
from grader.errors import UsageError
from grader.model import Submission, Unreadable

__all__ = ["command"]

_PARTS = 10
"""The number of lines that say how far an audit is."""


@click.command(cls=LateCommand)
@click.argument("paths", nargs=-1, metavar="[SOLUTION]...", type=click.Path(path_type=Path))
@click.option(
    "--rubric", type=click.Path(path_type=Path), metavar="FILE", help="Audit the exam with these points."
)
@click.option(
    "--exam",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="FOLDER",
    help="Include your own criteria: the tests in FOLDER.",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["terminal", "json", "html"]),
    default="terminal",
    show_default=True,
    help="For a person, for programs, or a page to publish beside the exercise.",
)
@click.option(
    "--jobs",
    type=WholeNumber(1),
    metavar="N",
    help="Solutions examined at a time.  [default: one for each processor]",
)
@click.option(
    "--seeds",
    type=WholeNumber(0, 100),
    default=2,
    show_default=True,
    metavar="N",
    help="Compare the scores of wrong solutions over so many other seeds.",
)
@click.option(
    "--batches",
    type=WholeNumber(1, 10_000),
    default=2,
    show_default=True,
    metavar="N",
    help="Look for false alarms in so many batches of examples, each eight times the exam's.",
)
@click.option("--quiet", is_flag=True, help="Do not say how far it is.")
def command(
    paths: tuple[Path, ...],
    rubric: Path | None,
    exam: Path | None,
    format_: str,
    jobs: int | None,
    seeds: int,
    batches: int,
    quiet: bool,
) -> int:
    """Show that the exam lets every right solution through and stops every wrong one.

    The exam is tried with right solutions, the known mistakes, more than a thousand mutants, other seeds and many
    more examples. Each SOLUTION is a right one of your own, which must pass too. The exit code is 0 if the exam is
    sound, and 1 if it is not.
    """
    import loky  # noqa: PLC0415 - slow to import

    from grader.audit.auditing import Plan, audit  # noqa: PLC0415 - not needed for --help
    from grader.audit.certificate import render_html  # noqa: PLC0415
    from grader.audit.exam import InstalledExam  # noqa: PLC0415
    from grader.audit.running import Runner  # noqa: PLC0415
    from grader.audit.summary import render_json, render_terminal  # noqa: PLC0415
    from grader.rubric import default_rubric, load_rubric  # noqa: PLC0415

    points = default_rubric() if rubric is None else load_rubric(rubric)
    source = InstalledExam(points, exam)
    seed = source.load().seed
    others = tuple(other for other in range(1, seeds + 2) if other != seed)[:seeds]
    with Runner(jobs or loky.cpu_count(), _silent if quiet else _Progress().tell) as runner:
        found = audit(source, Plan(seeds=others, batches=batches), runner, _read(paths))
    render = {"terminal": render_terminal, "json": render_json, "html": render_html}[format_]
    write_out(render(found))
    return 1 if found.faults else 0


class _Progress:
    """Says now and then how many parts of an audit are done."""

    def __init__(self) -> None:
        self._told = 0

    def tell(self, done: int, known: int) -> None:
        """Take the number of parts that are done, and of those known so far."""
        if done * _PARTS // known > self._told or done == known:
            say_line("audit", f"{done} of {known} parts so far are done")
        self._told = done * _PARTS // known


def _silent(_done: int, _known: int) -> None:
    return


def _read(paths: Sequence[Path]) -> list[Submission]:
    """Return the submissions in ``paths``; raises ``UsageError`` if one cannot be read."""
    from grader.intake import find_submissions, read_submission  # noqa: PLC0415

    read = [read_submission(found) for found in find_submissions(list(paths))] if paths else []
    for one in read:
        if isinstance(one, Unreadable):
            raise UsageError(f"{one.path} cannot be read: {one.reason}")
    return [one for one in read if isinstance(one, Submission)]
