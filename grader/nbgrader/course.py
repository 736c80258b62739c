"""Lays the exercise into an nbgrader course, and says what is missing in one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from grader import assignment
from grader.errors import UsageError
from grader.nbgrader.cells import ASSIGNMENT
from grader.nbgrader.configuration import CONFIG_FILE, is_configured, with_lines

__all__ = ["SOURCE", "Differences", "differences", "lay_into"]

SOURCE = Path("source", ASSIGNMENT)
"""Where the assignment's source is in a course."""


@dataclass(frozen=True)
class Differences:
    """In what a course is not as `lay_into` would make it."""

    missing: tuple[str, ...]
    """Names of files in the assignment's source folder."""
    changed: tuple[str, ...]
    """Names of such files that are there with other contents."""
    is_configured: bool

    def __bool__(self) -> bool:
        """Tell whether there are any."""
        return bool(self.missing or self.changed) or not self.is_configured


def differences(course: Path, files: Mapping[str, bytes]) -> Differences:
    """Return in what ``course`` differs from one with ``files`` as the assignment's source.

    Raises ``UsageError`` where its configuration cannot be run.
    """
    folder = course / SOURCE
    different = assignment.differences(folder, files)
    missing = tuple(name for name in different if not (folder / name).exists())
    changed = tuple(name for name in different if name not in missing)
    return Differences(missing, changed, is_configured(course))


def lay_into(course: Path, files: Mapping[str, bytes], *, force: bool) -> Differences:
    """Write ``files`` as the assignment's source into ``course``, and our lines into its configuration.

    Files that are there with other contents stay, unless ``force`` says otherwise. Returns what was different before.
    Raises ``UsageError`` where something cannot be written.
    """
    different = differences(course, files)
    try:
        (course / SOURCE).mkdir(parents=True, exist_ok=True)
        for name in (*different.missing, *(different.changed if force else ())):
            (course / SOURCE / name).write_bytes(files[name])
        if not different.is_configured:
            path = course / CONFIG_FILE
            text = path.read_text(encoding="utf-8") if path.exists() else ""
            path.write_text(with_lines(text), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{course}: the exercise cannot be laid into it ({error})") from None
    return different
