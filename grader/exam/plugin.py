"""The pytest plugin that hands submissions to the exam and records the outcome of each law."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import cast

import pytest
from msgspec import Struct, field

from grader.candidate.client import Candidate, Ended
from grader.candidate.launcher import Limits, Spawner, Timeouts
from grader.candidate.replies import LoadReply, Raised
from grader.errors import UngradedError, UnreadableError
from grader.exam.examination import Examination
from grader.exam.laws.findings import Failure
from grader.exam.questions.questions import Questions
from grader.model import Diagnosis, Feedback, Message, Source, Submission, TrainingPicture
from grader.protocol.names import misspelt_class

__all__ = ["ExamPlugin", "Outcome", "Record"]

_CLASS = re.compile(r"^[ \t]{0,100}class[ \t]{1,100}(\w{1,100})", re.MULTILINE)
_COMPARED = 100
"""At most so many names of classes are compared with those of the exercise."""


class Outcome(Struct, frozen=True):
    """How one law ended; ``failure`` and ``bug`` are ``None`` if it holds or was skipped."""

    criterion: str
    failure: Failure | None = None
    bug: BaseException | None = None
    is_skipped: bool = False


class Record(Struct):
    """What the exam recorded of one submission."""

    source: Source | None = None
    loaded: LoadReply | None = None
    layers: tuple[str, ...] = ()
    unreadable: Message | None = None
    outcomes: list[Outcome] = field(default_factory=list)
    diagnoses: tuple[Diagnosis, ...] = ()
    undiagnosed: Exception | None = None
    """The bug of ours that kept mistakes from being named."""
    picture: TrainingPicture | None = None

    @property
    def is_disturbed(self) -> bool:
        """Whether something other than the submission got in the way of examining it."""
        return any(
            isinstance(outcome.bug, (UngradedError, OSError, MemoryError)) for outcome in self.outcomes
        )


class ExamPlugin:
    """Hands the submissions to the exam, which is one pytest session, and records each law's outcome.

    ``timeouts`` are those of each submission. ``finished`` is called with a submission, its record and a criterion when
    all laws of that criterion have been judged, ``examined`` with the record and the examination before it ends.
    """

    def __init__(
        self,
        submissions: Sequence[Submission],
        spawner: Spawner,
        questions: Questions,
        timeouts: Timeouts,
        limits: Limits,
        feedback: Feedback,
        finished: Callable[[Submission, Record, str], None],
        examined: Callable[[Record, Examination], None],
    ) -> None:
        self.submissions = submissions
        self.records = [Record() for _ in submissions]
        self.internal_error: str | None = None
        self.interruption: BaseException | None = None
        self._spawner, self._questions = spawner, questions
        self._timeouts, self._limits, self._feedback = timeouts, limits, feedback
        self._finished, self._examined = finished, examined
        self._examination: Examination | None = None

    @contextmanager
    def examination(self, number: int) -> Generator[Examination, None, None]:
        """Examine one submission; raises ``UnreadableError`` if there is nothing to examine."""
        submission, record = self.submissions[number], self.records[number]
        candidate = Candidate(submission, self._spawner, self._timeouts, self._limits)
        try:
            self._examination = examination = Examination(candidate, self._questions, self._feedback)
            try:
                record.source = candidate.read()
                record.loaded = examination.loaded
                _require_a_class(examination, record.source)
            except Ended as error:
                says = (
                    "the file {ended} while it was read"
                    if record.source is None
                    else "the file {ended} while its statements were run"
                )
                reason = UnreadableError(says, ended=error.message)
                record.unreadable = reason.message
                raise reason from None
            except UnreadableError as error:
                record.unreadable = error.message
                raise
            finally:
                record.layers = candidate.layers
            yield examination
            self._examined(record, examination)
        finally:
            candidate.close()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """Record the outcome of a law."""
        if call.excinfo is None and call.when != "call":
            return
        if (judged := _submission_and_criterion(item)) is not None:
            number, criterion = judged
            error = None if call.excinfo is None else call.excinfo.value
            self.records[number].outcomes.append(self._outcome(criterion, error))

    def _outcome(self, criterion: str, error: BaseException | None) -> Outcome:
        failure = None if self._examination is None else self._examination.failure
        if isinstance(error, pytest.skip.Exception):
            return Outcome(criterion, is_skipped=True)
        if isinstance(error, pytest.fail.Exception) and failure is not None:
            return Outcome(criterion, failure)
        return Outcome(criterion, bug=error)

    def pytest_runtest_teardown(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        """Report a criterion when the next law belongs to another."""
        judged = _submission_and_criterion(item)
        if judged is not None and (nextitem is None or _submission_and_criterion(nextitem) != judged):
            number, criterion = judged
            self._finished(self.submissions[number], self.records[number], criterion)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Remember what interrupted the exam, which pytest would only print."""
        self.interruption = excinfo.value

    def pytest_internalerror(self, excrepr: object) -> None:
        """Remember what pytest itself failed with."""
        self.internal_error = str(excrepr)


def _submission_and_criterion(item: pytest.Item) -> tuple[int, str] | None:
    """Return the number of the submission that a law is judged on, and the law's criterion."""
    marker = item.get_closest_marker("criterion")
    if marker is None or not isinstance(item, pytest.Function):
        return None
    return cast("int", item.callspec.params["examination"]), marker.args[0]


def _require_a_class(examination: Examination, source: Source) -> None:
    """Raise ``UnreadableError`` if the submission defines neither of the two classes."""
    loaded = examination.loaded
    if loaded.classes:
        return
    if loaded.syntax:
        problem = loaded.syntax[0]
        text = examination.line(problem.label, problem.line)
        says = (
            "line {line} of {file} is not valid Python {version}; it may be of a newer version ({reason}): {source}"
            if problem.version
            else "line {line} of {file} is not valid Python ({reason}): {source}"
        )
        raise UnreadableError(
            says,
            line=problem.line,
            file=problem.label,
            version=problem.version,
            reason=problem.claim,
            source=text,
        )
    found = (match[1] for cell in source.cells for match in _CLASS.finditer(cell.text))
    alike = misspelt_class(islice(found, _COMPARED))
    missing = Message("no class Layer and no class Perceptron is defined")
    if alike is not None:
        missing = Message(
            "no class Layer and no class Perceptron is defined; there is {name}: did you mean {wanted}?",
            dict(zip(("name", "wanted"), alike, strict=True)),
        )
    failed = next((event.raised for event in loaded.skipped if event.raised is not None), None)
    if failed is None:
        raise UnreadableError("{what}", what=missing)
    raise UnreadableError(
        "{what}; its first error is {error}", what=missing, error=_quoted(examination, failed)
    )


def _quoted(examination: Examination, raised: Raised) -> Message:
    """Return an exception's type and text, and the line of the submission that it came from."""
    text = f"{raised.type}: {raised.text}" if raised.text else raised.type
    if (place := examination.place(raised)) is None:
        return Message.verbatim(text)
    return Message(
        "{error}, in line {line} of {file}: {source}",
        {"error": text, "line": place.line, "file": place.file, "source": place.source},
    )
