"""Examine submitted notebooks, and read what is shown of them, one at a time in a process that is reused."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import ParamSpec, TypeVar

from grader.candidate.client import Candidate, Ended
from grader.errors import UngradedError, UnreadableError
from grader.grading.cache import Cache
from grader.grading.pool import WorkerDiedError, WorkerPool
from grader.grading.results import unreadable_result
from grader.grading.worker import forking_parent, grade_in_worker
from grader.intake import read_chosen
from grader.model import Submission, SubmissionResult
from grader.protocol.shown_cells import ShownCell
from grader.settings import Settings

__all__ = ["examine_notebook", "shown_cells"]

P = ParamSpec("P")
T = TypeVar("T")


def examine_notebook(
    folder: Path, notebook: str, student: str, settings: Settings, results: Cache | None = None
) -> SubmissionResult:
    """Return the result of the ``notebook`` in the ``folder`` that a student handed in, its helper modules beside it.

    ``results`` are searched for it first, and it is saved there. Raises ``UngradedError`` if submissions cannot be
    isolated as ``settings`` demand.
    """
    entry = read_chosen(folder, notebook, student)
    if not isinstance(entry, Submission):
        return unreadable_result(entry, settings)
    result = None if results is None else results.find(entry, settings)
    if result is None:
        result = _examined(entry, settings)
        if results is not None:
            results.save(entry, settings, result)
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
        Candidate(nobody, forking_parent(settings.isolation), settings.timeouts, settings.limits)
    ) as candidate:
        try:
            return candidate.show(content)
        except Ended as error:
            raise UnreadableError(f"it {error} while it was read") from None


def _examined(submission: Submission, settings: Settings) -> SubmissionResult:
    (result,) = _called(grade_in_worker, [submission], settings)
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
