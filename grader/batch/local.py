"""Examines a class on this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from grader.batch.engine import Observer, examine_class
from grader.candidate.launcher import ForkingParent
from grader.examiner import Settings, examine_entries, located_entries, prepare
from grader.model import Submission, SubmissionResult

if TYPE_CHECKING:
    from grader.batch.records import Keeper

__all__ = ["examine_locally"]

_FEW = 3
"""So many submissions are examined before other processes have been started."""


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

    That is one for each processor where no number is given: of a container's, so many as its share comes to.
    ``notice`` is told what was passed over. Raises ``UsageError`` for a path that cannot be read at all, and
    ``UngradedError`` where submissions cannot be isolated as ``settings`` demand.
    """
    with ForkingParent(settings.isolation) as parent:
        entries = located_entries(paths, notice, roster)
        if len(entries) <= _FEW:
            prepared = cache(partial(prepare, parent, settings))

            def examine_here(submissions: Sequence[Submission]) -> Future[list[SubmissionResult]]:
                prepared()
                return _done(list(examine_entries(submissions, parent, settings)))

            yield from examine_class(entries, settings, examine_here, 1, observer, keeper)
            return
        import loky  # noqa: PLC0415 - not needed for a few submissions

        from grader.batch.work import examine_batch  # noqa: PLC0415
        from grader.batch.workers import WorkerPool  # noqa: PLC0415

        at_a_time = jobs or loky.cpu_count()
        with WorkerPool(at_a_time) as pool:

            def examine_elsewhere(submissions: Sequence[Submission]) -> Future[list[SubmissionResult]]:
                return pool.submit(examine_batch, submissions, settings)

            yield from examine_class(entries, settings, examine_elsewhere, at_a_time, observer, keeper)


def _done(results: list[SubmissionResult]) -> Future[list[SubmissionResult]]:
    future: Future[list[SubmissionResult]] = Future()
    future.set_result(results)
    return future
