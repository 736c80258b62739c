"""Examine submitted notebooks, and read what is shown of them, one at a time in a process that is reused."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import ParamSpec, TypeVar

from grader.batch.errors import WorkerDiedError
from grader.batch.records import Keeper
from grader.batch.work import examine_batch, forking_parent
from grader.batch.workers import WorkerPool
from grader.candidate.client import Candidate, Ended
from grader.errors import UngradedError, UnreadableError
from grader.examiner import Settings, unreadable
from grader.intake import read_chosen
from grader.model import Submission, SubmissionResult
from grader.protocol.shown_cells import ShownCell

__all__ = ["examine_notebook", "shown_cells"]

P = ParamSpec("P")
T = TypeVar("T")


def examine_notebook(
    folder: Path, notebook: str, student: str, settings: Settings, keeper: Keeper | None = None
) -> SubmissionResult:
    """Return the result of the ``notebook`` in the ``folder`` that a student handed in, its helper modules beside it.

    ``keeper`` is asked for it first, and keeps it. Raises ``UngradedError`` if submissions cannot be isolated as
    ``settings`` demand.
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


def shown_cells(content: bytes, settings: Settings) -> tuple[ShownCell, ...]:
    """Return what is shown of the notebook in ``content``, which the far side of the wall reads.

    Raises ``UnreadableError`` if that is nothing, or too much, and ``UngradedError`` if submissions cannot be
    isolated as ``settings`` demand.
    """
    return _called(_shown, content, settings)


def _shown(content: bytes, settings: Settings) -> tuple[ShownCell, ...]:
    nobody = Submission("", "", {})
    with closing(
        Candidate(nobody, forking_parent(settings.isolation), settings.patience, settings.limits)
    ) as candidate:
        try:
            return candidate.show(content)
        except Ended as error:
            raise UnreadableError(f"it {error} while it was read") from None


def _examined(submission: Submission, settings: Settings) -> SubmissionResult:
    (result,) = _called(examine_batch, [submission], settings)
    return result


def _called(fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    # Not in this process: it may be a Jupyter server, which has better things to do than to run pytest sessions.
    try:
        return _pool().submit(fn, *args, **kwargs).result()
    except WorkerDiedError as error:
        raise UngradedError(f"{error}; try again") from None


@cache
def _pool() -> WorkerPool:
    return WorkerPool(1)
