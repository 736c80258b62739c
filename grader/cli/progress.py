"""Show on standard error how far the grading of a class is."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from grader.cli.streams import say_line
from grader.grading.progress import Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from grader.model import SubmissionResult

__all__ = ["ShownProgress"]

_LEAST = 20
"""A class with fewer submissions gets no plain lines."""
_FEW = 4
"""A class with fewer submissions gets no bar."""
_PARTS = 10
"""The number of plain lines for a class."""


class ShownProgress(Progress):
    """Counts results as they come in, and shows a bar on a terminal, else a line now and then."""

    def __init__(self, *, is_quiet: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self.count = self.done = self.cached = self.scored = 0
        self._scores = 0.0
        self._is_quiet, self._clock = is_quiet, clock
        self._has_bar = not is_quiet and sys.stderr.isatty()
        self._bar: Bar | None = None
        self._parts_shown = 0
        self._began = self._last = clock()

    def say(self, text: str) -> None:
        """Write a line from ``grade``, unless it is quiet."""
        if not self._is_quiet:
            say_line("grade", text)

    def begin(self, count: int) -> None:
        """Note that there are ``count`` submissions."""
        self.count = count
        self._began = self._last = self._clock()
        self._show()

    def take(self, result: SubmissionResult, *, is_cached: bool) -> None:
        """Note a result."""
        before, self._last = self._last, self._clock()
        if is_cached:
            # The time that it took to find says nothing about the time that grading takes.
            self._began += self._last - before
        self.done += 1
        self.cached += is_cached
        if result.score is not None:
            self._scores, self.scored = self._scores + result.score, self.scored + 1
        self._show()

    def close(self) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.stop()

    def around(self, results: Iterable[SubmissionResult]) -> Iterator[SubmissionResult]:
        """Yield ``results``, and hide the bar meanwhile: each may be written to the same terminal."""
        for result in results:
            if self._bar is not None:
                self._bar.stop()
            yield result
            if self._bar is not None:
                self._bar.start()
        self.close()

    @property
    def pace(self) -> str:
        """The rate and the time left; empty if nothing was graded yet."""
        graded = self.done - self.cached
        if not graded:
            return ""
        rate = graded / max(self._clock() - self._began, 1e-9)
        minutes, seconds = divmod(round((self.count - self.done) / rate), 60)
        left = f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
        return f"{rate:.1f} a second, {left} left"

    def _show(self) -> None:
        mean = f"mean score {self._scores / self.scored:.1f}" if self.scored else "no scores yet"
        if self._has_bar and self.count >= _FEW:
            self._show_bar("; ".join(fact for fact in (self.pace, mean) if fact))
        elif not self._has_bar and self.count >= _LEAST and self.done not in (self.cached, self.count):
            part = self.done * _PARTS // self.count
            if part > self._parts_shown:
                self._parts_shown = part
                self.say(f"{self.done} of {self.count} are done; {self.pace}; {mean}")

    def _show_bar(self, facts: str) -> None:
        if self._bar is None:
            self._bar = _bar()
            self._bar.add_task("", facts="")
            self._bar.start()
        self._bar.update(self._bar.task_ids[0], total=self.count, completed=self.done, facts=facts)


def _bar() -> Bar:
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[facts]}", markup=False))
    console = Console(stderr=True)
    return Progress(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False)
