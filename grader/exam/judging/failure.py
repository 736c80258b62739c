"""How a law of the exam says that it does not hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grader.candidate.replies import Raised
from grader.model import ExceptionValue, Finding, Message, Status, Value

__all__ = ["RAISED", "Failure", "exception_failure", "failure"]

RAISED = "{function} raised {type}."


@dataclass(frozen=True)
class Failure:
    """A law does not hold: what was found, without the law's name and the place in the source."""

    finding: Finding
    status: Status = Status.FAILED
    is_clear: bool = True
    """Whether no number that is wrong is 0, which reads as if nothing had been computed."""
    raised: Raised | None = None
    """The exception that is the reason, if one is."""


def failure(
    says: Message,
    seen: Mapping[str, Value] | None = None,
    due: Mapping[str, Value] | None = None,
    facts: Mapping[str, Value] | None = None,
    *,
    status: Status = Status.FAILED,
    is_clear: bool = True,
) -> Failure:
    """Return the failure that has these parts of a finding."""
    return Failure(Finding("", says, dict(seen or {}), dict(due or {}), dict(facts or {})), status, is_clear)


def exception_failure(says: str, raised: Raised, facts: Mapping[str, Value], function: str = "") -> Failure:
    """Return the failure of a case that ``raised`` something, with ``function`` and ``type`` as values of ``says``."""
    message = Message(says, {"function": function, "type": raised.type})
    seen: dict[str, Value] = {"": ExceptionValue(raised.type, raised.text)}
    return Failure(Finding("", message, seen, facts=dict(facts)), Status.ERROR, raised=raised)
