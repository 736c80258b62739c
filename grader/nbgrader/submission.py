"""Examines one submitted notebook at a time, in a process that is kept for the next."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from grader.batch.errors import WorkerDiedError
from grader.batch.records import Keeper
from grader.batch.work import examine_batch
from grader.batch.workers import WorkerPool
from grader.errors import UngradedError
from grader.examiner import Settings, unreadable
from grader.intake import read_chosen
from grader.model import Submission, SubmissionResult

__all__ = ["examine_notebook"]


def examine_notebook(
    folder: Path, notebook: str, student: str, settings: Settings, keeper: Keeper | None = None
) -> SubmissionResult:
    """Return the result of the ``notebook`` in the ``folder`` that a student handed in, its helper modules beside it.

    ``keeper`` is asked for it first, and keeps it. Raises
    ``UngradedError`` where submissions cannot be isolated as ``settings`` demand.
    """
    entry = read_chosen(folder, notebook, student)
    if not isinstance(entry, Submission):
        return unreadable(entry, settings)
    result = None if keeper is None else keeper.find(entry, settings)
    if result is None:
        result = _examined(entry, settings)
        if keeper is not None:
            keeper.keep(entry, settings, result)
    return result


def _examined(submission: Submission, settings: Settings) -> SubmissionResult:
    # Not in this process: it may be a Jupyter server, which has better things to do than to run pytest sessions.
    try:
        (result,) = _pool().submit(examine_batch, [submission], settings).result()
    except WorkerDiedError as error:
        raise UngradedError(f"{error}; try again") from None
    return result


@cache
def _pool() -> WorkerPool:
    return WorkerPool(1)
