"""What ``perceptron-kit nbgrader`` tells of a course."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from grader.nbgrader.cells import ASSIGNMENT
from grader.nbgrader.configuration import CONFIG_FILE, LINES
from grader.nbgrader.course import SOURCE, Differences
from grader.text import printable

__all__ = ["render_check", "render_written"]


def render_check(course: Path, different: Differences) -> str:
    """Return a line for everything in ``course`` that is not as it should be, or one that says that all is there."""
    shown = _name(course)
    lines = [f"{shown}/{SOURCE / name} is missing" for name in different.missing]
    if not different.is_configured:
        lines.append(f"{shown}/{CONFIG_FILE} does not have nbgrader mark the exercise behind the wall")
    if lines:
        lines.append(f"To fix it: perceptron-kit nbgrader {shown}")
    lines += [
        f"{shown}/{SOURCE / name} is not what the kit would write; --force replaces it"
        for name in different.changed
    ]
    return "\n".join(lines or [f"Nothing is missing in {shown}."]) + "\n"


def render_written(course: Path, different: Differences, *, force: bool) -> str:
    """Return what was written into ``course``, what was kept, and what to do next."""
    return "\n".join(_written(_name(course), different, force=force)) + "\n"


def _written(course: str, different: Differences, *, force: bool) -> Iterator[str]:
    for name in different.missing:
        yield f"wrote    {course}/{SOURCE / name}"
    for name in different.changed:
        what = "replaced" if force else "kept    "
        yield f"{what} {course}/{SOURCE / name}" + ("" if force else ", which differs; --force replaces it")
    if not different.is_configured:
        yield f"added to {course}/{CONFIG_FILE}:"
        yield ""
        yield from (f"    {line}".rstrip() for line in LINES.splitlines())
        yield ""
    if not different or (different.is_configured and not different.missing and not force):
        yield f"The exercise is in {course}."
    yield f"Next, in {course}: nbgrader generate_assignment {ASSIGNMENT}"


def _name(course: Path) -> str:
    """Return what a course is called in a sentence, in which a dot would be lost."""
    return printable(str(course if course.name else course.resolve()))
