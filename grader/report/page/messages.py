"""Takes messages apart, so that a page can lay them out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from grader.model import CriterionResult, Status

__all__ = ["Explanation", "Message", "Value", "explanations", "message_of"]

_SEEN, _DUE, _ON = "Seen", "Should be", "On"


@dataclass
class Value:
    """A line of a message with its label: what was seen, what it should be, or the example that it was on."""

    label: str
    text: str = ""
    facts: list[tuple[str, str]] = field(default_factory=list)
    """The names and the values of the example."""

    @property
    def kind(self) -> str:
        """``seen``, ``due`` or ``on``."""
        return {_SEEN: "seen", _DUE: "due"}.get(_label(self.label), "on")


@dataclass
class Message:
    """The sentences of a message, and its values after them."""

    sentences: list[str] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)


@dataclass(frozen=True)
class Explanation:
    """What was wrong, for all the criteria that were lost in the same way."""

    criteria: tuple[CriterionResult, ...]
    status: Status
    message: Message


def explanations(criteria: Iterable[CriterionResult]) -> list[Explanation]:
    """Return what was wrong in the criteria that were lost and have points, once for all with the same message."""
    groups: dict[tuple[Status, str], list[CriterionResult]] = {}
    for criterion in criteria:
        if criterion.status is not Status.PASSED and criterion.max_points > 0:
            groups.setdefault((criterion.status, criterion.message), []).append(criterion)
    return [Explanation(tuple(lost), status, _whole(lost[0])) for (status, _), lost in groups.items()]


def message_of(text: str) -> Message:
    """Return the parts of a message: its lines ``Seen: …``, ``Should be: …`` and ``On:``, and the rest."""
    message = Message()
    for line in text.split("\n"):
        label, separator, value = line.partition(":")
        if line.startswith("  ") and " = " in line:
            name, _, fact = line.strip().partition(" = ")
            if not message.values:
                message.values.append(Value(_ON))
            message.values[-1].facts.append((name, fact))
        elif separator and _label(label) in {_SEEN, _DUE, _ON}:
            message.values.append(Value(label, value.strip()))
        elif line.strip():
            message.sentences.append(line.strip())
    return message


def _whole(criterion: CriterionResult) -> Message:
    """Return the parts of the message; with the counterexample's own facts, if the message has no values."""
    message = message_of(criterion.message)
    if criterion.counterexample and not message.values:
        facts = [(name, str(value)) for name, value in criterion.counterexample.items()]
        message.values.append(Value(_ON, facts=facts))
    return message


def _label(label: str) -> str:
    """Return a label without what stands in parentheses after it."""
    return label.partition(" (")[0]
