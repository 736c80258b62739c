"""Say what ``perceptron-kit nbgrader`` found in a course and what it wrote."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from grader.nbgrader.cells import ASSIGNMENT
from grader.nbgrader.configuration import CONFIG_FILE, LINES
from grader.nbgrader.course import SOURCE, CourseState
from grader.text import printable

__all__ = ["render_added", "render_check"]


def render_check(course: Path, state: CourseState) -> str:
    """Return a line for everything that is wrong in ``course``, or one that says that nothing is."""
    shown = _name(course)
    lines = [f"{shown}/{SOURCE / name} is missing" for name in state.missing]
    if not state.is_configured:
        lines.append(f"{shown}/{CONFIG_FILE} does not make nbgrader grade the exercise in the sandbox")
    if lines:
        lines.append(f"To fix it: perceptron-kit nbgrader {shown}")
    lines += [
        f"{shown}/{SOURCE / name} is not what the kit would write; --force replaces it"
        for name in state.changed
    ]
    return "\n".join(lines or [f"Nothing is missing in {shown}."]) + "\n"


def render_added(course: Path, before: CourseState, *, force: bool) -> str:
    """Return what was written into ``course``, what was left alone, and what to do next."""
    return "\n".join(_added(_name(course), before, force=force)) + "\n"


def _added(course: str, before: CourseState, *, force: bool) -> Iterator[str]:
    for name in before.missing:
        yield f"wrote    {course}/{SOURCE / name}"
    for name in before.changed:
        what, why = ("replaced", "") if force else ("left    ", ", which differs; --force replaces it")
        yield f"{what} {course}/{SOURCE / name}{why}"
    if not before.is_configured:
        yield f"added to {course}/{CONFIG_FILE}:"
        yield ""
        yield from (f"    {line}".rstrip() for line in LINES.splitlines())
        yield ""
    if before.is_configured and not before.missing and not (before.changed and force):
        yield f"The exercise is already in {course}."
    yield f"Next, in {course}: nbgrader generate_assignment {ASSIGNMENT}"


def _name(course: Path) -> str:
    """Return the name of a course in a sentence, in which a mere dot would be overlooked."""
    return printable(str(course if course.name else course.resolve()))
