"""The unit of work: a few submissions, examined in a process that is kept warm."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from functools import cache

from grader.batch.errors import WorkerDiedError
from grader.candidate.isolation import Isolation
from grader.candidate.launcher import ForkingParent
from grader.errors import DisturbedError
from grader.examiner import Settings, examine_entries, prepare
from grader.model import Submission, SubmissionResult

__all__ = ["examine_batch", "forking_parent"]


def examine_batch(submissions: Sequence[Submission], settings: Settings) -> list[SubmissionResult]:
    """Return the results of ``submissions``, in order.

    The process that it is run in keeps its forking parent and the exam's questions for the next call, so it must
    be one that ends with its caller (``workers``), and run one call at a time. Raises ``UngradedError`` if
    submissions cannot be isolated as ``settings`` demand, and ``WorkerDiedError`` if this process can do no more
    work: there is no memory, or no room on the disk.
    """
    try:
        results = list(examine_entries(submissions, _prepared(settings), settings))
    except (DisturbedError, MemoryError, OSError) as error:
        raise WorkerDiedError(f"a process of the grader gave up ({error or type(error).__name__})") from error
    # A session of pytest leaves circles of objects behind, which are not looked for often enough by themselves.
    gc.collect()
    # What is left is remembered and has no circles: it need not be looked through again.
    gc.freeze()
    return results


@cache
def forking_parent(isolation: Isolation) -> ForkingParent:
    """Return the forking parent that this process keeps; the same restrictions hold as for ``examine_batch``."""
    return ForkingParent(isolation)


_prepared_for: list[Settings] = []


def _prepared(settings: Settings) -> ForkingParent:
    parent = forking_parent(settings.isolation)
    if settings not in _prepared_for:
        prepare(parent, settings)
        _prepared_for[:] = [settings]
    return parent
