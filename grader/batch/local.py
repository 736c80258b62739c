"""Examines a class on this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from grader.batch.engine import Observer, examine_class
from grader.batch.errors import WorkerDiedError
from grader.candidate.launcher import ForkingParent
from grader.errors import DisturbedError
from grader.examiner import Settings, examine_entries, located_entries, prepare
from grader.memory import Memory
from grader.model import Submission, SubmissionResult

if TYPE_CHECKING:
    from grader.batch.records import Keeper

__all__ = ["examine_locally"]

_FEW = 3
"""So many submissions are examined before other processes have been started."""
_MEMORY_OF_ONE = 128 * 1024 * 1024
"""Bytes for a process that examines, its forking parent and a usual submission, which took 90 MB when measured."""


def examine_locally(
    paths: Sequence[Path],
    settings: Settings,
    jobs: int | None,
    observer: Observer,
    keeper: Keeper | None = None,
    notice: Callable[[str], None] = lambda _text: None,
    roster: Path | None = None,
) -> Iterator[SubmissionResult]:
    """Yield the result of every submission in ``paths``, in order, with ``jobs`` examined at a time.

    The default is one for each processor, or a container's share of them. There are never more than memory has room
    for, and fewer once it has run out. ``notice`` is told of that, and of what was skipped.

    Raises ``UsageError`` for a path that cannot be read at all, and ``UngradedError`` without the isolation asked for.
    """
    with ForkingParent(settings.isolation) as parent:
        entries = located_entries(paths, notice, roster)
        if len(entries) <= _FEW:
            examine = partial(_examined_here, settings, parent, cache(partial(prepare, parent, settings)))
            yield from examine_class(entries, settings, examine, 1, observer, keeper, at_once=True)
            return
        import loky  # noqa: PLC0415 - not needed for a few submissions

        from grader.batch.work import examine_batch  # noqa: PLC0415
        from grader.batch.workers import WorkerPool  # noqa: PLC0415

        room = _Room(notice)
        at_a_time = room.for_so_many(jobs or loky.cpu_count())
        with WorkerPool(at_a_time) as pool:

            def lower(jobs: int, is_alone: bool) -> int:
                fewer = room.after_a_disturbance(jobs, is_alone=is_alone)
                pool.shrink(fewer)
                return fewer

            def examine_elsewhere(submissions: Sequence[Submission]) -> Future[list[SubmissionResult]]:
                return pool.submit(examine_batch, submissions, settings)

            yield from examine_class(
                entries,
                settings,
                examine_elsewhere,
                at_a_time,
                observer,
                keeper,
                lower,
                is_slow=entries.is_slow,
            )


def _examined_here(
    settings: Settings,
    parent: ForkingParent,
    prepared: Callable[[], None],
    submissions: Sequence[Submission],
) -> Future[list[SubmissionResult]]:
    """Examine ``submissions`` in this process, before it returns; ``prepared`` prepares it the first time."""
    future: Future[list[SubmissionResult]] = Future()
    try:
        prepared()
        future.set_result(list(examine_entries(submissions, parent, settings)))
    except DisturbedError as error:
        future.set_exception(WorkerDiedError(str(error)))
    return future


class _Room:
    """Says how many submissions memory has room for; ``notice`` is told if they are fewer than was asked for."""

    def __init__(self, notice: Callable[[str], None]) -> None:
        self._notice = notice
        self._memory = Memory()
        self._kills = self._before = self._memory.kills()

    def for_so_many(self, jobs: int) -> int:
        """Return ``jobs``, or as many as there is room for."""
        available = self._memory.available()
        fitting = jobs if available is None else max(1, min(jobs, available // _MEMORY_OF_ONE))
        if available is not None and fitting < jobs:
            self._notice(
                f"{available // 10**6} MB of memory are free, so {fitting} of {jobs} jobs are used; "
                f"each needs about {_MEMORY_OF_ONE // 10**6} MB"
            )
        return fitting

    def after_a_disturbance(self, jobs: int, *, is_alone: bool) -> int:
        """Return ``jobs``, or fewer if the kernel had to end processes: one, if one is to be examined alone."""
        before, self._kills = self._kills, self._memory.kills()
        if is_alone:
            fewer = 1 if self._kills > self._before else jobs
        else:
            fewer = max(1, jobs // 2) if self._kills > before else jobs
        if fewer < jobs:
            self._notice(f"memory ran out, so {fewer} of {jobs} jobs are used from now on")
        return fewer
