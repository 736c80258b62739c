"""Recognize what a learning platform hands out for a whole class, and tell whose each file is.

A folder comes in, on disk or in an archive; each student's files come out, under the name that the platform has for
the student. Only names and levels of folders decide, never the content of a file that a student wrote.
"""

from __future__ import annotations

from typing import Protocol

from grader.intake.folders import Node
from grader.intake.found import FoundSubmission, Notice
from grader.intake.platforms import classroom_clones, gradescope_export, nbgrader_course, uploads

__all__ = ["Platform", "find_by_platform"]


class Platform(Protocol):
    """A way to hand out the submissions of a class; each module here is one."""

    def find(self, folder: Node, notice: Notice, /) -> list[FoundSubmission]:
        """Return the submissions in a folder that the platform filled, or an empty list for any other folder."""


_PLATFORMS: tuple[Platform, ...] = (gradescope_export, uploads, nbgrader_course, classroom_clones)


def find_by_platform(folder: Node, notice: Notice) -> list[FoundSubmission]:
    """Return the submissions in a folder that a learning platform filled, or an empty list for any other folder."""
    for platform in _PLATFORMS:
        if found := platform.find(folder, notice):
            return found
    return []
