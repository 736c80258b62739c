"""Give every law the examination of each submission, wherever the law's file is."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from grader.errors import UnreadableError
from grader.exam.examination import Examination
from grader.exam.plugin import ExamPlugin

__all__ = ["exam_plugins"]


def exam_plugins(config: pytest.Config) -> list[ExamPlugin]:
    """Return the plugins of this run that have submissions; there is one, or none yet."""
    return [plugin for plugin in config.pluginmanager.get_plugins() if isinstance(plugin, ExamPlugin)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each law every submission."""
    if "examination" in metafunc.fixturenames:
        (plugin,) = exam_plugins(metafunc.config)
        numbers = range(len(plugin.submissions))
        ids = [submission.id for submission in plugin.submissions]
        metafunc.parametrize("examination", numbers, ids=ids, indirect=True, scope="session")


@pytest.fixture(scope="session")
def examination(request: pytest.FixtureRequest) -> Generator[Examination, None, None]:
    """Return the examination of one submission, shared by all laws."""
    (plugin,) = exam_plugins(request.config)
    try:
        with plugin.examination(request.param) as examination:
            yield examination
    except UnreadableError as error:
        pytest.fail(f"This submission cannot be examined: {error}.", pytrace=False)
