"""How a law of the exam says that it does not hold."""

from __future__ import annotations

from collections.abc import Mapping

from _pytest.outcomes import Failed

from grader.model import Status

__all__ = ["Unmet"]


class Unmet(Failed):
    """A law does not hold; pytest shows the message and no traceback."""

    def __init__(
        self,
        message: str,
        counterexample: Mapping[str, object] | None = None,
        status: Status = Status.FAILED,
        *,
        is_clear: bool = True,
    ) -> None:
        super().__init__(message, pytrace=False)
        self.message = message
        self.counterexample = counterexample
        self.status = status
        self.is_clear = is_clear
        """Whether no number that is wrong is 0, which reads as if nothing had been computed."""
