"""Fixtures that tests all over the suite may ask for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from grader.model import (
    CriterionResult,
    Diagnosis,
    Finding,
    Message,
    Report,
    Status,
    SubmissionResult,
    SubmissionStatus,
)

if TYPE_CHECKING:
    from chromium import Chromium

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


@pytest.fixture
def hostile() -> Report:
    """A report in which everything that a student can write is hostile."""
    criteria = tuple(
        CriterionResult(id_, "a title", 0, 5, status, Finding("law", Message("{text}", {"text": HOSTILE})))
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
        (Diagnosis("derivative-missing", "Layer.backward", 3, HOSTILE),),
        HOSTILE,
        HOSTILE,
    )
    unreadable = SubmissionResult(
        f"=1+1{HOSTILE}", "@x.py", "b" * 64, SubmissionStatus.UNREADABLE, 0, 20, message=HOSTILE
    )
    ungraded = SubmissionResult(
        "-1", "+x.zip", "c" * 64, SubmissionStatus.UNGRADED, None, 20, message=HOSTILE
    )
    return Report("1.2.3", 0, 20, (graded, unreadable, ungraded))
