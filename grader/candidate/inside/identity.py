"""Who a candidate is: a user without rights where the forking parent is root, and without capabilities always."""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct
from pathlib import Path

from .syscalls import prctl

__all__ = ["become_nobody", "drop_capabilities", "is_root", "tasks"]

_NOBODY = 65533
"""A user and a group that systems do not give to anybody."""
_PR_SET_KEEPCAPS = 8
_CAPABILITY_VERSION = 0x20080522
_DAC_READ_SEARCH = 1 << 2


def is_root() -> bool:
    """Tell whether this process may do everything that root may do in its namespace."""
    return os.geteuid() == 0


def tasks() -> int:
    """Return how many threads the processes of this process's user have."""
    count = 0
    for entry in os.scandir("/proc"):
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and entry.stat().st_uid == os.getuid():
                count += sum(1 for _ in Path(entry.path, "task").iterdir())
    return count


def become_nobody() -> None:
    """Give up root, but not yet all capabilities; raises ``OSError`` where that user is not to be had."""
    prctl(_PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setresgid(_NOBODY, _NOBODY, _NOBODY)
    os.setresuid(_NOBODY, _NOBODY, _NOBODY)


def drop_capabilities(*, but_reading: bool) -> None:
    """Give up every capability, ``but_reading`` files that only root may read; raises ``OSError``.

    Python may be installed in root's own folders. What may be read is then for Landlock to say.
    """
    kept = _DAC_READ_SEARCH if but_reading else 0
    header, data = struct.pack("<Ii", _CAPABILITY_VERSION, 0), struct.pack("<6I", kept, kept, 0, 0, 0, 0)
    if ctypes.CDLL(None, use_errno=True).capset(header, data):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
