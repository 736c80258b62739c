"""Run the exam on a few submissions, as a pytest session."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Literal, cast

import numpy as np
import pytest

from grader.candidate.client import Candidate
from grader.candidate.launcher import Spawner
from grader.disclosure import disclosed_criterion, without_repairs
from grader.errors import DisturbedError, UngradedError
from grader.exam import fixtures
from grader.exam.examination import Examination
from grader.exam.plugin import ExamPlugin, Record
from grader.exam.questions.questions import questions
from grader.grading.outcomes import criterion_result, lost_criteria
from grader.grading.progress import Progress
from grader.model import Feedback, Submission
from grader.resources import exam_path
from grader.settings import Settings

__all__ = ["exam_plugin", "prepare", "run_exam"]

_UNUSED_PLUGINS = (
    "terminal",
    "cacheprovider",
    "debugging",
    "doctest",
    "junitxml",
    "legacypath",
    "logging",
    "pastebin",
    "setuponly",
    "setupplan",
    "stepwise",
    "unittest",
    "faulthandler",
    "threadexception",
    "unraisableexception",
)
_UNUSED_BY_OUR_LAWS = ("capture", "monkeypatch", "recwarn", "skipping", "subtests", "tmpdir")
"""Plugins whose fixtures and marks an instructor's own tests may use."""
_OPTIONS = (
    "--disable-plugin-autoload",
    "--assert=plain",
    "--import-mode=importlib",
    *(f"-pno:{name}" for name in _UNUSED_PLUGINS),
    "-c",
    os.devnull,
)
# The exam prints and logs nothing, and to watch for it takes a tenth of the time.
_OPTIONS_OF_OUR_LAWS = tuple(f"-pno:{name}" for name in _UNUSED_BY_OUR_LAWS)
_OPTIONS_WITH_OTHER_TESTS = ("--capture=no",)

_questions = cache(questions)


def prepare(spawner: Spawner, settings: Settings) -> None:
    """Draw the exam's questions, and raise ``UngradedError`` if submissions cannot be isolated."""
    _questions(settings.seed)
    nobody = Submission("", "", {})
    with closing(Candidate(nobody, spawner, settings.timeouts, settings.limits)) as candidate:
        candidate.rehearse()


def exam_plugin(
    submissions: Sequence[Submission], spawner: Spawner, settings: Settings, progress: Progress
) -> ExamPlugin:
    """Return the pytest plugin that hands ``submissions`` to the exam and records the outcomes."""

    def tell(submission: Submission, record: Record, criterion: str) -> None:
        if criterion not in settings.rubric.points or record.unreadable is not None:
            return
        if all(outcome.bug is None for outcome in record.outcomes):
            judged = criterion_result(criterion, record.outcomes, settings)
            progress.judged(submission, disclosed_criterion(judged, settings.feedback))

    def add_diagnoses(record: Record, examination: Examination) -> None:
        if any(outcome.bug is not None for outcome in record.outcomes):
            return
        lost = lost_criteria(record.outcomes, settings)
        examination.hurry()
        try:
            # What a passing submission does not need is not imported.
            if lost and settings.feedback.names_mistakes:
                from grader.diagnosis.diagnose import diagnose  # noqa: PLC0415

                diagnoses = diagnose(examination, lost)
                record.diagnoses = diagnoses if settings.show_repair else without_repairs(diagnoses)
            if settings.pictures and settings.feedback is Feedback.FULL:
                from grader.exam.picture import training_picture  # noqa: PLC0415

                record.picture = training_picture(examination)
        except (UngradedError, OSError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the score is known
            record.undiagnosed = error

    return ExamPlugin(
        submissions,
        spawner,
        _questions(settings.seed),
        settings.timeouts,
        settings.limits,
        settings.feedback,
        tell,
        add_diagnoses,
    )


def run_exam(
    submissions: Sequence[Submission], spawner: Spawner, settings: Settings, progress: Progress
) -> list[Record]:
    """Return what the exam recorded of each of ``submissions``.

    The session reads no configuration and no plugins but ours. Raises ``DisturbedError`` if pytest itself fails.
    """
    if not submissions:
        return []
    plugin = exam_plugin(submissions, spawner, settings, progress)
    with _environment_without("PYTEST_ADDOPTS", "PYTEST_PLUGINS"), tempfile.TemporaryDirectory() as folder:
        exam = str(exam_path())
        own = _write(settings.rubric.tests, Path(folder))
        more = _OPTIONS_WITH_OTHER_TESTS if own else _OPTIONS_OF_OUR_LAWS
        options = [*_OPTIONS, *more, f"--confcutdir={exam}", f"--rootdir={folder}"]
        # What submissions compute may overflow, which is for the laws to judge.
        with np.errstate(all="ignore"):
            code = pytest.main([*options, exam, *own], plugins=[plugin, fixtures, _ShortReports()])
    if plugin.interruption is not None:
        raise plugin.interruption
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise DisturbedError(f"the exam could not be run (pytest: {code!r})\n{plugin.internal_error or ''}")
    return plugin.records


class _ShortReports:
    """Makes pytest's reports without the text about a failure, which nobody reads here, but takes long to write."""

    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.TestReport:
        """Return how a step of a test ended."""
        outcome: Literal["passed", "skipped", "failed"] = "passed"
        if call.excinfo is not None:
            outcome = "skipped" if isinstance(call.excinfo.value, pytest.skip.Exception) else "failed"
        when = cast("Literal['setup', 'call', 'teardown']", call.when)
        return pytest.TestReport(item.nodeid, item.location, {}, outcome, None, when)


def _write(tests: Mapping[str, str], folder: Path) -> list[str]:
    """Write an instructor's own tests to ``folder``, and return their paths.

    Each text has a folder of its own, since pytest imports a module of one name once.
    """
    paths = []
    for name, text in tests.items():
        path = folder / sha256(text.encode()).hexdigest() / name
        path.parent.mkdir()
        path.write_text(text, encoding="utf-8")
        paths.append(str(path))
    return paths


@contextmanager
def _environment_without(*names: str) -> Generator[None, None, None]:
    removed = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(removed)
