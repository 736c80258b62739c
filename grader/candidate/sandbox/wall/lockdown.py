"""Put the layers of the wall together.

The forking parent prepares a ``Jail``; each worker enters it before it sees a submission, in about a millisecond.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from grader.candidate.sandbox.wall import landlock, privileges, seccomp
from grader.candidate.sandbox.wall.chroot_folder import make_chroot_folder
from grader.candidate.sandbox.wall.syscalls import prctl

__all__ = ["Jail", "MissingLayerError"]

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38
_OOM_SCORE = "/proc/self/oom_score_adj"
_FIRST_TO_DIE = b"1000"
_OPEN_FILES = 32
_TASKS = 512
"""Threads of all candidates together, in addition to the tasks that their user already has."""


class MissingLayerError(Exception):
    """A required layer is missing; the arguments are its name and the reason."""


class Jail:
    """The layers of one kind of isolation.

    ``strict`` needs Landlock and seccomp. ``user`` needs a user without rights, a root folder that holds only the
    allowed paths, and seccomp. ``process`` has resource limits alone. Raises ``MissingLayerError`` if a layer that
    it needs is missing; other layers are used when available.
    """

    def __init__(
        self, isolation: str, allowed: Sequence[str], folder: Path, namespaces: Sequence[str]
    ) -> None:
        self._isolation, self._namespaces = isolation, namespaces
        self._ruleset: int | None = None
        self._landlock = 0
        self._filter = b""
        self._root: Path | None = None
        self._tasks: int | None = None
        if isolation == "process":
            return
        is_alone = privileges.is_root() or "user" in namespaces
        self._tasks = _TASKS if is_alone else _TASKS + privileges.count_tasks()
        if isolation == "user":
            if not privileges.is_root():
                raise MissingLayerError("uid", "the grader is not run by root")
            self._root = make_chroot_folder(folder / "root", allowed)
        self._prepare_landlock(allowed)
        try:
            self._filter = seccomp.filter_for(os.uname().machine)
        except OSError:
            raise MissingLayerError("seccomp", f"there is no filter for {os.uname().machine}") from None

    def _prepare_landlock(self, allowed: Sequence[str]) -> None:
        try:
            self._landlock = landlock.abi()
            self._ruleset = landlock.create_ruleset(allowed if self._root is None else [str(self._root)])
        except OSError as error:
            if self._isolation == "strict":
                raise MissingLayerError("landlock", error.strerror or "") from None

    def enter(self, keep: int, memory: int, cpu: int) -> tuple[str, ...]:
        """Give up all rights, and every descriptor but 0, 1, 2 and ``keep``; return the layers that are up.

        ``memory`` is the address space in bytes, ``cpu`` the processor time in seconds. If the kernel lets this
        process fork, the children end at once. Raises ``MissingLayerError`` if the kernel refuses a layer.
        """
        _close_all_but({keep, *([] if self._ruleset is None else [self._ruleset])})
        os.register_at_fork(after_in_child=_exit)
        _set_limits(memory, cpu, self._tasks)
        if self._isolation == "process":
            _die_with_the_parent()
            return (self._isolation, "rlimits")
        Path(_OOM_SCORE).write_bytes(_FIRST_TO_DIE)
        layers = [*self._change_root(), *self._change_identity()]
        _die_with_the_parent()
        with _required("no-new-privs"):
            prctl(_PR_SET_NO_NEW_PRIVS, 1)
        if self._ruleset is not None:
            with _required("landlock"):
                landlock.restrict_self(self._ruleset)
            os.close(self._ruleset)
            layers.insert(0, f"landlock:{self._landlock}")
        with _required("seccomp"):
            seccomp.restrict_self(self._filter)
        names = [f"namespaces:{'+'.join(self._namespaces)}"] if self._namespaces else []
        return (self._isolation, *layers, "seccomp", "rlimits", *names)

    def _change_root(self) -> list[str]:
        if self._root is None:
            return []
        with _required("chroot"):
            os.chroot(self._root)
        os.chdir("/")
        return ["chroot"]

    def _change_identity(self) -> list[str]:
        layers = []
        was_root = privileges.is_root()
        if was_root:
            try:
                privileges.become_nobody()
                layers.append("uid")
            except OSError as error:
                if self._isolation == "user":
                    raise MissingLayerError("uid", error.strerror or "") from None
        with _required("capabilities"):
            privileges.drop_capabilities(but_reading=was_root and self._isolation == "strict")
        return [*layers, "capabilities"]


@contextmanager
def _required(layer: str) -> Iterator[None]:
    """Raise ``MissingLayerError`` if the kernel refuses what activates ``layer``."""
    try:
        yield
    except OSError as error:
        raise MissingLayerError(layer, error.strerror or "") from None


def _die_with_the_parent() -> None:
    if sys.platform == "linux":
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _exit() -> NoReturn:
    """End a process that a submission forks, before it can answer instead of the submission."""
    os._exit(0)


def _close_all_but(kept: set[int]) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    first = 3
    for descriptor in sorted(kept):
        os.closerange(first, descriptor)
        first = descriptor + 1
    os.closerange(first, os.sysconf("SC_OPEN_MAX"))


def _set_limits(memory: int, cpu: int, tasks: int | None) -> None:
    for name, value in (
        ("RLIMIT_AS", memory),
        # SIGXCPU, which names the reason, comes a second before SIGKILL.
        ("RLIMIT_CPU", cpu + 1),
        ("RLIMIT_FSIZE", 0),
        ("RLIMIT_NOFILE", _OPEN_FILES),
        *([] if tasks is None else [("RLIMIT_NPROC", tasks)]),
        ("RLIMIT_CORE", 0),
        ("RLIMIT_MEMLOCK", 0),
        ("RLIMIT_MSGQUEUE", 0),
        ("RLIMIT_NICE", 0),
        ("RLIMIT_RTPRIO", 0),
    ):
        kind = getattr(resource, name, None)
        if kind is not None:
            _, hard = resource.getrlimit(kind)
            most = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(kind, (min(cpu, most) if name == "RLIMIT_CPU" else most, most))
