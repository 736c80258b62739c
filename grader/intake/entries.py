"""The submissions of a class, none of which is held in memory."""

from __future__ import annotations

from collections.abc import Sequence

from grader.failures import ungraded_by
from grader.intake.found import FoundSubmission
from grader.intake.reading import is_slow, read_submission
from grader.model import Submission, Unreadable

__all__ = ["Entries"]


class Entries:
    """What was found, in order; each submission is read when it is asked for."""

    def __init__(self, found: Sequence[FoundSubmission]) -> None:
        self._found = found

    def __len__(self) -> int:
        return len(self._found)

    def __getitem__(self, place: int) -> Submission | Unreadable:
        found = self._found[place]
        try:
            return read_submission(found)
        except Exception as error:  # noqa: BLE001 - whatever it is, the others are graded
            reason = ungraded_by(error, found.id)
            return Unreadable(found.id, found.path, "", reason, found.aliases, is_ours=True)

    def is_slow(self, place: int) -> bool:
        """Tell, by names and sizes, whether reading the submission at ``place`` may take seconds."""
        return is_slow(self._found[place])
