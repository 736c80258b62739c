"""Examines one submitted notebook at a time, in a process that is kept for the next."""

from __future__ import annotations

import atexit
from functools import cache
from pathlib import Path

from grader.batch.records import Records, result_key
from grader.candidate.isolation import Isolation
from grader.candidate.launcher import ForkingParent
from grader.examiner import Settings, examine_entries
from grader.intake import read_chosen
from grader.model import Submission, SubmissionResult, Unreadable

__all__ = ["examine_notebook"]


def examine_notebook(
    folder: Path, notebook: str, student: str, settings: Settings, records: Records | None
) -> SubmissionResult:
    """Return the result of the ``notebook`` in the ``folder`` that a student handed in, its helper modules beside it.

    It is taken from ``records`` where the same code was examined before, and kept there otherwise.
    """
    entry = read_chosen(folder, notebook, student)
    if records is None or not isinstance(entry, Submission):
        return _examined(entry, settings)
    key = result_key(entry, settings)
    result = records.get(student, key, entry)
    if result is None:
        result = _examined(entry, settings)
        records.keep(student, key, result)
    return result


def _examined(entry: Submission | Unreadable, settings: Settings) -> SubmissionResult:
    (result,) = examine_entries([entry], _forking_parent(settings.isolation), settings)
    return result


@cache
def _forking_parent(isolation: Isolation) -> ForkingParent:
    parent = ForkingParent(isolation)
    atexit.register(parent.close)
    return parent
