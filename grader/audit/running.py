"""Run the parts of an audit in this process or in several, and tell how far it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import as_completed
from typing import TypeVar

from grader.grading.pool import WorkerPool

__all__ = ["Runner"]

T = TypeVar("T")


class Runner:
    """Makes calls, ``jobs`` at a time; calls and results are pickled if there are several.

    ``told`` is called with the number of parts that are done and the number known so far.
    """

    def __init__(self, jobs: int, told: Callable[[int, int], None] = lambda _done, _all: None) -> None:
        self._told = told
        self._done = self._all = 0
        self._pool = WorkerPool(jobs) if jobs > 1 else None

    def __enter__(self) -> Runner:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=kind is not None)

    def run(self, calls: Sequence[Callable[[], T]]) -> list[T]:
        """Return the results of ``calls``, in order."""
        self._all += len(calls)
        if self._pool is None:
            return [self._finished(call()) for call in calls]
        futures = [self._pool.submit(call) for call in calls]
        for _ in as_completed(futures):
            self._finished(None)
        return [future.result() for future in futures]

    def _finished(self, result: T) -> T:
        self._done += 1
        self._told(self._done, self._all)
        return result
