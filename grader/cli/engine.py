"""What ``grade`` examines submissions with: processes of this machine or a cluster, and what is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli.progress import Tally, follow
from grader.cli.streams import say_line
from grader.errors import KitError

if TYPE_CHECKING:
    from grader.batch.records import Keeper
    from grader.examiner import Settings
    from grader.model import SubmissionResult

__all__ = ["Engine", "EngineOptions", "say", "with_engine"]

Engine = Callable[[Sequence[Path], "Settings"], Iterator["SubmissionResult"]]
"""What examines the submissions in some paths, and gives their results in order."""


_FEW = 3
"""So many of a kind are named."""


@dataclass(frozen=True)
class EngineOptions:
    """How the work is done; no score depends on it."""

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
    reserved = nullcontext() if keeper is None else keeper.records.reserved()
    with reserved, follow(tell, is_quiet=options.is_quiet) as tally:

        def engine(paths: Sequence[Path], settings: Settings) -> Iterator[SubmissionResult]:
            results = _examine(options, paths, settings, tally, keeper, tell)
            return _remembering(tally.making_room(results), names)

        names: list[str] = []
        try:
            code = run(engine)
        except KeyboardInterrupt as interruption:
            interruption.args = (f"interrupted; {_how_far(tally, options)}",)
            raise
        except KitError as error:
            if options.out is not None and tally.scored:
                error.args = (f"{error}; {_how_far(tally, options)}",)
            raise
        if keeper is not None:
            tell(
                f"{tally.kept} of {tally.count} results were kept from an earlier run, "
                f"{tally.done - tally.kept} are new"
            )
            for old, new in keeper.replaced[:_FEW]:
                tell(f"{new.id} in {options.out} was the result of {old.path}, and is now that of {new.path}")
            if len(keeper.replaced) > _FEW:
                tell(f"and so on, for {len(keeper.replaced) - _FEW} more")
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

    return Keeper(Records(options.out), reuses=not options.regrades)


def _remembering(results: Iterator[SubmissionResult], names: list[str]) -> Iterator[SubmissionResult]:
    for result in results:
        names.append(result.id)
        yield result


def _how_far(tally: Tally, options: EngineOptions) -> str:
    if not tally.count:
        return "nothing was examined"
    if options.out is None or not tally.scored:
        return f"{tally.done} of {tally.count} submissions are done"
    rest = "" if options.regrades else "; the same command does the rest"
    return f"{tally.scored} of {tally.count} submissions are done and kept in {options.out}{rest}"


def _left_alone(others: Sequence[str], out: Path | None) -> str:
    some = ", ".join(others[:_FEW]) + (f" and {len(others) - _FEW} more" if len(others) > _FEW else "")
    return f"left alone in {out}, being of submissions that are not here: {some}"


def say(text: str) -> None:
    """Tell the person who grades something, in a line on standard error."""
    say_line("grade", text)


def _nothing(_text: str) -> None:
    pass
