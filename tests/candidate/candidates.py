"""What the tests of candidates share: a submission from a text, and what became of it."""

from __future__ import annotations

from contextlib import closing
from textwrap import dedent

from grader.candidate.client import Candidate
from grader.candidate.launcher import ForkingParent, Limits, Patience
from grader.candidate.replies import Loaded
from grader.model import Cell, Helper, Submission

__all__ = ["candidate_of", "load", "printed"]

MEMORY = 512 * 1024 * 1024


def candidate_of(
    parent: ForkingParent, text: str, *helpers: Helper, file: str = "work.py", memory: int = MEMORY
) -> Candidate:
    submission = Submission("work", file, "0", file, (Cell(file, dedent(text)),), helpers)
    return Candidate(submission, parent, Patience(1.0), Limits(memory=memory))


def load(parent: ForkingParent, text: str, *helpers: Helper, file: str = "work.py") -> Loaded:
    with closing(candidate_of(parent, text, *helpers, file=file)) as candidate:
        return candidate.load()


def printed(parent: ForkingParent, text: str, *helpers: Helper, file: str = "work.py") -> str:
    """Return what a submission prints, none of whose statements may fail."""
    loaded = load(parent, text, *helpers, file=file)
    assert not loaded.passed_over, loaded.passed_over
    return loaded.output.strip()
