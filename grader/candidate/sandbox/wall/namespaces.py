"""Namespaces for the forking parent and its workers, if the kernel grants them."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from grader.candidate.sandbox.wall.syscalls import unshare

__all__ = ["enter"]

_FLAGS = {"mount": 0x00020000, "uts": 0x04000000, "ipc": 0x08000000, "pid": 0x20000000, "net": 0x40000000}
"""The flags of unshare(2) by the names of namespaces(7)."""
_USER = 0x10000000


def enter() -> tuple[str, ...]:
    """Move into new namespaces and return their names; none if an ordinary user may not have them.

    Only children forked after this are in the new pid namespace, and the first of them is its init.
    """
    flags = sum(_FLAGS.values())
    if os.geteuid() == 0:
        with contextlib.suppress(OSError):
            unshare(flags)
            return tuple(_FLAGS)
    user, group = os.geteuid(), os.getegid()
    try:
        unshare(flags | _USER)
    except OSError:
        return ()
    with contextlib.suppress(OSError):
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    return ("user", *_FLAGS)
