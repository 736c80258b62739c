"""Measure the time that a candidate had to itself."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from grader.errors import DisturbedError

__all__ = ["FairClock"]

_SLICE = 0.1
"""Seconds between two looks at the process."""
_LATE = 0.25
"""Seconds by which a look may be late; after more, this process itself was kept from running."""
_BRIEF = 0.02
"""Seconds of waiting that are too short for a delay that matters."""


class FairClock:
    """A clock that counts only the time that the followed process had to itself.

    While this process waits, seconds do not count if the followed process was stopped (it cannot stop itself), if it
    was ready to run and no processor was free, or if this process was stopped and could not look. What remains is
    processor time and sleep. While this process does not wait, only its own processor time counts. If the system
    says nothing about the followed process, only the looks that come too late are left out.

    Raises ``DisturbedError`` after the followed processes have been kept from running for ``limit`` seconds.
    """

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._counted = 0.0
        self._at, self._own = time.monotonic(), time.process_time()
        self._waited = self._asked = 0.0
        self._spare = 0.0
        self._lost = 0.0
        self._process = _Process(None)
        self._before = _NOTHING

    def follow(self, pid: int | None) -> None:
        """Follow another process from now on; ``None`` is one that the system says nothing about."""
        self._process = _Process(pid)
        self._before = self._process.look()
        self._waited = self._asked = self._spare = 0.0

    def now(self) -> float:
        """Return the seconds counted so far."""
        at, own = time.monotonic(), time.process_time()
        self._counted += min(at - self._at, own - self._own)
        self._at, self._own = at, own
        return self._counted

    def charge(self, seconds: float) -> None:
        """Count some seconds more."""
        self._counted += seconds

    def wait(self, is_ready: Callable[[float], bool], deadline: float) -> None:
        """Wait until ``is_ready``, which takes the seconds to wait; raises ``TimeoutError`` at ``deadline``."""
        left = deadline - self.now()
        while left > 0:
            asked = min(left, _SLICE)
            ready = is_ready(asked)
            self._count(asked)
            if ready:
                return
            left = deadline - self._counted
        raise TimeoutError

    def _count(self, asked: float) -> None:
        """Count the seconds since the last look, which was to wait for ``asked`` seconds."""
        at = time.monotonic()
        passed = at - self._at
        self._at, self._own = at, time.process_time()
        self._counted += passed
        self._waited += passed
        self._asked += min(asked, passed)
        if passed >= _BRIEF:
            self._subtract_lost_time()

    def _subtract_lost_time(self) -> None:
        before, self._before = self._before, self._process.look()
        ran = self._before.ran - before.ran
        held_up = self._before.held_up - before.held_up
        overslept = 0.0
        if self._waited > self._asked + _LATE:
            overslept = max(0.0, self._waited - max(self._asked, ran))
        if self._before.is_stopped:
            held_up = self._waited - ran
        # The kernel reports a wait for a processor when it is over, so it may have begun before the last look.
        idle = max(0.0, self._spare + self._waited - ran)
        lost = min(max(overslept, held_up), idle)
        self._spare = idle - lost
        self._waited = self._asked = 0.0
        self._counted -= lost
        self._lost += max(0.0, lost - overslept)
        if self._lost > self._limit:
            raise DisturbedError(
                f"the submission was kept from running for {self._limit:g} s, because its process was stopped or the "
                "machine is too busy; use fewer --jobs, and try again"
            )


class _Look(NamedTuple):
    """The seconds that a process has had so far."""

    ran: float
    held_up: float
    is_stopped: bool


_NOTHING = _Look(0.0, 0.0, False)


class _Process:
    """A process that ``/proc`` has statistics about."""

    def __init__(self, pid: int | None) -> None:
        folder = Path(f"/proc/{pid}")
        self._files = None if pid is None else (folder / "stat", folder / "schedstat")
        self._last = _NOTHING

    def look(self) -> _Look:
        """Return its statistics; the last ones if there are no others."""
        if self._files is None:
            return self._last
        try:
            stat, scheduled = (path.read_text(encoding="ascii", errors="replace") for path in self._files)
            state, *fields = stat.rpartition(")")[2].split()
            ran = (int(fields[10]) + int(fields[11])) / _TICKS
            self._last = _Look(ran, int(scheduled.split()[1]) / 1e9, state in "tT")
        except (OSError, ValueError, IndexError):
            self._files = None
        return self._last


_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
