"""Add the exercise to an nbgrader course, and say what was found and written there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UsageError
from grader.files import differing_files, write_files
from grader.languages import ENGLISH
from grader.nbgrader.cells import ASSIGNMENT
from grader.nbgrader.configuration import CONFIG_FILE, is_configured, lines
from grader.text import printable

__all__ = ["CourseState", "add_exercise", "course_state", "render_added", "render_check"]

_SOURCE = Path("source", ASSIGNMENT)
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


def course_state(course: Path, files: Mapping[str, bytes], language: str = ENGLISH) -> CourseState:
    """Compare ``course`` with one that has ``files`` as the assignment's source.

    Raises ``UsageError`` if its configuration cannot be run.
    """
    folder = course / _SOURCE
    differing = differing_files(folder, files)
    missing = tuple(name for name in differing if not (folder / name).exists())
    changed = tuple(name for name in differing if name not in missing)
    return CourseState(missing, changed, is_configured(course, language))


def add_exercise(
    course: Path, files: Mapping[str, bytes], language: str = ENGLISH, *, force: bool
) -> CourseState:
    """Write ``files`` as the assignment's source into ``course``, and our lines into its configuration.

    Files with other contents stay unless ``force`` is true. Returns the state before. Raises ``UsageError`` if
    something cannot be written.
    """
    before = course_state(course, files, language)
    names = (*before.missing, *(before.changed if force else ()))
    write_files(course / _SOURCE, {name: files[name] for name in names}, force=True)
    if not before.is_configured:
        _append_lines(course / CONFIG_FILE, lines(language))
    return before


def render_check(course: Path, state: CourseState) -> str:
    """Return a line for everything that is wrong in ``course``, or one that says that nothing is."""
    shown = _name(course)
    wrong = [f"{shown}/{_SOURCE / name} is missing" for name in state.missing]
    if not state.is_configured:
        wrong.append(f"{shown}/{CONFIG_FILE} does not make nbgrader grade the exercise in the sandbox")
    if wrong:
        wrong.append(f"To fix it: perceptron-kit nbgrader {shown}")
    wrong += [
        f"{shown}/{_SOURCE / name} is not what the kit would write; --force replaces it"
        for name in state.changed
    ]
    return "\n".join(wrong or [f"Nothing is missing in {shown}."]) + "\n"


def render_added(course: Path, before: CourseState, language: str = ENGLISH, *, force: bool) -> str:
    """Return what was written into ``course``, what was left alone, and what to do next."""
    return "\n".join(_added(_name(course), before, language, force=force)) + "\n"


def _append_lines(config: Path, added: str) -> None:
    try:
        text = config.read_text(encoding="utf-8") if config.exists() else ""
        gap = "\n" if text.endswith("\n") else "\n\n"
        with config.open("a", encoding="utf-8") as file:
            file.write(gap + added if text else added)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"our lines cannot be added to {config} ({error}); fix it first") from None


def _added(course: str, before: CourseState, language: str, *, force: bool) -> Iterator[str]:
    for name in before.missing:
        yield f"wrote    {course}/{_SOURCE / name}"
    for name in before.changed:
        what, why = ("replaced", "") if force else ("left    ", ", which differs; --force replaces it")
        yield f"{what} {course}/{_SOURCE / name}{why}"
    if not before.is_configured:
        yield f"added to {course}/{CONFIG_FILE}:"
        yield ""
        yield from (f"    {line}".rstrip() for line in lines(language).splitlines())
        yield ""
    if before.is_configured and not before.missing and not (before.changed and force):
        yield f"The exercise is already in {course}."
    yield f"Next, in {course}: nbgrader generate_assignment {ASSIGNMENT}"


def _name(course: Path) -> str:
    """Return the name of a course in a sentence, in which a mere dot would be overlooked."""
    return printable(str(course if course.name else course.resolve()))
