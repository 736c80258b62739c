"""Take apart the names that learning platforms give to uploads: Moodle, Canvas and nbgrader's exchange."""

from __future__ import annotations

import re

from msgspec import Struct

from grader.intake.folders import Kind, Node
from grader.intake.found import FoundSubmission

__all__ = ["CANVAS", "MOODLE", "PLATFORMS", "Upload", "UploadNames"]

_LONGEST = 255


class Upload(Struct, frozen=True):
    """What the name of an upload says."""

    id: str
    """The student's name and number, with a ``_`` between them."""
    aliases: tuple[str, ...]
    """The number and the name that the platform knows the student by."""
    file: str
    """The name that the student gave the file; empty for a folder."""
    turn: tuple[int, ...]
    """Higher for a later upload; empty if the platform does not say."""
    assignment: str
    given: int
    """How many characters of the name the platform chose."""

    def submission(self, node: Node) -> FoundSubmission:
        """Return ``node``, whose name this is, as the student's submission."""
        return FoundSubmission.of(node, self.id, self.aliases, name=self.file)

    def file_name(self, node: Node) -> str:
        """Return the name that the student gave ``node``; empty for a folder."""
        return self.file or ("" if node.kind is Kind.FOLDER else node.name)


class UploadNames:
    """How one platform names uploads: patterns, of which one must fit a whole name.

    A pattern must be as narrow as the platform's own rules, since the student chose the end of the name and may make
    it look like anything. Its groups:

    - ``name``, ``number``: the student's name, and the number that the platform's gradebook has for the student
    - ``file``, ``ending``: the name that the student gave the file; missing for a folder or a text
    - ``turn``: grows each time that the same file is handed in; of several with one name, the newest counts
    - ``assignment``: the assignment that the upload belongs to
    """

    def __init__(self, *patterns: str) -> None:
        self._patterns = [re.compile(pattern, re.DOTALL) for pattern in patterns]

    def parse(self, name: str) -> Upload | None:
        """Return what the name of a file or folder says, or ``None`` if the platform did not give it."""
        if len(name) > _LONGEST:
            return None
        match = next(filter(None, (pattern.fullmatch(name) for pattern in self._patterns)), None)
        return None if match is None else _upload(match)


def _upload(match: re.Match[str]) -> Upload:
    found = {key: value or "" for key, value in match.groupdict().items()}
    student = [part for part in (found.get("name"), found.get("number")) if part]
    file = found.get("file", "") + found.get("ending", "")
    return Upload(
        "_".join(student),
        tuple(reversed(student)),
        file,
        tuple(int(digits) for digits in re.findall(r"\d+", found.get("turn", ""))),
        found.get("assignment", ""),
        len(match[0]) - len(file),
    )


MOODLE = UploadNames(
    # mod/assign/locallib.php, download_submissions. A _ in a student's name has become a blank there.
    r"(?P<name>[^_]+)_(?P<number>\d+)_assignsubmission_[a-z]+(?:_(?P<file>.*))?"
)
# lib/content_zipper.rb, get_filename and add_upload_submission. Canvas leaves no _12_ in the names of people, so the
# first numbers are its own. Everybody has a name, unless names are hidden.
_CANVAS_STUDENT = (
    r"(?:(?P<name>(?!LATE_|anon_)(?:(?!_\d+_)\w)+?)?_)?(?:LATE_)?(?P<number>(?<=_)\d+|anon_[0-9A-Za-z]+)"
)
CANVAS = UploadNames(
    # A file that is uploaded again gets -1, -2, … after its name, and always a higher number of its own.
    _CANVAS_STUDENT + r"_(?P<turn>\d{2,})_(?P<file>.+?)(?:-\d+)?(?P<ending>(?:\.tar)?\.\w+)?",
    # A text that was typed in, or a link.
    _CANVAS_STUDENT + r"_(?:text|link)\.html",
)
_NBGRADER_EXCHANGE = UploadNames(
    # nbgrader/exchange/default/submit.py
    r"(?P<name>[^+]+)\+(?P<assignment>[^+]+)\+(?P<turn>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[^+]*)(?:\+.*)?"
)
PLATFORMS = (MOODLE, CANVAS, _NBGRADER_EXCHANGE)
"""How each platform names uploads."""
