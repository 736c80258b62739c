"""System calls that Python has no function for."""

from __future__ import annotations

import ctypes
import os
from typing import Any

__all__ = ["call", "prctl", "unshare"]

_libc = ctypes.CDLL(None, use_errno=True)


def call(number: int, *arguments: int | bytes | None) -> int:
    """Make a system call; raises ``OSError`` if the kernel refuses."""
    # An int would be passed in 32 bits, and the upper half would be left as it was.
    passed = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    return _checked(_libc.syscall(ctypes.c_long(number), *passed))


def prctl(option: int, *arguments: Any) -> None:
    """Call ``prctl``, with zeros for missing arguments; raises ``OSError``."""
    passed = [ctypes.c_ulong(a) if isinstance(a, int) else a for a in arguments]
    _checked(_libc.prctl(option, *passed, *[ctypes.c_ulong(0)] * (4 - len(arguments))))


def unshare(flags: int) -> None:
    """Move this process into new namespaces; raises ``OSError``."""
    _checked(_libc.unshare(flags))


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
