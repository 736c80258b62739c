"""Grade a class on this machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import nullcontext
from pathlib import Path

from grader.candidate.launcher import ForkingParent
from grader.errors import DisturbedError, WorkerDiedError
from grader.grading.cache import Cache
from grader.grading.many import grade_many
from grader.grading.progress import SILENT, Progress
from grader.grading.worker import grade_in_worker
from grader.intake import Entries, find_submissions
from grader.memory import Memory
from grader.model import Submission, SubmissionResult
from grader.settings import Settings

__all__ = ["grade_locally"]

_FEW = 3
"""Submissions that are graded here, since starting other processes would take longer."""
_MEMORY_OF_ONE = 128 * 1024 * 1024
"""Bytes for a worker, its forking parent and a usual submission, which took 90 MB when measured."""


def grade_locally(
    paths: Sequence[Path],
    settings: Settings,
    jobs: int | None = None,
    progress: Progress = SILENT,
    cache: Cache | None = None,
    roster: Path | None = None,
    parent: ForkingParent | None = None,
) -> Iterator[SubmissionResult]:
    """Yield the result of every submission in ``paths``, in order, with ``jobs`` graded at a time.

    The default is one for each processor, or a container's share of them. There are never more than memory has room
    for, and fewer once it has run out. Those in the CSV file ``roster`` who handed in nothing come last. ``parent``,
    with the isolation of ``settings``, makes the processes of a few submissions; without it, one is started.

    Raises ``UsageError`` for a path that cannot be read at all, and ``UngradedError`` without the isolation asked for.
    """
    entries = Entries(find_submissions(paths, progress.say, roster))
    settings = settings.for_submissions(len(entries))
    if len(entries) <= _FEW:
        with ForkingParent(settings.isolation) if parent is None else nullcontext(parent) as spawner:
            here = _ThisProcess(spawner, settings, progress)
            yield from grade_many(entries, settings, here, progress, cache)
        return
    import loky  # noqa: PLC0415 - slow to import, and not needed for a few submissions

    processes = _Processes(settings, jobs or loky.cpu_count(), progress)
    with processes.pool:
        yield from grade_many(entries, settings, processes, progress, cache)


class _ThisProcess:
    """Grades in this process, before ``submit`` returns."""

    jobs = in_flight = 1

    def __init__(self, parent: ForkingParent, settings: Settings, progress: Progress) -> None:
        self._parent, self._settings, self._progress = parent, settings, progress
        self._is_prepared = False

    def submit(self, submissions: Sequence[Submission]) -> Future[list[SubmissionResult]]:
        # NumPy and pytest are imported here, while the forking parent starts.
        from grader.grading import batch, session  # noqa: PLC0415

        future: Future[list[SubmissionResult]] = Future()
        try:
            if not self._is_prepared:
                session.prepare(self._parent, self._settings)
                self._is_prepared = True
            future.set_result(batch.grade_batch(submissions, self._parent, self._settings, self._progress))
        except DisturbedError as error:
            future.set_exception(WorkerDiedError(str(error)))
        return future

    def slow_down(self, *, is_alone: bool) -> None:
        """Do nothing: one at a time is as slow as it gets."""


class _Processes:
    """Grades in worker processes, as many as memory has room for."""

    def __init__(self, settings: Settings, jobs: int, progress: Progress) -> None:
        from grader.grading.pool import WorkerPool  # noqa: PLC0415 - not needed for a few submissions

        self._settings, self._progress = settings, progress
        self._memory = Memory()
        self._kills = self._kills_at_start = self._memory.kills()
        self.jobs = self._fitting(jobs)
        self.pool = WorkerPool(self.jobs)

    @property
    def in_flight(self) -> int:
        return 2 * self.jobs

    def submit(self, submissions: Sequence[Submission]) -> Future[list[SubmissionResult]]:
        return self.pool.submit(grade_in_worker, submissions, self._settings)

    def slow_down(self, *, is_alone: bool) -> None:
        before, self._kills = self._kills, self._memory.kills()
        fewer = self.jobs
        if is_alone and self._kills > self._kills_at_start:
            fewer = 1
        elif self._kills > before:
            fewer = max(1, self.jobs // 2)
        if fewer < self.jobs:
            self._progress.say(f"memory ran out, so {fewer} of {self.jobs} jobs are used from now on")
            self.jobs = fewer
            self.pool.shrink(fewer)

    def _fitting(self, jobs: int) -> int:
        """Return ``jobs``, or as many as memory has room for."""
        available = self._memory.available()
        if available is None or available >= jobs * _MEMORY_OF_ONE:
            return jobs
        fitting = max(1, available // _MEMORY_OF_ONE)
        self._progress.say(
            f"{available // 10**6} MB of memory are free, so {fitting} of {jobs} jobs are used; "
            f"each needs about {_MEMORY_OF_ONE // 10**6} MB"
        )
        return fitting
