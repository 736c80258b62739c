"""The errors that the kit raises on purpose; any other exception is a bug of the kit.

KitError
 ├── UsageError              the caller's fault: a path, an option or a rubric
 ├── UnreadableError         the submission's fault: it cannot be examined and scores 0
 │    └── BrokenArchiveError   an archive is cut or damaged: files may be missing
 └── UngradedError           the kit's or the machine's fault: no score may be given
      └── DisturbedError       it may not happen again, so another attempt is worthwhile
WorkerDiedError            a process that grades has ended; what it was asked is asked again
"""

from __future__ import annotations

from grader.messages import message_text
from grader.model import Message

__all__ = [
    "BrokenArchiveError",
    "DisturbedError",
    "KitError",
    "UngradedError",
    "UnreadableError",
    "UsageError",
    "WorkerDiedError",
]


class KitError(Exception):
    """The root of the kit's own errors; its text is one line for the person who reads it."""


class UsageError(KitError):
    """The caller asked for something that cannot be done (exit code 2)."""


class UnreadableError(KitError):
    """The submission cannot be read as the exercise asks (score 0, with the reason).

    ``says`` is the reason in English, with the name of each of ``values`` in braces.
    """

    def __init__(self, says: str, /, **values: str | int | Message) -> None:
        self.message = Message(says, {**values})
        super().__init__(message_text(self.message) if values else says)


class BrokenArchiveError(UnreadableError):
    """An archive is cut or damaged, or not an archive at all, so that nothing in it can be relied on."""


class UngradedError(KitError):
    """The submission could not be graded through no fault of its own (exit code 3)."""


class DisturbedError(UngradedError):
    """Something other than the submission got in the way; another attempt may succeed."""


class WorkerDiedError(Exception):
    """The process that a call was made in ended before it answered, or cannot be used any longer."""
