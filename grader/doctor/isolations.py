"""Find out which kinds of isolation are available on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing

from grader.candidate.client import Candidate
from grader.candidate.isolation import Isolation
from grader.candidate.launcher import ForkingParent, Limits, Timeouts
from grader.errors import UngradedError
from grader.model import Submission

__all__ = ["candidate_with", "isolations_with_faults", "layers_of"]


def layers_of(isolation: Isolation) -> tuple[str, ...]:
    """Return the layers of a sandbox with this isolation; raises ``UngradedError`` if it is not available."""
    with ForkingParent(isolation) as parent, closing(candidate_with({}, parent)) as candidate:
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


def candidate_with(files: Mapping[str, bytes], parent: ForkingParent) -> Candidate:
    """Return a candidate for a submission of the doctor's own, with strict limits."""
    return Candidate(Submission("doctor", "doctor.py", files), parent, Timeouts(5.0, 30.0), Limits(cpu=1))
