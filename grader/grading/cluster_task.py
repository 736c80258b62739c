"""What a worker of a Dask cluster does: grade a batch in a process of its own."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Sequence
from functools import cache

from distributed import get_worker

from grader.errors import UngradedError
from grader.grading.pool import WorkerPool
from grader.grading.worker import grade_in_worker
from grader.model import Submission, SubmissionResult
from grader.settings import Settings
from grader.version import unexpected_versions

__all__ = ["grade_on_worker", "request_for"]

_lock = threading.Lock()


def request_for(submissions: Sequence[Submission], settings: Settings) -> bytes:
    """Return a request to ``grade_on_worker``."""
    return pickle.dumps((list(submissions), settings))


def grade_on_worker(request: bytes) -> list[SubmissionResult]:
    """Grade the submissions of a request, which the same version of the kit has made.

    A worker runs calls in threads of one process, and a pytest session needs a process for itself. Raises
    ``UngradedError`` if scores might differ here from those elsewhere, or if submissions cannot be isolated.
    """
    if unexpected := unexpected_versions():
        raise UngradedError(f"it has {unexpected}")
    submissions, settings = pickle.loads(request)  # noqa: S301 - the scheduler's clients are trusted
    with _lock:
        pool = _pool()
    return pool.submit(grade_in_worker, submissions, settings).result()


@cache
def _pool() -> WorkerPool:
    """Return the processes of this worker, one for each of its threads; they stop with it."""
    return WorkerPool(get_worker().state.nthreads)
