"""A sitting: some submissions that are examined in one pytest session, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import cast

import pytest

from grader.candidate.client import Candidate, Ended
from grader.candidate.launcher import Limits, Patience, Spawner
from grader.candidate.replies import Loaded
from grader.errors import UngradedError, UnreadableError
from grader.exam.examination import Examination
from grader.exam.questions.questions import Questions
from grader.exam.verdict import Unmet
from grader.model import Feedback, Source, Submission

__all__ = ["Outcome", "Record", "Sitting"]


@dataclass(frozen=True)
class Outcome:
    """How one law ended; ``unmet`` and ``bug`` are ``None`` if it holds or was skipped."""

    criterion: str
    unmet: Unmet | None = None
    bug: pytest.ExceptionInfo[BaseException] | None = None
    is_skipped: bool = False


@dataclass
class Record:
    """What the sitting learned of one submission."""

    source: Source | None = None
    loaded: Loaded | None = None
    layers: tuple[str, ...] = ()
    unreadable: str | None = None
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def is_disturbed(self) -> bool:
        """Whether something other than the submission got in the way of examining it."""
        return any(
            outcome.bug is not None and isinstance(outcome.bug.value, (UngradedError, OSError, MemoryError))
            for outcome in self.outcomes
        )


class Sitting:
    """The pytest plugin that hands the submissions to the exam and records each law's outcome.

    ``patience`` is for each of them. ``finished`` is told a submission, what is known of it and one of its criteria,
    when the next law belongs to another.
    """

    def __init__(
        self,
        submissions: Sequence[Submission],
        spawner: Spawner,
        questions: Questions,
        patience: Patience,
        limits: Limits,
        feedback: Feedback,
        finished: Callable[[Submission, Record, str], None],
    ) -> None:
        self.submissions = submissions
        self.records = [Record() for _ in submissions]
        self.internal_error: str | None = None
        self.interruption: BaseException | None = None
        self._spawner, self._questions = spawner, questions
        self._patience, self._limits, self._feedback = patience, limits, feedback
        self._finished = finished

    @contextmanager
    def examination(self, number: int) -> Generator[Examination, None, None]:
        """Examine one submission; raises ``UnreadableError`` if there is nothing to examine."""
        submission, record = self.submissions[number], self.records[number]
        candidate = Candidate(submission, self._spawner, self._patience, self._limits)
        try:
            examination = Examination(candidate, self._questions, self._feedback)
            try:
                record.source = candidate.read()
                record.loaded = examination.loaded
                require_a_class(examination)
            except Ended as error:
                when = "it was read" if record.source is None else "its statements were run"
                record.unreadable = f"the file {error} while {when}"
                raise UnreadableError(record.unreadable) from None
            except UnreadableError as error:
                record.unreadable = str(error)
                raise
            finally:
                record.layers = candidate.layers
            yield examination
        finally:
            candidate.close()

    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """Record the outcome of a law."""
        if call.when == "teardown" and call.excinfo is None:
            return
        if call.when == "setup" and call.excinfo is None:
            return
        if (judged := _submission_and_criterion(item)) is not None:
            number, criterion = judged
            self.records[number].outcomes.append(_outcome(criterion, call.excinfo))

    def pytest_runtest_teardown(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        """Tell that a criterion is done, when the next law belongs to another."""
        judged = _submission_and_criterion(item)
        if judged is not None and (nextitem is None or _submission_and_criterion(nextitem) != judged):
            number, criterion = judged
            self._finished(self.submissions[number], self.records[number], criterion)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Keep what interrupted the exam, which pytest would only tell of."""
        self.interruption = excinfo.value

    def pytest_internalerror(self, excrepr: object) -> None:
        """Keep what pytest itself failed with."""
        self.internal_error = str(excrepr)


def _submission_and_criterion(item: pytest.Item) -> tuple[int, str] | None:
    """Return the number of the submission that a law is tried on, and the criterion that it belongs to."""
    marker = item.get_closest_marker("criterion")
    if marker is None or not isinstance(item, pytest.Function):
        return None
    return cast("int", item.callspec.params["examination"]), marker.args[0]


def _outcome(criterion: str, info: pytest.ExceptionInfo[BaseException] | None) -> Outcome:
    if info is None:
        return Outcome(criterion)
    if isinstance(info.value, Unmet):
        return Outcome(criterion, unmet=info.value)
    if isinstance(info.value, pytest.skip.Exception):
        return Outcome(criterion, is_skipped=True)
    return Outcome(criterion, bug=info)


def require_a_class(examination: Examination) -> None:
    """Raise ``UnreadableError`` if the submission defines neither of the two classes."""
    loaded = examination.loaded
    if loaded.classes:
        return
    if loaded.syntax:
        problem = loaded.syntax[0]
        text = examination.line(problem.label, problem.line)
        raise UnreadableError(f"line {problem.line} of {problem.label} is {problem.claim}: {text}")
    failed = next((event.raised for event in loaded.passed_over if event.raised is not None), None)
    why = "" if failed is None else f"; its first error is {examination.quoted(failed)}"
    raise UnreadableError(f"no class Layer and no class Perceptron is defined{why}")
