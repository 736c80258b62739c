"""Run the exam on a submission: ``pytest grader/exam --submission PATH``.

This is the command line of pytest for the exam, and the only module here that imports from above.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from grader.errors import KitError, UnreadableError
from grader.exam import fixtures
from grader.exam.plugin import ExamPlugin
from grader.model import Submission, Unreadable


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the exam."""
    group = parser.getgroup("perceptron-kit")
    group.addoption(
        "--submission", metavar="PATH", help="the submission to examine: a file, a folder or an archive"
    )
    group.addoption(
        "--exam-seed", type=int, default=0, metavar="N", help="the seed that the examples are drawn from"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Keep the exam in one process, which has the submission, even if pytest-xdist would use several."""
    if hasattr(config.option, "numprocesses"):
        config.option.numprocesses, config.option.dist = None, "no"


def pytest_configure(config: pytest.Config) -> None:
    """Read the submission, unless ``grade`` has brought its own."""
    config.addinivalue_line("markers", "criterion(id): the criterion of the rubric that a law belongs to")
    if fixtures.exam_plugins(config):
        return
    path = config.getoption("--submission")
    if path is None:
        raise pytest.UsageError("the exam needs a submission: pytest grader/exam --submission PATH")
    opened = ExitStack()
    config.add_cleanup(opened.close)
    try:
        plugin = _plugin_for(Path(path), config.getoption("--exam-seed"), opened)
    except KitError as error:
        raise pytest.UsageError(str(error)) from None
    config.pluginmanager.register(plugin)
    config.pluginmanager.register(fixtures)


def _plugin_for(path: Path, seed: int, opened: ExitStack) -> ExamPlugin:
    """Return the plugin that hands the submissions in ``path`` to the exam; ``opened`` ends their process.

    Raises ``UsageError`` for a path that cannot be read, and ``UnreadableError`` for a submission that cannot.
    """
    # Only if the exam is run by hand.
    from grader.candidate.launcher import ForkingParent  # noqa: PLC0415
    from grader.grading.progress import SILENT  # noqa: PLC0415
    from grader.grading.session import exam_plugin  # noqa: PLC0415
    from grader.intake import Entries, find_submissions  # noqa: PLC0415
    from grader.settings import Settings  # noqa: PLC0415

    settings = Settings(seed)
    parent = opened.enter_context(ForkingParent(settings.isolation))
    entries = Entries(find_submissions([path]))
    submissions: list[Submission] = []
    for place in range(len(entries)):
        entry = entries[place]
        if isinstance(entry, Unreadable):
            raise UnreadableError(f"{entry.path} cannot be examined: {entry.reason}")
        submissions.append(entry)
    return exam_plugin(submissions, parent, settings, SILENT)
