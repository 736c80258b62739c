"""What ``grade`` examines submissions with: processes of this machine or a cluster, and what is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli.progress import Tally, follow
from grader.cli.streams import say_line

if TYPE_CHECKING:
    from grader.batch.records import Keeper
    from grader.examiner import Settings
    from grader.model import SubmissionResult

__all__ = ["Engine", "EngineOptions", "say", "with_engine"]

Engine = Callable[[Sequence[Path], "Settings"], Iterator["SubmissionResult"]]
"""What examines the submissions in some paths, and gives their results in order."""


@dataclass(frozen=True)
class EngineOptions:
    """How the work is done; no mark depends on it."""

    jobs: int | None
    """Submissions at a time; none for as many as there are processors."""
    scheduler: str | None
    """The address of a Dask scheduler."""
    out: Path | None
    """The folder where results are kept."""
    regrades: bool
    is_quiet: bool
    roster: Path | None = None
    """The file that says who is in the class."""


def with_engine(options: EngineOptions, run: Callable[[Engine], int]) -> int:
    """Return what ``run`` returns, which is given the engine that ``options`` ask for.

    What comes of it is said on standard error. Ctrl-C raises ``KeyboardInterrupt`` with how far it went.
    """
    tell = _nothing if options.is_quiet else say
    keeper = _keeper(options)
    with follow(tell, is_quiet=options.is_quiet) as tally:

        def engine(paths: Sequence[Path], settings: Settings) -> Iterator[SubmissionResult]:
            results = _examine(options, paths, settings, tally, keeper, tell)
            return _remembering(tally.making_room(results), names)

        names: list[str] = []
        try:
            code = run(engine)
        except KeyboardInterrupt as interruption:
            interruption.args = (_interrupted(tally, options),)
            raise
    if keeper is not None:
        tell(
            f"{tally.kept} of {tally.count} results were kept from an earlier run, {tally.done - tally.kept} are new"
        )
        if others := keeper.records.others(names):
            tell(_left_alone(others, options.out))
    return code


def _examine(
    options: EngineOptions,
    paths: Sequence[Path],
    settings: Settings,
    tally: Tally,
    keeper: Keeper | None,
    say: Callable[[str], None],
) -> Iterator[SubmissionResult]:
    if options.scheduler is not None:
        from grader.batch.cluster import examine_on_cluster  # noqa: PLC0415 - an extra, and slow to import

        return examine_on_cluster(paths, settings, options.scheduler, tally, keeper, say, options.roster)
    from grader.batch.local import examine_locally  # noqa: PLC0415 - not needed for --help

    return examine_locally(paths, settings, options.jobs, tally, keeper, say, options.roster)


def _keeper(options: EngineOptions) -> Keeper | None:
    if options.out is None:
        return None
    from grader.batch.records import Keeper, Records  # noqa: PLC0415 - not needed without --out

    records = Records(options.out)
    records.prepare()
    return Keeper(records, reuses=not options.regrades)


def _remembering(results: Iterator[SubmissionResult], names: list[str]) -> Iterator[SubmissionResult]:
    for result in results:
        names.append(result.id)
        yield result


def _interrupted(tally: Tally, options: EngineOptions) -> str:
    how = f"{tally.done} of {tally.count} submissions are done" if tally.count else "nothing was examined"
    if options.out is None or not tally.done:
        return f"interrupted; {how}"
    rest = "" if options.regrades else "; the same command does the rest"
    return f"interrupted; {how} and kept in {options.out}{rest}"


def _left_alone(others: Sequence[str], out: Path | None) -> str:
    some = ", ".join(others[:3]) + (f" and {len(others) - 3} more" if len(others) > 3 else "")  # noqa: PLR2004
    return f"left alone in {out}, being of submissions that are not here: {some}"


def say(text: str) -> None:
    """Tell the person who grades something, in a line on standard error."""
    say_line("grade", text)


def _nothing(_text: str) -> None:
    pass
