"""What a submission did, as the records that its replies are turned into."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import NamedTuple

from grader.protocol.frames import Floats

__all__ = [
    "BackwardReply",
    "Call",
    "FitReply",
    "LoadReply",
    "Raised",
    "Returned",
    "SkippedStatement",
    "StepReply",
    "SyntaxProblem",
    "TrainReply",
]


@dataclass(frozen=True)
class Raised:
    """An exception of the submission's: its type, and the place in the submission if it passed through one."""

    type: str
    label: str | None
    line: int | None


@dataclass(frozen=True)
class SyntaxProblem:
    """A cell that is not valid Python, at least not of the version that runs it."""

    label: str
    line: int
    claim: str
    """``not valid Python (…)``."""


@dataclass(frozen=True)
class SkippedStatement:
    """A top-level statement that failed, or that was stopped (then ``raised`` is ``None``)."""

    index: int
    label: str
    line: int
    raised: Raised | None
    was_late: bool = False
    """Whether it was stopped, or did not run, because the time for all statements was over."""


@dataclass(frozen=True)
class LoadReply:
    """What a submission defines after its statements were run."""

    classes: frozenset[str]
    skipped: tuple[SkippedStatement, ...]
    syntax: tuple[SyntaxProblem, ...]
    output: str
    output_cut: bool


@dataclass(frozen=True, eq=False)
class Returned:
    """A value of the submission's: an array of finite real numbers, or a description of what it is."""

    array: Floats | None
    what: str
    """``an array of shape (2, 1)``, or a type's name."""

    def reshaped(self, *shape: int) -> Floats | None:
        """Return the numbers in ``shape``; ``None`` if there are more or fewer."""
        if self.array is None or self.array.size != prod(shape):
            return None
        return self.array.reshape(shape)

    def shaped(self, *shape: int) -> Floats | None:
        """Return the numbers if their shape is ``shape``, else ``None``."""
        return self.array if self.array is not None and self.array.shape == shape else None


@dataclass(frozen=True)
class StepReply:
    """What one call of ``backward`` returned, and the parameters after it."""

    da_prev: Returned
    weights: Returned
    biases: Returned


@dataclass(frozen=True)
class BackwardReply:
    """The steps of one case that ended without an exception, and the exception that ended the case, if any."""

    steps: tuple[StepReply, ...]
    raised: Raised | None
    during: str
    """The last call: ``Layer``, ``Layer.forward`` or ``Layer.backward``."""


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


@dataclass(frozen=True)
class FitReply:
    """The calls and the printed lines of one ``fit``, and how it ended."""

    calls: tuple[Call, ...]
    lines: tuple[str, ...]
    raised: Raised | None
    stopped: bool
    generator: bool
    assigned: tuple[str, ...]


@dataclass(frozen=True)
class TrainReply:
    """After each call of ``fit``: for each layer, its weights and biases."""

    calls: tuple[tuple[tuple[Returned, Returned], ...], ...]
    raised: Raised | None
