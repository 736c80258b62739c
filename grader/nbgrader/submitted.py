"""Grade and read submitted notebooks, one at a time, in a process of its own that is reused."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import ParamSpec, TypeVar

from grader.candidate.client import Candidate, Ended
from grader.errors import UngradedError, UnreadableError, WorkerDiedError
from grader.grading.cache import Cache
from grader.grading.pool import WorkerPool
from grader.grading.results import unreadable_result
from grader.grading.worker import forking_parent, grade_in_worker
from grader.intake import read_folder
from grader.model import Submission, SubmissionResult
from grader.protocol.shown_cells import ShownCell
from grader.settings import Settings

__all__ = ["grade_notebook", "shown_cells"]

P = ParamSpec("P")
T = TypeVar("T")


def grade_notebook(
    folder: Path, notebook: str, student: str, settings: Settings, results: Cache | None = None
) -> SubmissionResult:
    """Grade the ``notebook`` in the ``folder`` that a student handed in, with its helper modules.

    ``results`` are searched for it first, and it is saved there. Raises ``UngradedError`` if submissions cannot be
    isolated as ``settings`` demand.
    """
    entry = read_folder(folder, student, notebook)
    if not isinstance(entry, Submission):
        return unreadable_result(entry, settings)
    result = None if results is None else results.find(entry, settings)
    if result is None:
        (result,) = _in_worker(grade_in_worker, [entry], settings)
        if results is not None:
            results.save(entry, settings, result)
    return result


def shown_cells(content: bytes, settings: Settings) -> tuple[ShownCell, ...]:
    """Return what a page shows of the notebook in ``content``, which is read inside the sandbox.

    Raises ``UnreadableError`` if that is nothing, or too much. Raises ``UngradedError`` if submissions cannot be
    isolated as ``settings`` demand.
    """
    return _in_worker(_shown, content, settings)


def _shown(content: bytes, settings: Settings) -> tuple[ShownCell, ...]:
    nobody = Submission("", "", {})
    with closing(
        Candidate(nobody, forking_parent(settings.isolation), settings.timeouts, settings.limits)
    ) as candidate:
        try:
            return candidate.show(content)
        except Ended as error:
            raise UnreadableError("it {ended} while it was read", ended=error.message) from None


def _in_worker(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    # Not in this process, which may be a Jupyter server: a pytest session would block it.
    try:
        return _pool().submit(function, *args, **kwargs).result()
    except WorkerDiedError as error:
        raise UngradedError(f"{error}; try again") from None


@cache
def _pool() -> WorkerPool:
    return WorkerPool(1)
