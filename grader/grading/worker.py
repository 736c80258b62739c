"""What a worker process does: grade a batch, and keep what the next one needs too."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from functools import cache

from grader.candidate.isolation import Isolation
from grader.candidate.launcher import ForkingParent
from grader.errors import DisturbedError, WorkerDiedError
from grader.model import Submission, SubmissionResult
from grader.settings import Settings

__all__ = ["forking_parent", "grade_in_worker"]

_prepared_for: list[Settings] = []


def grade_in_worker(submissions: Sequence[Submission], settings: Settings) -> list[SubmissionResult]:
    """Return the results of ``submissions``, in order.

    The process keeps its forking parent and the exam's questions for the next call. So it must stop with its caller,
    as those of a `WorkerPool` do, and take one call at a time.

    Raises ``UngradedError`` if submissions cannot be isolated as ``settings`` demand, and ``WorkerDiedError`` if this
    process can do no more work: there is no memory, or no room on the disk.
    """
    from grader.grading import batch, session  # noqa: PLC0415 - only a worker needs NumPy and pytest

    try:
        parent = forking_parent(settings.isolation)
        if settings not in _prepared_for:
            session.prepare(parent, settings)
            _prepared_for[:] = [settings]
        results = batch.grade_batch(submissions, parent, settings)
    except (DisturbedError, MemoryError, OSError) as error:
        raise WorkerDiedError(f"a process of the grader gave up ({error or type(error).__name__})") from error
    # A pytest session leaves cycles of objects behind, which Python does not collect often enough by itself.
    gc.collect()
    # What is left has no cycles, and need not be searched again.
    gc.freeze()
    return results


@cache
def forking_parent(isolation: Isolation) -> ForkingParent:
    """Return the forking parent that this process keeps, under the same conditions as ``grade_in_worker``."""
    return ForkingParent(isolation)
