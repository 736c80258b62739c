"""Examine submissions: read them, run the exam on them in a pytest session, and score them."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from math import ceil
from pathlib import Path
from traceback import format_exception
from typing import TYPE_CHECKING, overload

from grader.candidate.isolation import Isolation
from grader.candidate.launcher import ForkingParent, Limits, Patience, Spawner
from grader.errors import DisturbedError, KitError, UnreadableError
from grader.model import (
    CriterionResult,
    Feedback,
    Finding,
    Message,
    Status,
    Submission,
    SubmissionResult,
    SubmissionStatus,
    Unreadable,
)
from grader.resources import exam_path
from grader.rubric import Rubric, default_rubric

if TYPE_CHECKING:
    from grader.candidate.client import Candidate
    from grader.candidate.replies import PassedOver
    from grader.exam.plugin import ExamPlugin, Outcome, Record
    from grader.exam.questions.questions import Questions
    from grader.intake import Located

__all__ = [
    "Entries",
    "Finished",
    "Settings",
    "examine",
    "examine_entries",
    "located_entries",
    "open_exam",
    "prepare",
    "read_entries",
    "unforeseen",
    "ungraded",
    "unreadable",
]

Finished = Callable[[Submission, CriterionResult], None]
"""Is told of a submission that one of its criteria has been judged."""

_BATCH = 50
"""Submissions in one pytest session: starting one costs more than the exam, and each keeps its items in memory."""
_SKIPPED_SHOWN = 5
_MORE_ATTEMPTS = 1
"""How often a submission is examined again, from the start, if something else got in the way."""
_LEAST_CPU, _REQUESTS = 30, 8
"""Seconds of processor time, and for how many requests' timeouts there is more of it."""


@dataclass(frozen=True)
class Settings:
    """How submissions are examined."""

    seed: int = 0
    timeout: float = 10.0
    """Seconds for the answer to one request."""
    memory: int = 1024 * 1024 * 1024
    """Bytes of address space for one submission's process."""
    rubric: Rubric = field(default_factory=default_rubric)
    isolation: Isolation = Isolation.STRICT
    total_timeout: float = 60.0
    """Seconds for all the answers of one submission together."""
    feedback: Feedback = Feedback.FULL

    @property
    def patience(self) -> Patience:
        """How long a submission is waited for."""
        return Patience(self.timeout, self.total_timeout)

    @property
    def limits(self) -> Limits:
        """The resource limits of one submission's process."""
        return Limits(self.memory, cpu=_LEAST_CPU + _REQUESTS * ceil(self.timeout))


def examine(
    paths: Sequence[Path],
    settings: Settings,
    notice: Callable[[str], None] = lambda _text: None,
    roster: Path | None = None,
) -> Iterator[SubmissionResult]:
    """Yield the result of every submission in ``paths``, in order; ``notice`` is told what was skipped.

    Those who are in the CSV file ``roster`` and handed in nothing come last.

    Raises ``UsageError`` for a path that cannot be read at all, and ``UngradedError`` if submissions cannot be
    isolated as ``settings`` demand.
    """
    with ForkingParent(settings.isolation) as parent:
        entries = read_entries(paths, notice, roster)
        prepare(parent, settings)
        yield from examine_entries(entries, parent, settings)


def prepare(spawner: Spawner, settings: Settings) -> None:
    """Draw the exam's questions, and raise ``UngradedError`` if submissions cannot be isolated."""
    _questions(settings.seed)
    with closing(_nobody(spawner, settings)) as candidate:
        candidate.rehearse()


def examine_entries(
    entries: Sequence[Submission | Unreadable],
    spawner: Spawner,
    settings: Settings,
    finished: Finished | None = None,
) -> Iterator[SubmissionResult]:
    """Yield the result of every entry, in order; ``spawner`` makes the processes that hold them.

    ``finished`` is told each criterion of a submission that can be examined as soon as it is judged; what it is told
    of the same criterion later takes the place of that.
    """
    questions = _questions(settings.seed)
    for start in range(0, len(entries), _BATCH):
        yield from _examine_batch(entries[start : start + _BATCH], spawner, questions, settings, finished)


@contextmanager
def open_exam(paths: Sequence[Path], settings: Settings) -> Generator[ExamPlugin, None, None]:
    """Read the submissions in ``paths`` for an exam that somebody else runs.

    Raises ``UsageError`` for a path that cannot be read, and ``UnreadableError`` for a submission that cannot.
    """
    with ForkingParent(settings.isolation) as parent:
        entries = read_entries(paths)
        for entry in entries:
            if isinstance(entry, Unreadable):
                raise UnreadableError(f"{entry.path} cannot be examined: {entry.reason}")
        submissions = [entry for entry in entries if isinstance(entry, Submission)]
        yield _plugin(submissions, parent, _questions(settings.seed), settings)


def read_entries(
    paths: Sequence[Path],
    notice: Callable[[str], None] = lambda _text: None,
    roster: Path | None = None,
) -> list[Submission | Unreadable]:
    """Return the submissions in ``paths``, in order; ``notice`` is told what was skipped.

    Raises ``UsageError`` for a path that cannot be read at all.
    """
    return list(located_entries(paths, notice, roster))


def located_entries(
    paths: Sequence[Path],
    notice: Callable[[str], None] = lambda _text: None,
    roster: Path | None = None,
) -> Entries:
    """Return what `read_entries` returns, but that each submission is read when it is asked for, and not kept."""
    from grader import intake  # noqa: PLC0415 - what it imports is not needed for --help

    return Entries(intake.locate(paths, notice, roster))


class Entries(Sequence[Submission | Unreadable]):
    """The submissions that were found, of which none is held in memory."""

    def __init__(self, found: Sequence[Located]) -> None:
        self._found = found

    def __len__(self) -> int:
        return len(self._found)

    def is_slow(self, place: int) -> bool:
        """Tell, by names and sizes, whether reading the submission at ``place`` may take seconds."""
        from grader.intake import is_slow  # noqa: PLC0415 - what it imports is not needed for --help

        return is_slow(self._found[place])

    @overload
    def __getitem__(self, place: int) -> Submission | Unreadable: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Submission | Unreadable]: ...
    def __getitem__(self, place: int | slice) -> Submission | Unreadable | Sequence[Submission | Unreadable]:
        from grader.intake import read_located  # noqa: PLC0415 - what it imports is not needed for --help

        if isinstance(place, slice):
            return Entries(self._found[place])
        found = self._found[place]
        try:
            return read_located(found)
        except Exception as error:  # noqa: BLE001 - whatever it is, the others are examined
            return Unreadable(
                found.id, found.path, "", unforeseen(found.id, error), found.aliases, is_ours=True
            )


def _nobody(parent: Spawner, settings: Settings) -> Candidate:
    """Return a candidate with no submission."""
    from grader.candidate.client import Candidate  # noqa: PLC0415 - imports NumPy

    return Candidate(Submission("", "", {}), parent, settings.patience, settings.limits)


@cache
def _questions(seed: int) -> Questions:
    from grader.exam.questions.questions import questions  # noqa: PLC0415 - NumPy is slow to import

    return questions(seed)


def _plugin(
    submissions: Sequence[Submission],
    parent: Spawner,
    questions: Questions,
    settings: Settings,
    finished: Finished | None = None,
) -> ExamPlugin:
    from grader.exam.plugin import ExamPlugin  # noqa: PLC0415

    def tell(submission: Submission, record: Record, criterion: str) -> None:
        if finished is None or criterion not in settings.rubric.points:
            return
        if record.unreadable is None and all(outcome.bug is None for outcome in record.outcomes):
            finished(submission, _criterion(criterion, record.outcomes, settings))

    return ExamPlugin(
        submissions, parent, questions, settings.patience, settings.limits, settings.feedback, tell
    )


def _examine_batch(
    entries: Sequence[Submission | Unreadable],
    parent: Spawner,
    questions: Questions,
    settings: Settings,
    finished: Finished | None,
) -> Iterator[SubmissionResult]:
    submissions = [entry for entry in entries if isinstance(entry, Submission)]

    def recorded(some: Sequence[Submission]) -> list[Record]:
        return _recorded(some, parent, questions, settings, finished)

    results = iter(_results(submissions, settings, recorded))
    for entry in entries:
        yield unreadable(entry, settings) if isinstance(entry, Unreadable) else next(results)


def _results(
    submissions: Sequence[Submission],
    settings: Settings,
    recorded: Callable[[Sequence[Submission]], list[Record]],
) -> list[SubmissionResult]:
    """Return the results of ``submissions``; one at which our own code fails is ungraded, and the others are not."""
    try:
        records = recorded(submissions)
        for _ in range(_MORE_ATTEMPTS):
            disturbed = [number for number, record in enumerate(records) if record.is_disturbed]
            again = recorded([submissions[number] for number in disturbed])
            for number, record in zip(disturbed, again, strict=True):
                records[number] = record
        return [_result(one, record, settings) for one, record in zip(submissions, records, strict=True)]
    except Exception as error:  # noqa: BLE001 - whatever it is, the others are examined
        if len(submissions) > 1:
            return [result for one in submissions for result in _results([one], settings, recorded)]
        return [ungraded(one, settings, unforeseen(one.id, error)) for one in submissions]


def unforeseen(id_: str, error: BaseException) -> str:
    """Return what to say, in a line, of an ``error`` that kept a submission from being graded.

    One that nobody has foreseen is a mistake in the kit, and shown on standard error with its traceback.
    """
    if isinstance(error, KitError):
        return str(error)
    if isinstance(error, MemoryError):
        return "the grader ran out of memory while it examined this submission"
    if sys.stderr is not None:
        with suppress(OSError):
            print(f"'{id_}' could not be graded:", *format_exception(error), sep="\n", file=sys.stderr)
    return (
        f"a mistake in the kit ({type(error).__name__}) kept it from being graded; please report the traceback "
        "on standard error"
    )


def _recorded(
    submissions: Sequence[Submission],
    parent: Spawner,
    questions: Questions,
    settings: Settings,
    finished: Finished | None,
) -> list[Record]:
    """Return what the exam finds out about each of ``submissions``."""
    plugin = _plugin(submissions, parent, questions, settings, finished)
    if submissions:
        _run(plugin)
    return plugin.records


def _run(plugin: ExamPlugin) -> None:
    """Run the exam as a pytest session that reads no configuration and no plugins but ours."""
    import pytest  # noqa: PLC0415

    options = ["--disable-plugin-autoload", "--assert=plain", "--import-mode=importlib", "-c", os.devnull]
    # The exam prints and logs nothing, and to watch for it takes a tenth of the time.
    options.append("--capture=no")
    options.append(f"--confcutdir={exam_path()}")
    for name in (
        "terminal",
        "cacheprovider",
        "doctest",
        "junitxml",
        "logging",
        "pastebin",
        "unittest",
        "faulthandler",
        "threadexception",
        "unraisableexception",
    ):
        options += ["-p", f"no:{name}"]
    with _environment_without("PYTEST_ADDOPTS", "PYTEST_PLUGINS"), tempfile.TemporaryDirectory() as folder:
        code = pytest.main([*options, f"--rootdir={folder}", str(exam_path())], plugins=[plugin])
    if plugin.interruption is not None:
        raise plugin.interruption
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise DisturbedError(f"the exam could not be run (pytest: {code!r})\n{plugin.internal_error or ''}")


@contextmanager
def _environment_without(*names: str) -> Generator[None, None, None]:
    kept = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(kept)


def unreadable(entry: Unreadable, settings: Settings) -> SubmissionResult:
    """Return the result of a submission that could not be read."""
    if entry.is_ours:
        return _ungraded(entry, entry.reason, settings.rubric, None)
    return _unreadable(entry, entry.reason, settings.rubric, None)


def ungraded(submission: Submission, settings: Settings, reason: str) -> SubmissionResult:
    """Return the result of a submission that cannot be given a score, for no fault of its own."""
    return _ungraded(submission, reason, settings.rubric, None)


def _result(submission: Submission, record: Record, settings: Settings) -> SubmissionResult:
    rubric = settings.rubric
    bug = next((outcome.bug for outcome in record.outcomes if outcome.bug is not None), None)
    if record.unreadable is not None:
        return _unreadable(submission, record.unreadable, rubric, record)
    if bug is not None or record.loaded is None:
        text = "the exam was not run" if bug is None else unforeseen(submission.id, bug)
        return _ungraded(submission, text, rubric, record)
    criteria = tuple(_criterion(id_, record.outcomes, settings) for id_ in rubric.points)
    output = record.loaded.output + ("\n[cut here]" if record.loaded.output_cut else "")
    path, sha256 = _examined_file(submission, record)
    return SubmissionResult(
        submission.id,
        path,
        sha256,
        SubmissionStatus.GRADED,
        rubric.score(criterion.id for criterion in criteria if criterion.status is Status.PASSED),
        rubric.max_score,
        isolation=record.layers,
        criteria=criteria,
        output=output,
        message=_passed_over(record),
        aliases=submission.aliases,
    )


def _criterion(id_: str, outcomes: Iterable[Outcome], settings: Settings) -> CriterionResult:
    """Return what became of one criterion, by those of ``outcomes`` that belong to it."""
    own = [outcome for outcome in outcomes if outcome.criterion == id_]
    marks, title = settings.rubric.points[id_], settings.rubric.title(id_)
    failure = next((outcome.failure for outcome in own if outcome.failure is not None), None)
    if failure is not None:
        finding = failure.finding if settings.feedback is Feedback.FULL else _in_brief(failure.finding)
        return CriterionResult(id_, title, 0.0, marks, failure.status, finding)
    if all(outcome.is_skipped for outcome in own):
        finding = Finding("", Message("Not judged."))
        return CriterionResult(id_, title, 0.0, marks, Status.SKIPPED, finding)
    return CriterionResult(id_, title, marks, marks, Status.PASSED)


def _in_brief(finding: Finding) -> Finding:
    """Leave out the numbers that show what is wrong."""
    return Finding(finding.law, finding.says)


def _examined_file(entry: Submission | Unreadable, record: Record | None) -> tuple[str, str]:
    """Return the path of the file that is examined, and its digest; of what was handed in, if none was read."""
    if not isinstance(entry, Submission) or record is None or record.source is None:
        return entry.path, ""
    return entry.paths.get(record.source.main, entry.path), record.source.sha256


def _ungraded(
    entry: Submission | Unreadable, reason: str, rubric: Rubric, record: Record | None
) -> SubmissionResult:
    path, sha256 = _examined_file(entry, record)
    return SubmissionResult(
        entry.id,
        path,
        sha256,
        SubmissionStatus.UNGRADED,
        None,
        rubric.max_score,
        isolation=() if record is None else record.layers,
        message=reason,
        aliases=entry.aliases,
    )


def _unreadable(
    entry: Submission | Unreadable, reason: str, rubric: Rubric, record: Record | None
) -> SubmissionResult:
    path, sha256 = _examined_file(entry, record)
    criteria = tuple(
        CriterionResult(id_, rubric.title(id_), 0.0, marks, Status.SKIPPED)
        for id_, marks in rubric.points.items()
    )
    return SubmissionResult(
        entry.id,
        path,
        sha256,
        SubmissionStatus.UNREADABLE,
        0.0,
        rubric.max_score,
        isolation=() if record is None else record.layers,
        criteria=criteria,
        message=reason,
        aliases=entry.aliases,
    )


def _passed_over(record: Record) -> str:
    """Say which statements of the submission were passed over when it was loaded."""
    loaded = record.loaded
    if loaded is None:
        return ""
    notes = [f"{p.label}, line {p.line}: {p.claim}" for p in loaded.syntax]
    for event in loaded.passed_over:
        notes.append(f"{event.label}, line {event.line}: {_reason(event)}")
    more = len(notes) - _SKIPPED_SHOWN
    shown = notes[:_SKIPPED_SHOWN] + ([f"and {more} more"] if more > 0 else [])
    return "Passed over when the file was run: " + "; ".join(shown) if shown else ""


def _reason(event: PassedOver) -> str:
    if event.raised is not None:
        return f"raised {event.raised.type}"
    if event.was_late:
        from grader.candidate.client import LOADING_SECONDS  # noqa: PLC0415 - imports NumPy

        return f"the {LOADING_SECONDS:g} s for all statements of the file were used up"
    return "ended the program, or needed too much memory"
