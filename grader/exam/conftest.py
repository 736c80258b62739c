"""Runs the exam on a submission: ``pytest grader/exam --submission PATH``."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path

import pytest

from grader.errors import KitError, UnreadableError
from grader.exam.examination import Examination
from grader.exam.plugin import Sitting


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
    """Keep the exam in one process, which has the submission, where pytest-xdist would use several."""
    if hasattr(config.option, "numprocesses"):
        config.option.numprocesses, config.option.dist = None, "no"


def pytest_configure(config: pytest.Config) -> None:
    """Read the submission, unless ``grade`` has brought its own."""
    config.addinivalue_line("markers", "criterion(id): the criterion of the rubric that a law belongs to")
    if _sittings(config):
        return
    path = config.getoption("--submission")
    if path is None:
        raise pytest.UsageError("the exam needs a submission: pytest grader/exam --submission PATH")
    from grader.examiner import Settings, open_sitting  # noqa: PLC0415 - only where the exam is run by hand

    opened = ExitStack()
    try:
        sitting = opened.enter_context(open_sitting([Path(path)], Settings(config.getoption("--exam-seed"))))
    except KitError as error:
        raise pytest.UsageError(str(error)) from None
    config.pluginmanager.register(sitting)
    config.add_cleanup(opened.close)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each law every submission."""
    if "examination" in metafunc.fixturenames:
        sitting = _sitting(metafunc.config)
        numbers = range(len(sitting.submissions))
        ids = [submission.id for submission in sitting.submissions]
        metafunc.parametrize("examination", numbers, ids=ids, indirect=True, scope="session")


@pytest.fixture(scope="session")
def examination(request: pytest.FixtureRequest) -> Generator[Examination, None, None]:
    """Return the examination of one submission, shared by all laws."""
    try:
        with _sitting(request.config).examination(request.param) as examination:
            yield examination
    except UnreadableError as error:
        pytest.fail(f"This submission cannot be examined: {error}.", pytrace=False)


def _sitting(config: pytest.Config) -> Sitting:
    return _sittings(config)[0]


def _sittings(config: pytest.Config) -> list[Sitting]:
    return [plugin for plugin in config.pluginmanager.get_plugins() if isinstance(plugin, Sitting)]
