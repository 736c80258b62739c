"""Run the parts of an audit in this process or in several, and tell how far it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from threading import Lock
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
        self._lock = Lock()
        self._pool = WorkerPool(jobs) if jobs > 1 else None

    def __enter__(self) -> Runner:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=kind is not None)

    def start(self, calls: Sequence[Callable[[], T]]) -> Callable[[], list[T]]:
        """Start ``calls``, after those started before, and return what waits for their results, in order.

        Parts that do not need each other's results are started together, so that no process waits for the last call
        of a part.
        """
        self._all += len(calls)
        if self._pool is None:
            results = []
            for call in calls:
                results.append(call())
                self._count()
            return lambda: results
        futures = [self._pool.submit(call) for call in calls]
        for future in futures:
            future.add_done_callback(self._count_if_answered)
        return lambda: [future.result() for future in futures]

    def run(self, calls: Sequence[Callable[[], T]]) -> list[T]:
        """Return the results of ``calls``, in order."""
        return self.start(calls)()

    def _count_if_answered(self, future: Future[T]) -> None:
        if not future.cancelled() and future.exception() is None:
            self._count()

    def _count(self) -> None:
        with self._lock:
            self._done += 1
            self._told(self._done, self._all)
