"""How the process of a submission ended, and who ended it."""

from __future__ import annotations

import os
import signal
from enum import StrEnum

from msgspec import Struct

from grader.messages import message_text
from grader.model import Message

__all__ = ["Ended", "Ending", "How"]

_FROM_OUTSIDE = (signal.SIGHUP, signal.SIGQUIT, signal.SIGKILL, signal.SIGTERM)
"""The signals that end a process and that ``seccomp.toml`` keeps a submission from sending itself."""


class How(StrEnum):
    """The ways in which a candidate may end in the middle of a request."""

    TIMEOUT = "timeout"
    DIED = "died"
    PROTOCOL = "protocol"


class Ended(Exception):  # noqa: N818 - it is how a candidate ends, not always an error
    """The candidate ended before it answered; ``message`` says how, as a predicate of "the submission"."""

    def __init__(self, how: How, message: Message) -> None:
        super().__init__(message_text(message))
        self.how, self.message = how, message


class Ending(Struct, frozen=True):
    """How a candidate process ended."""

    status: int | None = None
    """Its wait status; ``None`` if it is not known."""
    seconds: float = 0.0
    """The processor time that it used."""
    ran: bool = False
    """Whether it ran until it was stopped."""
    is_out_of_memory: bool = False
    """Whether the machine, or its share of it, has run out of memory meanwhile."""

    def is_from_outside(self, cpu: float) -> bool:
        """Tell whether somebody else ended the process: by a signal that it cannot send itself.

        ``cpu`` is the processor time in seconds after which the kernel kills it.
        """
        if self.status is None:
            return True
        if self.ran or not os.WIFSIGNALED(self.status):
            return False
        return os.WTERMSIG(self.status) in _FROM_OUTSIDE and self.seconds < cpu

    @property
    def disturbance(self) -> str:
        """Who ended a process that did not end itself."""
        if self.is_out_of_memory:
            return (
                "the machine ran out of memory while this submission was examined; use fewer --jobs, a smaller "
                "--memory, or a machine with more memory"
            )
        if self.status is None:
            return "the process that starts candidates was killed while this submission was examined"
        name = signal.Signals(os.WTERMSIG(self.status)).name
        return f"the submission's process was ended from outside ({name}) while it was examined"

    @property
    def message(self) -> Message:
        """How a process ended by itself, as a predicate of "the submission"."""
        status = self.status or 0
        if self.ran:
            return Message("closed the connection that it answers through")
        if not os.WIFSIGNALED(status):
            return Message("ended the whole program (exit code {code})", {"code": os.WEXITSTATUS(status)})
        number = os.WTERMSIG(status)
        if number in (signal.SIGXCPU, signal.SIGKILL):
            return Message("used more processor time than it may")
        try:
            return Message("was ended by {signal}", {"signal": signal.Signals(number).name})
        except ValueError:
            return Message("was ended by signal {number}", {"number": number})
