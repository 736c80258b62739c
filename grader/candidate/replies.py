"""What a submission did: the records of its replies.

``LoadReply`` and what it consists of are also the form of the reply to ``load``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import prod
from typing import Annotated, Literal, NamedTuple

from msgspec import Meta, Struct
from msgspec.structs import force_setattr

from grader.protocol import limits
from grader.protocol.frames import Floats
from grader.text import printable

__all__ = [
    "Account",
    "Assignment",
    "BackwardReply",
    "Call",
    "FitReply",
    "ForwardReply",
    "LineNumber",
    "LoadReply",
    "Operand",
    "Raised",
    "Returned",
    "SkippedStatement",
    "SourceEdit",
    "StepReply",
    "SyntaxProblem",
    "TrainReply",
    "TypeName",
]

Text = Annotated[str, Meta(max_length=limits.TEXT)]
TypeName = Annotated[str, Meta(pattern=rf"^[A-Za-z0-9_? ]{{0,{limits.TYPE_NAME}}}\Z")]
Expression = Annotated[str, Meta(max_length=limits.EXPRESSION)]
_ADDRESS = re.compile(r"0x[0-9A-Fa-f]+")
LineNumber = Annotated[int, Meta(ge=0, le=10**7)]


class Operand(Struct, frozen=True):
    """A part of an expression that raised an exception."""

    text: Expression
    shape: Annotated[tuple[Annotated[int, Meta(ge=0, le=10**9)], ...], Meta(max_length=8)] | None
    """``None`` if it is not certain, or not an array and not a number."""
    is_none: bool

    def __post_init__(self) -> None:
        """Remove characters that could act from the text."""
        force_setattr(self, "text", _harmless(self.text))


class Account(Struct, frozen=True):
    """What is certain about an exception of Python's or NumPy's own."""

    kind: Literal[
        "name",
        "statement",
        "self",
        "unbound",
        "attribute of an own class",
        "attribute of a module",
        "attribute of a test layer",
        "attribute of something else",
        "operation",
        "conversion",
    ]
    """What is not known (a name, one that a statement would bind, one that needs ``self``), or what raised.

    An ``unbound`` name is that of a local variable without a value.
    """
    text: Expression
    """The name that is not known, or the expression that raised."""
    operands: Annotated[tuple[Operand, ...], Meta(max_length=2)]
    """Those of an operation; of a conversion, the array."""
    suggestion: Expression
    """A similar name, or what the object itself has; empty if there is none."""
    function: Expression
    """The qualified name of the function that raised; empty if the kit's own code did."""
    label: Text | None
    line: LineNumber | None
    """The place of the definition or the import that matters, if it is another than the exception's."""

    def __post_init__(self) -> None:
        """Remove characters that could act from the texts."""
        for name in ("text", "suggestion", "function"):
            force_setattr(self, name, _harmless(getattr(self, name)))


class Raised(Struct, frozen=True):
    """An exception of the submission's: type, text in one line, and the place in the submission if it passed one."""

    type: TypeName
    text: Annotated[str, Meta(max_length=limits.EXCEPTION)]
    label: Text | None
    line: LineNumber | None
    account: Account | None = None

    def __post_init__(self) -> None:
        """Remove line breaks, addresses in memory and characters that could act from the text."""
        masked = _ADDRESS.sub("0x…", " ".join(self.text.split()))
        force_setattr(self, "text", printable(masked)[: limits.TEXT])


class SyntaxProblem(Struct, frozen=True):
    """A cell that is not valid Python, at least not of the version that runs it."""

    label: Text
    line: LineNumber
    claim: Annotated[str, Meta(max_length=limits.CLAIM)]
    """What Python says about it."""
    version: Annotated[str, Meta(pattern=r"^(\d+\.\d+)?\Z", max_length=10)] = ""
    """The version that runs it, if a newer one may accept it."""


class SkippedStatement(Struct, frozen=True):
    """A top-level statement that failed, or that was stopped (then ``raised`` is ``None``)."""

    index: Annotated[int, Meta(ge=0, le=10**9)]
    label: Text
    line: LineNumber
    raised: Raised | None
    defines: Text | None = None
    """The name of the class that it would have defined."""
    was_late: bool = False
    """Whether it was stopped, or did not run, because the time for all statements was over."""


class LoadReply(Struct, frozen=True):
    """What a submission defines after its statements were run."""

    classes: frozenset[Text]
    skipped: Annotated[tuple[SkippedStatement, ...], Meta(max_length=limits.SKIPPED)]
    syntax: Annotated[tuple[SyntaxProblem, ...], Meta(max_length=limits.SKIPPED)]
    output: Annotated[str, Meta(max_length=limits.OUTPUT)]
    output_cut: bool
    empty: frozenset[Text] = frozenset()
    """Those of the methods that students write whose bodies have no code."""


class Returned(Struct, frozen=True, eq=False):
    """A value of the submission's: an array of finite real numbers, or what it is instead."""

    array: Floats | None
    shape: tuple[int, ...] | None = None
    """The shape of an array of real numbers, also if ``array`` is ``None``; ``None`` for any other type."""
    type: str = ""
    """The name of the type, if it is not an array of real numbers."""
    is_finite: bool = True
    """Whether no number is NaN or infinity."""

    def reshaped(self, *shape: int) -> Floats | None:
        """Return the numbers in ``shape``; ``None`` if there are more or fewer."""
        if self.array is None or self.array.size != prod(shape):
            return None
        return self.array.reshape(shape)

    def shaped(self, *shape: int) -> Floats | None:
        """Return the numbers if their shape is ``shape``, else ``None``."""
        return self.array if self.array is not None and self.array.shape == shape else None


class StepReply(Struct, frozen=True):
    """What one call of ``backward`` returned, and the parameters after it."""

    da_prev: Returned
    weights: Returned
    biases: Returned


class BackwardReply(Struct, frozen=True):
    """The steps of one case that ended without an exception, and the exception that ended the case, if any."""

    steps: tuple[StepReply, ...]
    raised: Raised | None
    during: str
    """The last call: ``Layer``, ``Layer.forward`` or ``Layer.backward``."""


class ForwardReply(Struct, frozen=True):
    """What one call of ``forward`` returned (``None`` if it raised), and the arrays that the layer then kept."""

    returned: Returned | None
    kept: tuple[tuple[str, Returned], ...]
    """Each with the name of the attribute that it is, or is in."""


class SourceEdit(NamedTuple):
    """A small edit of a submission's source text."""

    kind: str
    """What is edited: ``operator``, ``sign``, ``move``, …"""
    label: str
    """The text that it is an edit of, by the name that tracebacks show."""
    start: int
    """The offset in the text, in characters, of what is replaced."""
    end: int
    text: str
    """What it is replaced by."""
    line: int
    """The number of the line that it is about, from 1."""
    role: str
    """What the statement on that line is for: ``update``, ``step``, ``returned``, ``result``, ``shared``, ``other``."""


class Call(NamedTuple):
    """One call that ``fit`` made on a probe layer."""

    is_backward: bool
    layer: int
    learning_rate: float
    """NaN if none was given."""
    size: int
    """How many numbers the argument had; -1 if it was not an array of numbers."""
    argument: tuple[float, ...]
    """The argument's numbers, flat; cut if there were too many."""
    returned: tuple[float, ...]
    """What the probe returned, flat, as the grader computes it."""


class Assignment(NamedTuple):
    """New weights or biases that ``fit`` gave a layer."""

    backward_calls: int
    """How many calls of ``backward`` there had been."""
    layer: int
    is_fresh: bool
    """Whether the numbers are all 0, or differ among themselves, which no multiple of a test layer's own do."""


@dataclass(frozen=True)
class FitReply:
    """The calls and the printed lines of one ``fit``, and how it ended."""

    calls: tuple[Call, ...]
    lines: tuple[str, ...]
    raised: Raised | None
    stopped: bool
    generator: bool
    assigned: tuple[str, ...]
    assignments: tuple[Assignment, ...] = ()
    """The first of those to ``assigned``."""
    replaced: bool = False
    """Whether layers of the submission's own stand in the place of the test layers after ``fit``."""
    other_lines: tuple[str, ...] = ()
    """Printed lines with a number or NaN, if no line looks like a loss."""
    raised_after: int = 0
    """How many calls there were before it ``raised``; those after it trained the epochs that were left."""


class TrainReply(Struct, frozen=True):
    """After each call of ``fit``: for each layer, its weights and biases."""

    calls: tuple[tuple[tuple[Returned, Returned], ...], ...]
    raised: Raised | None


def _harmless(text: str) -> str:
    return printable(text)[: limits.TEXT]
