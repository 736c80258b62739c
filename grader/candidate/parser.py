"""Parses sources behind the wall, many of them in one process."""

from __future__ import annotations

from collections.abc import Sequence

from grader.candidate.client import Candidate, Ended
from grader.candidate.launcher import Limits, Patience, Spawner
from grader.errors import DisturbedError
from grader.model import Cell, Outline, Submission

__all__ = ["Parser"]

_SHARED = 256 * 1024
"""Characters that are parsed in one process; a longer source has one for itself."""


_ATTEMPTS = 3
"""How often a source is tried whose process somebody else ends."""


class Parser:
    """Outlines sources in processes that run nothing of them, so that they may follow each other in one.

    A source at which a process ends is tried once more in a new one, so that none suffers from those before it.
    """

    def __init__(self, spawner: Spawner, patience: Patience, limits: Limits) -> None:
        self._spawner, self._patience, self._limits = spawner, patience, limits
        self._candidate: Candidate | None = None
        self._left = 0

    def outline(self, cells: Sequence[Cell]) -> Outline:
        """Parse ``cells`` and run nothing; raises ``Ended`` where the process does not survive it."""
        size = sum(len(cell.text) for cell in cells)
        if self._candidate is not None and size <= self._left:
            self._left -= size
            try:
                return self._candidate.outline(cells)
            except (Ended, DisturbedError):
                pass
        for _ in range(_ATTEMPTS - 1):
            try:
                return self._outline_anew(cells, size)
            except DisturbedError:
                continue
        return self._outline_anew(cells, size)

    def _outline_anew(self, cells: Sequence[Cell], size: int) -> Outline:
        self.close()
        self._candidate = self._nobody()
        self._left = _SHARED - size
        try:
            return self._candidate.outline(cells)
        except (Ended, DisturbedError):
            self.close()
            raise

    def close(self) -> None:
        """End the process."""
        if self._candidate is not None:
            self._candidate.close()
            self._candidate = None

    def _nobody(self) -> Candidate:
        return Candidate(Submission("", "", "", "", ()), self._spawner, self._patience, self._limits)
