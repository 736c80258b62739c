"""What a cluster's worker does: examine a batch in a process of its own, if it is fit to."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Sequence
from functools import cache

from distributed import get_worker

from grader.batch.work import examine_batch
from grader.batch.workers import WorkerPool
from grader.candidate.isolation import Isolation
from grader.candidate.launcher import ForkingParent
from grader.errors import UngradedError
from grader.examiner import Settings, prepare
from grader.model import Submission, SubmissionResult
from grader.version import unexpected_versions

__all__ = ["examine_remotely", "pack", "unfitness_for", "unpack"]

_lock = threading.Lock()


def pack(submissions: Sequence[Submission], settings: Settings) -> bytes:
    """Return a request to ``examine_remotely``."""
    return pickle.dumps((list(submissions), settings))


def unpack(reply: bytes) -> list[SubmissionResult]:
    """Return the results in a reply of ``examine_remotely``, which a cluster of one's own is trusted with."""
    results: list[SubmissionResult] = pickle.loads(reply)  # noqa: S301
    return results


def examine_remotely(request: bytes) -> bytes:
    """Examine the submissions of a request, packed by the same version of the kit, and return their results.

    A worker runs calls in threads of one process, and a session of pytest needs a process for itself.
    """
    submissions, settings = pickle.loads(request)  # noqa: S301 - the scheduler's clients are trusted
    with _lock:
        pool = _pool()
    return pickle.dumps(pool.submit(examine_batch, submissions, settings).result())


def unfitness_for(isolation: str) -> str | None:
    """Return why submissions cannot be examined here as elsewhere, isolated as is asked; ``None`` if they can."""
    if unexpected := unexpected_versions():
        return f"it has {unexpected}"
    try:
        with ForkingParent(Isolation(isolation)) as parent:
            prepare(parent, Settings(isolation=Isolation(isolation)))
    except UngradedError as error:
        return str(error)
    return None


@cache
def _pool() -> WorkerPool:
    """Return the processes of this worker, as many as it has threads; they end with it."""
    return WorkerPool(get_worker().state.nthreads)
