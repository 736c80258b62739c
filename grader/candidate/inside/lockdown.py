"""What a candidate gives up before it sees a submission: the one place where its prison is put together."""

from __future__ import annotations

import os
import resource
from dataclasses import dataclass

__all__ = ["Limits", "lock_down"]


@dataclass(frozen=True)
class Limits:
    """The resource limits of one candidate process."""

    memory: int
    """Address space in bytes."""
    cpu: int
    """Processor time in seconds."""
    open_files: int = 32


def lock_down(keep: int, limits: Limits) -> tuple[str, ...]:
    """Close every descriptor but 0, 1, 2 and ``keep``, set the limits, and return the layers that are up.

    Processes that are forked from here on end at once.
    """
    _close_all_but(keep)
    os.register_at_fork(after_in_child=_leave)
    _limit(limits)
    return ("process", "rlimits")


def _leave() -> None:
    """End a process that a submission forks, before it can answer in the submission's place."""
    os._exit(0)


def _close_all_but(keep: int) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.closerange(3, keep)
    os.closerange(keep + 1, os.sysconf("SC_OPEN_MAX"))


def _limit(limits: Limits) -> None:
    for kind, value in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, limits.cpu),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        most = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (most, most))
