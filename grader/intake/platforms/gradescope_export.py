"""Gradescope's export: folders ``submission_1``, ``submission_2``, …, and a YAML file that says whose they are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from grader.errors import UnreadableError
from grader.intake import limits
from grader.intake.folders import Kind, Node, visible
from grader.intake.found import FoundSubmission, Notice, could_be_submission, name_list, tell_skipped
from grader.intake.platforms.assignments import is_clear_majority

if TYPE_CHECKING:
    from grader.intake.platforms.gradescope_metadata import GradescopeStudent

__all__ = ["find"]

_METADATA = "submission_metadata.yml"
_SUBMISSION = re.compile(r"submission_\d+")


def find(folder: Node, notice: Notice) -> list[FoundSubmission]:
    """Return each student's submission; students who handed something in together have one each."""
    nodes = {node.name: node for node in visible(folder)}
    entries = [node for node in nodes.values() if could_be_submission(node)]
    named_so = sum(node.kind is Kind.FOLDER and bool(_SUBMISSION.fullmatch(node.name)) for node in entries)
    if _METADATA not in nodes or not named_so or not is_clear_majority(named_so, len(entries) - named_so):
        return []
    students = _students(nodes[_METADATA], folder, notice)
    tell_skipped(folder, [_METADATA, *(node.name for node in entries)], notice)
    if missing := sorted(students.keys() - nodes.keys()):
        notice(f"named in {_METADATA}, but not in {folder.path}: {name_list(missing)}")
    return [found for node in entries for found in _submissions(node, students.get(node.name, []))]


def _submissions(node: Node, students: Sequence[GradescopeStudent]) -> list[FoundSubmission]:
    found = []
    for student in students:
        if student.id:
            aliases = dict.fromkeys((student.email, student.sid, student.name, node.name))
            found.append(FoundSubmission.of(node, student.id, filter(None, aliases)))
    return found or [FoundSubmission.of(node)]


def _students(metadata: Node, folder: Node, notice: Notice) -> Mapping[str, list[GradescopeStudent]]:
    """Return the students by the names of their folders; nothing if the metadata cannot be read."""
    from grader.intake.platforms.gradescope_metadata import read_submitters  # noqa: PLC0415 - imports yaml

    try:
        return read_submitters(metadata.read(limits.METADATA))
    except UnreadableError as error:
        notice(
            f"{_METADATA} cannot be read: {error}; the submissions in {folder.path} are named after their folders"
        )
        return {}
