"""How submissions are graded."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import ceil

from grader.candidate.isolation import Isolation
from grader.candidate.launcher import Limits, Timeouts
from grader.model import Feedback
from grader.rubric import Rubric, default_rubric

__all__ = ["Settings"]

_LEAST_CPU, _REQUESTS = 30, 8
"""Seconds of processor time that every submission has, and for how many requests' timeouts it gets more."""


@dataclass(frozen=True)
class Settings:
    """How submissions are graded: everything that a score depends on, apart from the kit's own code."""

    seed: int = 0
    timeout: float = Timeouts.request
    """Seconds for the answer to one request."""
    memory: int = Limits.memory
    """Bytes of address space for one submission's process."""
    rubric: Rubric = field(default_factory=default_rubric)
    isolation: Isolation = Isolation.STRICT
    total_timeout: float = Timeouts.total
    """Seconds for all the answers of one submission together."""
    feedback: Feedback = Feedback.FULL
    show_repair: bool = False
    """Whether diagnoses have the repaired line, which is for instructors alone."""
    pictures: bool = False
    """Whether one more network is trained, to draw what it learned on the students' pages."""
    pictures_of_classes: bool = True
    """Whether there are pictures of several submissions, too, and not of one that is graded alone."""

    def for_submissions(self, count: int) -> Settings:
        """Return the settings for so many submissions: with pictures only if some page shows them."""
        pictures = self.pictures and (self.pictures_of_classes or count == 1)
        return replace(self, pictures=pictures, pictures_of_classes=True)

    @property
    def timeouts(self) -> Timeouts:
        """How long the grader waits for a submission."""
        return Timeouts(self.timeout, self.total_timeout)

    @property
    def limits(self) -> Limits:
        """The resource limits of one submission's process."""
        return Limits(self.memory, cpu=_LEAST_CPU + _REQUESTS * ceil(self.timeout))
