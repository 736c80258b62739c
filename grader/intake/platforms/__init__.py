"""Recognise what a learning platform hands out for a whole class, and tell whose each file is.

A folder comes in, on disk or in an archive; each student's files come out, under the name that the platform has for
the student. Only names and levels of folders decide, never the content of a file that a student wrote.
"""

from __future__ import annotations

from collections.abc import Callable

from grader.intake.folders import Node
from grader.intake.found import FoundSubmission, Notice
from grader.intake.platforms import classroom_clones, gradescope_export, nbgrader_course, uploads

__all__ = ["find_by_platform"]


_FINDERS: tuple[Callable[[Node, Notice], list[FoundSubmission]], ...] = (
    gradescope_export.find,
    uploads.find,
    nbgrader_course.find,
    classroom_clones.find,
)


def find_by_platform(folder: Node, notice: Notice) -> list[FoundSubmission]:
    """Return the submissions in a folder that a learning platform filled, or an empty list for any other folder."""
    for find in _FINDERS:
        if found := find(folder, notice):
            return found
    return []
