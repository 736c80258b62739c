"""Add the exercise to an nbgrader course."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UsageError
from grader.files import differing_files, write_files
from grader.nbgrader.cells import ASSIGNMENT
from grader.nbgrader.configuration import CONFIG_FILE, LINES, is_configured

__all__ = ["SOURCE", "CourseState", "add_exercise", "course_state"]

SOURCE = Path("source", ASSIGNMENT)
"""The folder of the assignment's source in a course."""


@dataclass(frozen=True)
class CourseState:
    """How far the exercise is in a course."""

    missing: tuple[str, ...]
    """Files of the assignment's source that are missing."""
    changed: tuple[str, ...]
    """Files of the assignment's source that exist with other contents."""
    is_configured: bool

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing or changed."""
        return self.is_configured and not self.missing and not self.changed


def course_state(course: Path, files: Mapping[str, bytes]) -> CourseState:
    """Compare ``course`` with one that has ``files`` as the assignment's source.

    Raises ``UsageError`` if its configuration cannot be run.
    """
    folder = course / SOURCE
    differing = differing_files(folder, files)
    missing = tuple(name for name in differing if not (folder / name).exists())
    changed = tuple(name for name in differing if name not in missing)
    return CourseState(missing, changed, is_configured(course))


def add_exercise(course: Path, files: Mapping[str, bytes], *, force: bool) -> CourseState:
    """Write ``files`` as the assignment's source into ``course``, and our lines into its configuration.

    Files with other contents stay unless ``force`` is true. Returns the state before. Raises ``UsageError`` if
    something cannot be written.
    """
    before = course_state(course, files)
    names = (*before.missing, *(before.changed if force else ()))
    write_files(course / SOURCE, {name: files[name] for name in names}, force=True)
    if not before.is_configured:
        _append_lines(course / CONFIG_FILE)
    return before


def _append_lines(config: Path) -> None:
    try:
        text = config.read_text(encoding="utf-8") if config.exists() else ""
        gap = "\n" if text.endswith("\n") else "\n\n"
        with config.open("a", encoding="utf-8") as file:
            file.write(gap + LINES if text else LINES)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"our lines cannot be added to {config} ({error}); fix it first") from None
