"""Find out which kinds of isolation are available on this machine."""

from __future__ import annotations

from contextlib import closing

from grader.candidate.client import Candidate
from grader.candidate.isolation import Isolation
from grader.candidate.launcher import ForkingParent, Limits, Timeouts
from grader.errors import UngradedError
from grader.model import Submission

__all__ = ["isolations_with_faults", "layers_of"]


def layers_of(isolation: Isolation) -> tuple[str, ...]:
    """Return the layers of a sandbox with this isolation; raises ``UngradedError`` if it is not available."""
    submission = Submission("doctor", "doctor.py", {"doctor.py": b""})
    timeouts, limits = Timeouts(5.0, 30.0), Limits(cpu=1)
    with (
        ForkingParent(isolation) as parent,
        closing(Candidate(submission, parent, timeouts, limits)) as candidate,
    ):
        candidate.rehearse()
        return candidate.layers


def isolations_with_faults() -> dict[Isolation, str | None]:
    """Return every kind of isolation with what it lacks here, or ``None`` if it is available."""
    faults: dict[Isolation, str | None] = dict.fromkeys(Isolation)
    for isolation in Isolation:
        try:
            layers_of(isolation)
        except UngradedError as error:
            faults[isolation] = str(error)
    return faults
