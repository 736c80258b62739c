"""Seccomp: the filter that was compiled from ``seccomp.toml``."""

from __future__ import annotations

import ctypes
import os
import struct
from pathlib import Path

from grader.candidate.sandbox.wall.syscalls import prctl

__all__ = ["ITSELF", "filter_for", "restrict_self"]

_FILTERS = Path(__file__).parent / "filters"
_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 22, 2
_INSTRUCTION = struct.Struct("<HBBI")
ITSELF = 0x7E1F7E1F
"""A placeholder in the filters for the number of the calling process."""


class _Program(ctypes.Structure):
    """``struct sock_fprog`` of seccomp(2)."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def filter_for(machine: str) -> bytes:
    """Return the filter for a ``machine``, as ``os.uname`` names it; raises ``OSError`` if there is none."""
    return (_FILTERS / f"{machine}.bpf").read_bytes()


def restrict_self(program: bytes) -> None:
    """Filter this thread's system calls for good; it must have set no-new-privileges before."""
    own = b"".join(
        _INSTRUCTION.pack(code, jt, jf, os.getpid() if k == ITSELF else k)
        for code, jt, jf, k in _INSTRUCTION.iter_unpack(program)
    )
    fprog = _Program(len(own) // _INSTRUCTION.size, own)
    prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(fprog))
