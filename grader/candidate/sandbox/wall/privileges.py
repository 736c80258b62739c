"""Privileges: a user without rights if the forking parent is root, and no capabilities."""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct
from pathlib import Path

from grader.candidate.sandbox.wall.syscalls import prctl

__all__ = ["become_nobody", "count_tasks", "drop_capabilities", "is_root"]

_NOBODY = 65533
"""A user and a group that no system gives to anybody."""
_PR_SET_KEEPCAPS = 8
_CAPABILITY_VERSION = 0x20080522
_DAC_READ_SEARCH = 1 << 2


def is_root() -> bool:
    """Tell whether this process may do everything that root may do in its namespace."""
    return os.geteuid() == 0


def count_tasks() -> int:
    """Return how many threads this process's user has."""
    count = 0
    for entry in os.scandir("/proc"):
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and entry.stat().st_uid == os.getuid():
                count += sum(1 for _ in Path(entry.path, "task").iterdir())
    return count


def become_nobody() -> None:
    """Become an unprivileged user, but keep the capabilities; raises ``OSError`` if the kernel refuses."""
    prctl(_PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setresgid(_NOBODY, _NOBODY, _NOBODY)
    os.setresuid(_NOBODY, _NOBODY, _NOBODY)


def drop_capabilities(*, but_reading: bool) -> None:
    """Give up every capability, except reading files of any user if ``but_reading``; raises ``OSError``.

    Python may be installed in root's own folders. Landlock then decides what may be read.
    """
    kept = _DAC_READ_SEARCH if but_reading else 0
    header, data = struct.pack("<Ii", _CAPABILITY_VERSION, 0), struct.pack("<6I", kept, kept, 0, 0, 0, 0)
    if ctypes.CDLL(None, use_errno=True).capset(header, data):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
