"""Shows on standard error how far the examination of a class is."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.progress import Progress

    from grader.model import SubmissionResult

__all__ = ["Display", "Silence", "Tally", "follow"]

_LEAST = 20
"""A class of fewer submissions is over before a plain line would be read."""
_FEW = 4
"""Fewer submissions need no bar."""
_PARTS = 10
"""So many plain lines tell how far a class is."""


class Tally:
    """Counts results as they come in."""

    def __init__(self, display: Display, clock: Callable[[], float] = time.monotonic) -> None:
        self._display, self._clock = display, clock
        self.count = self.done = self.kept = self.scored = 0
        self._scores = 0.0
        self._began = self._last = self._clock()

    def begin(self, count: int) -> None:
        """Note that there are ``count`` submissions."""
        self.count = count
        self._began = self._last = self._clock()
        self._display.show(self)

    def take(self, result: SubmissionResult, *, was_kept: bool) -> None:
        """Note a result; ``was_kept`` if it is that of an earlier run."""
        before, self._last = self._last, self._clock()
        if was_kept:
            # The time that it took to find says nothing about the time that others take to be examined.
            self._began += self._last - before
        self.done += 1
        self.kept += was_kept
        if result.score is not None:
            self._scores, self.scored = self._scores + result.score, self.scored + 1
        self._display.show(self)

    def making_room(self, results: Iterable[SubmissionResult]) -> Iterator[SubmissionResult]:
        """Yield ``results``; nothing is shown while one is handed on, which may be written to the same terminal."""
        for result in results:
            with self._display.hidden():
                yield result
        self._display.close()

    @property
    def mean(self) -> str:
        """The mean score so far."""
        return f"mean score {self._scores / self.scored:.1f}" if self.scored else "no scores yet"

    @property
    def rate(self) -> float:
        """Submissions examined in a second, those kept not counted."""
        return (self.done - self.kept) / max(self._clock() - self._began, 1e-9)

    @property
    def pace(self) -> str:
        """The rate and the time left, as far as they can be told."""
        if self.done == self.kept:
            return ""
        return f"{self.rate:.1f} a second, {_span((self.count - self.done) / self.rate)} left"


class Display(Protocol):
    """Shows a tally."""

    def show(self, tally: Tally) -> None:
        """Show how far it is."""

    @contextmanager
    def hidden(self) -> Iterator[None]:
        """Make room for what is written to the terminal."""

    def close(self) -> None:
        """Show no more."""


class Silence:
    """Shows nothing."""

    def show(self, tally: Tally) -> None:
        """Show nothing."""

    @contextmanager
    def hidden(self) -> Iterator[None]:
        """Leave what is written alone."""
        yield

    def close(self) -> None:
        """Do nothing."""


class _Lines(Silence):
    """A line at each tenth of a class."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say, self._shown = say, 0

    def show(self, tally: Tally) -> None:
        if tally.count < _LEAST or tally.done in (tally.kept, tally.count):
            return
        part = tally.done * _PARTS // tally.count
        if part > self._shown:
            self._shown = part
            facts = [f"{tally.done} of {tally.count} are done", tally.pace, tally.mean]
            self._say("; ".join(fact for fact in facts if fact))


class _Bar:
    """A bar on the terminal, for more than a few submissions."""

    def __init__(self) -> None:
        self._bar: Progress | None = None

    def show(self, tally: Tally) -> None:
        if tally.count < _FEW:
            return
        if self._bar is None:
            self._bar = _progress()
            self._bar.add_task("", facts="")
            self._bar.start()
        facts = "; ".join(fact for fact in (tally.pace, tally.mean) if fact)
        self._bar.update(self._bar.task_ids[0], total=tally.count, completed=tally.done, facts=facts)

    @contextmanager
    def hidden(self) -> Iterator[None]:
        if self._bar is None:
            yield
            return
        self._bar.stop()
        yield
        self._bar.start()

    def close(self) -> None:
        if self._bar is not None:
            self._bar.stop()


def _progress() -> Progress:
    from rich.console import Console  # noqa: PLC0415 - slow to import
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[facts]}", markup=False))
    console = Console(stderr=True)
    return Progress(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False)


@contextmanager
def follow(say: Callable[[str], None], *, is_quiet: bool) -> Iterator[Tally]:
    """Show a bar if standard error is a terminal, else now and then a line by ``say``, or nothing."""
    display: Display = Silence() if is_quiet else _Bar() if sys.stderr.isatty() else _Lines(say)
    try:
        yield Tally(display)
    finally:
        display.close()


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
