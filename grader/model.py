"""The frozen records that pass between the rooms of the kit: submissions in, findings and results out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

__all__ = [
    "ArrayValue",
    "Cell",
    "CodeValue",
    "CriterionResult",
    "Diagnosis",
    "ExceptionValue",
    "Excerpt",
    "Feedback",
    "Finding",
    "Helper",
    "Message",
    "NothingValue",
    "NumberValue",
    "Place",
    "PrintedValue",
    "Report",
    "Source",
    "Status",
    "Submission",
    "SubmissionResult",
    "SubmissionStatus",
    "TextValue",
    "TrainingPicture",
    "Unreadable",
    "Value",
]


class Status(StrEnum):
    """How one criterion ended; only ``PASSED`` earns its points."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    TIMEOUT = "timeout"
    SKIPPED = "skipped"


class SubmissionStatus(StrEnum):
    """Whether a submission has a score, and if not, whether the submission or the kit is the reason."""

    GRADED = "graded"
    UNREADABLE = "unreadable"
    UNGRADED = "ungraded"


class Feedback(StrEnum):
    """How much a student is told, from least to most; the points are the same."""

    SCORE = "score"
    """The points alone."""
    VERDICT = "verdict"
    """Also which criteria were lost."""
    HINT = "hint"
    """Also the name of each mistake and the formula that it breaks; no numbers, and no line."""
    FULL = "full"
    """Also the line, and what was seen and expected on the simplest numbers that show it."""

    @property
    def names_mistakes(self) -> bool:
        """Whether mistakes are diagnosed."""
        return self in {Feedback.HINT, Feedback.FULL}


class Cell(Struct, frozen=True):
    """Source text that is run as a whole: a script, or one code cell of a notebook."""

    label: str
    """The name that tracebacks show: ``perceptron.py``, or ``perceptron.ipynb, cell 3``."""
    content: bytes
    """In UTF-8."""

    @property
    def text(self) -> str:
        """The source text."""
        return self.content.decode(errors="replace")


class Helper(Struct, frozen=True):
    """A module that came with the submission, which may import it."""

    module: str
    """The dotted name that it is imported by: ``helper``, or ``package.helper``."""
    is_package: bool
    file: str
    """The path inside the submission, with ``/`` between its parts."""
    content: bytes
    """In UTF-8."""

    @property
    def text(self) -> str:
        """The source text."""
        return self.content.decode(errors="replace")


@dataclass(frozen=True)
class Submission:
    """The files of one student, neither decoded nor parsed."""

    id: str
    path: str
    """The file, folder or archive, by the name that the grader's user knows."""
    files: Mapping[str, bytes]
    """The scripts and notebooks, by their names within the submission, with ``/`` between the parts."""
    paths: Mapping[str, str] = field(default_factory=dict)
    """The paths of these files, by the names that the grader's user knows."""
    main: str = ""
    """The name of the file to examine; empty if it is to be chosen."""
    aliases: tuple[str, ...] = ()
    """Other names that the student goes by in gradebooks: a number, a login, an e-mail address."""


class Source(Struct, frozen=True):
    """The source of a submission, read in the sandbox before any of its statements was run."""

    main: str
    """The name of the file to examine within the submission."""
    file: str
    """The name of that file without its folder, made safe to show."""
    sha256: str
    """Of that file's bytes, and of the helpers' texts if there are any."""
    cells: tuple[Cell, ...]
    helpers: tuple[Helper, ...] = ()


class Unreadable(Struct, frozen=True):
    """One submission that cannot be read; it scores 0 for ``reason``, unless that ``is_ours``."""

    id: str
    path: str
    sha256: str
    reason: Message
    aliases: tuple[str, ...] = ()
    """Other names that the student goes by in gradebooks."""
    is_ours: bool = False
    """Whether the kit is the reason, so that there is no score."""


class Message(Struct, frozen=True):
    """A sentence or a phrase that can be translated, with the values to fill in."""

    id: str
    """The English text, with the name of each value in braces: ``the {name} do not move along dz``."""
    values: Mapping[str, str | int | float | Message] = {}
    """A word or a phrase that is translated too is a message itself."""

    @classmethod
    def verbatim(cls, text: str) -> Message:
        """Return a message that is ``text`` in every language, whatever is in it."""
        return cls("{text}", {"text": text})


class ArrayValue(Struct, frozen=True, tag_field="kind", tag="array"):
    """An array of real numbers."""

    shape: tuple[int, ...]
    numbers: tuple[float | None, ...]
    """All numbers, row by row; ``None`` for NaN and infinity."""
    wrong: tuple[int, ...] = ()
    """The indices in ``numbers``, from 0, of those that differ from what was expected."""


class NumberValue(Struct, frozen=True, tag_field="kind", tag="number"):
    """A real number."""

    value: float | None
    """``None`` for NaN and infinity."""


class TextValue(Message, frozen=True, tag_field="kind", tag="text"):
    """A value in words: ``an array of shape {shape}``, ``{count} steps``."""


class CodeValue(Struct, frozen=True, tag_field="kind", tag="code"):
    """A name or a piece of notation that is the same in every language: ``relu``, ``2 → 3 → 1``."""

    text: str


class PrintedValue(Struct, frozen=True, tag_field="kind", tag="printed"):
    """A line that the submission printed."""

    line: str


class ExceptionValue(Struct, frozen=True, tag_field="kind", tag="exception"):
    """An exception that the submission raised."""

    type: str
    text: str
    """Its message in one line: cut, and with memory addresses masked."""


class NothingValue(Struct, frozen=True, tag_field="kind", tag="nothing"):
    """``None``, which a function without a ``return`` gives back."""


Value = ArrayValue | NumberValue | TextValue | CodeValue | PrintedValue | ExceptionValue | NothingValue


class Place(Struct, frozen=True):
    """A line of the submission."""

    file: str
    """The name that tracebacks show: ``perceptron.py``, or ``perceptron.ipynb, cell 3``."""
    line: int
    """From 1."""
    source: str
    """The line's text, stripped and cut."""


class Finding(Struct, frozen=True):
    """What a law of the exam found wrong, as data; every reporter renders it for its own reader."""

    law: str
    """The name of the test function, without ``test_``."""
    says: Message
    seen: dict[str, Value] = {}
    """What the submission did, by the names of the task sheet; the nth value belongs to the nth of ``due``."""
    due: dict[str, Value] = {}
    """What it should have done, by name or formula: ``Wᵀ · dz``."""
    facts: dict[str, Value] = {}
    """The case in which this was seen, by the names of the task sheet."""
    place: Place | None = None
    """The line that an exception came from."""


@dataclass(frozen=True)
class CriterionResult:
    """The verdict on one criterion of the rubric."""

    id: str
    title: str
    points: float
    max_points: float
    status: Status
    finding: Finding | None = None
    """What is wrong; ``None`` if the criterion is passed."""


class Excerpt(Struct, frozen=True):
    """Some lines of the submission, around the one that holds a mistake."""

    first: Annotated[int, Meta(ge=1)]
    """The number of the first of ``lines`` in its file."""
    lines: tuple[str, ...]
    """With their indentation, each cut and made safe to show."""


class Diagnosis(Struct, frozen=True):
    """A mistake that reproduces what the submission did, or what is certain if no known mistake does."""

    id: str
    """Its name in the catalogue, ``not-written`` if there is no code, or ``unknown``."""
    method: str
    """``Layer.backward``, ``Perceptron.fit``, ``Layer.forward``, …"""
    criteria: tuple[str, ...] = ()
    """The lost criteria that it explains, in the order of the rubric."""
    cases: int = 0
    """In how many cases it reproduces what the submission did; 0 if it is not in the catalogue."""
    seen: str = ""
    """What the code computes, in the notation of the task sheet: ``dz = da``."""
    due: str = ""
    """What it should compute: ``dz = da ⊙ f′(z)``."""
    says: Message | None = None
    """What is certain about this submission, beyond the text of the catalogue."""
    place: Place | None = None
    """The line that holds the mistake, if it is known for certain."""
    excerpt: Excerpt | None = None
    """The lines around ``place``."""
    repair: str = ""
    """The repaired line as a diff, for instructors alone; empty unless it was asked for."""


class TrainingPicture(Struct, frozen=True):
    """What one network learned from the submission's training, and from the reference's, to be drawn.

    ``outputs`` and ``due_outputs`` are ŷ in per cent, a byte each, at ``side`` by ``side`` points: row by row from the
    top, over the square from ``-reach`` to ``reach`` in both features.
    """

    losses: tuple[float | None, ...]
    """The mean loss before training and after each epoch; ``None`` for NaN and infinity."""
    due_losses: tuple[float, ...]
    side: int
    reach: float
    outputs: bytes
    """Empty if the trained network has no outputs to draw."""
    due_outputs: bytes
    examples: tuple[tuple[float, float, float], ...]
    """The training examples: two features and the label."""
    correct: int
    """How many of them the trained network puts on the right side."""
    due_correct: int
    learning_rate: float


@dataclass(frozen=True)
class SubmissionResult:
    """Everything that is known about one submission after the exam."""

    id: str
    path: str
    sha256: str
    status: SubmissionStatus
    score: float | None
    """The points earned; ``None`` if ``status`` is ``UNGRADED``."""
    max_score: float
    isolation: tuple[str, ...] = ()
    criteria: tuple[CriterionResult, ...] = ()
    diagnoses: tuple[Diagnosis, ...] = ()
    output: str = ""
    """What the submission printed while its module was loaded, cut."""
    reasons: tuple[Message, ...] = ()
    """Why there is no score, or what was skipped when the submission was loaded: a line each."""
    aliases: tuple[str, ...] = ()
    """Other names that the student goes by in gradebooks."""
    picture: TrainingPicture | None = None
    """What a network learned; ``None`` unless it was asked for and could be trained."""


@dataclass(frozen=True)
class Report:
    """The results of one run of ``grade``."""

    kit: str
    """The version of the kit; and of Hypothesis, in brackets after a space, if it drew the examples."""
    seed: int
    max_score: float
    submissions: tuple[SubmissionResult, ...] = field(default=())
    feedback: Feedback = Feedback.FULL
    """How much students are told of the results."""
    language: str = "en"
    """What language they are told it in: one of ``grader.languages.LANGUAGES``."""
