"""What holds for the whole suite: which tests are fast, how many run at a time, and fixtures that all may ask for."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from grader.errors import UsageError
from grader.model import (
    ArrayValue,
    CodeValue,
    CriterionResult,
    Diagnosis,
    ExceptionValue,
    Excerpt,
    Finding,
    Message,
    NothingValue,
    NumberValue,
    Place,
    PrintedValue,
    Report,
    Status,
    SubmissionResult,
    SubmissionStatus,
    TextValue,
    Value,
)

if TYPE_CHECKING:
    from chromium import Chromium

ALL_INSTALLED = find_spec("xdist") is not None
"""Whether the dependency group ``test`` is installed. Without it the tests run one at a time, and some are skipped."""

FAST = (
    "assignment/test_sheet.py",
    "exam/test_answers.py",
    "exam/test_by_hand.py",
    "exam/test_findings.py",
    "exam/test_laws.py",
    "grading/test_cache.py",
    "grading/test_compare.py",
    "intake/test_grouping.py",
    "intake/test_roster.py",
    "report/page/",
    "report/student/",
    *(f"report/test_{name}.py" for name in ("document", "formats", "messages", "reports", "worksheets")),
    "test_assignment.py::test_the_assignment_in_the_kit_is_up_to_date",
    "test_determinism.py",
    "test_docs.py",
    "test_rubric.py",
    "test_structure.py",
    *(
        f"test_submissions.py::TestWrong::test_a_known_mistake_costs_only_what_it_may[wrong/{entry}/"
        for entry in ("derivative-missing", "da-not-chained", "gradient-ascent", "updated-before-da_prev")
    ),
    "test_submissions.py::TestRight::test_a_right_submission_gets_all_points[right/golf.py]",
)
"""How the ids of tests marked ``fast`` begin, from this folder. They take less than a minute on two cores."""

SCRIPT = "</pre><script>alert(1)</script>"
HOSTILE = (
    "\n::error file=a.py::forged\n  ::add-mask::0\r::debug::x\n##[error]old\n=HYPERLINK(1)\n"
    "```\n# Heading\n[link](javascript:alert(1)) <img src=x onerror=alert(1)> | `code` | ``two`` @everyone\n"
    f"{SCRIPT} ]]> & \x00 \x08 \x1b[2J \ufffe \udc80 \u202e %0A::warning::y"
)
"""What acts somewhere: on a runner of GitHub, in a spreadsheet, on a page, in XML, on a terminal."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    """Yield a headless Chromium, which lives no longer than a module: it holds the thread's event loop."""
    from chromium import started

    with started() as running:
        yield running


def hostile_finding() -> Finding:
    """Return a finding in which every value that a student can write is hostile."""
    values: dict[str, Value] = {
        "printed": PrintedValue(HOSTILE),
        "raised": ExceptionValue(HOSTILE, HOSTILE),
        "code": CodeValue(HOSTILE),
        "text": TextValue("{text}", {"text": HOSTILE}),
        "number": NumberValue(1),
        "array": ArrayValue((1, 2), (1, 2), (0,)),
        "nothing": NothingValue(),
    }
    says = Message("It says {text}.", {"text": HOSTILE})
    return Finding("law", says, values, values, values, Place(HOSTILE, 1, HOSTILE))


@pytest.fixture
def hostile() -> Report:
    """A report in which everything that a student can write is hostile."""
    criteria = tuple(
        CriterionResult(id_, "a title", 0, 5, status, hostile_finding())
        for id_, status in (
            ("backward.dz", Status.FAILED),
            ("fit.loss", Status.ERROR),
            ("fit.backpropagation", Status.TIMEOUT),
            ("training.gradient_check", Status.SKIPPED),
        )
    )
    graded = SubmissionResult(
        HOSTILE,
        f"{HOSTILE}.py",
        "a" * 64,
        SubmissionStatus.GRADED,
        0,
        20,
        ("process",),
        criteria,
        (
            Diagnosis(
                "derivative-missing",
                "Layer.backward",
                place=Place(PurePath(f"{HOSTILE}.py").name, 3, HOSTILE),
                excerpt=Excerpt(3, (HOSTILE,)),
            ),
        ),
        HOSTILE,
        (Message.verbatim(HOSTILE),),
    )
    unreadable = SubmissionResult(
        f"=1+1{HOSTILE}",
        "@x.py",
        "b" * 64,
        SubmissionStatus.UNREADABLE,
        0,
        20,
        reasons=(Message.verbatim(HOSTILE),),
    )
    ungraded = SubmissionResult(
        "-1", "+x.zip", "c" * 64, SubmissionStatus.UNGRADED, None, 20, reasons=(Message.verbatim(HOSTILE),)
    )
    return Report("1.2.3", 0, 20, (graded, unreadable, ungraded))


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Run several tests at a time by default, and those of a module or class in one process."""
    # xdist calls this hook in its workers too, which must not start workers of their own.
    if config.pluginmanager.hasplugin("xdist") and "PYTEST_XDIST_WORKER" not in os.environ:
        if config.option.numprocesses is None:
            config.option.numprocesses, config.option.maxprocesses = "auto", 4
        if config.option.dist == "no":
            config.option.dist = "loadscope"


def pytest_configure(config: pytest.Config) -> None:
    """Keep what is drawn from other seeds in a folder of this run, and not in that of the user."""
    # The workers of xdist inherit it.
    if "PYTEST_XDIST_WORKER" not in os.environ:
        folder = TemporaryDirectory(prefix="perceptron-kit-tests-")
        config.add_cleanup(folder.cleanup)
        patched = pytest.MonkeyPatch()
        patched.setenv("XDG_CACHE_HOME", folder.name)
        config.add_cleanup(patched.undo)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the fast tests; those that start a browser are not."""
    for item in items:
        id_ = item.nodeid.removeprefix("tests/")
        needed = item.fixturenames if isinstance(item, pytest.Function) else ()
        if id_.startswith(FAST) and "chromium" not in needed and not item.get_closest_marker("slow"):
            item.add_marker("fast")


def pytest_report_header() -> str | None:
    """Say how to install what is missing."""
    return None if ALL_INSTALLED else "some tests are skipped; to run all: uv run --group test pytest"


class ModuleOfTests(pytest.Module):
    """A test module that is skipped if it needs a package that is not installed."""

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        """Return the tests of the module."""
        try:
            return super().collect()
        except (self.CollectError, UsageError) as error:
            if isinstance(error.__context__, ModuleNotFoundError):
                pytest.skip(f"{error.__context__.name} is not installed: uv run --group test pytest")
            raise


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Skip modules whose packages are missing, but only if the group ``test`` is not installed."""
    if ALL_INSTALLED:
        return None
    module: pytest.Module = ModuleOfTests.from_parent(parent, path=module_path)
    return module
