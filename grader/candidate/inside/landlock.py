"""Landlock: the three system calls of landlock(7), with the names of its manual page.

A ruleset handles kinds of access; what it handles is refused unless a rule allows it. It is made once, and each
child restricts itself with it.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable

from .syscalls import call

__all__ = ["LandlockError", "abi", "create_ruleset", "restrict_self"]

# The numbers are the same on all machines.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_CREATE_RULESET_VERSION = 1
_RULE_PATH_BENEATH = 1

_ACCESS_FS_READ_FILE, _ACCESS_FS_READ_DIR = 1 << 2, 1 << 3
_ACCESS_FS = {1: 13, 2: 14, 3: 15, 5: 16}
"""How many kinds of access to files the ABIs from this one on know; each has the next bit."""
_ACCESS_NET = {1: 0, 4: 2}
"""The same for the network: bind and connect of TCP."""
_SCOPES = {1: 0, 6: 2}
"""The same for scopes: abstract UNIX sockets and signals."""
_WORDS = {1: 1, 4: 2, 6: 3}
"""How many of the three the kernel's ``struct landlock_ruleset_attr`` has room for."""


class LandlockError(OSError):
    """The kernel has no Landlock, or refuses it."""


def abi() -> int:
    """Return the version of Landlock that the kernel has; raises ``LandlockError`` where it has none."""
    return _checked(_CREATE_RULESET, None, 0, _CREATE_RULESET_VERSION)


def create_ruleset(readable: Iterable[str]) -> int:
    """Return a descriptor of a ruleset that refuses all it can, but reading the files at or under ``readable``.

    Paths that do not exist are passed over. Raises ``LandlockError`` where the kernel has no Landlock.
    """
    version = abi()
    handled = [(1 << _known(bits, version)) - 1 for bits in (_ACCESS_FS, _ACCESS_NET, _SCOPES)]
    words = _known(_WORDS, version)
    attributes = struct.pack(f"<{words}Q", *handled[:words])
    ruleset = _checked(_CREATE_RULESET, attributes, len(attributes), 0)
    os.set_inheritable(ruleset, False)
    for path in readable:
        _allow_reading(ruleset, path)
    return ruleset


def restrict_self(ruleset: int) -> None:
    """Restrict this thread for good; it must have given up new privileges before."""
    _checked(_RESTRICT_SELF, ruleset, 0)


def _allow_reading(ruleset: int, path: str) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        access = _ACCESS_FS_READ_FILE | (_ACCESS_FS_READ_DIR if os.path.isdir(path) else 0)  # noqa: PTH112
        _checked(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, struct.pack("<Qi", access, descriptor), 0)
    finally:
        os.close(descriptor)


def _known(by_version: dict[int, int], version: int) -> int:
    """Return what the last version up to ``version`` in ``by_version`` has."""
    return by_version[max(number for number in by_version if number <= version)]


def _checked(number: int, *arguments: int | bytes | None) -> int:
    try:
        return call(number, *arguments)
    except OSError as error:
        raise LandlockError(error.errno, f"Landlock: {os.strerror(error.errno or 0)}") from None
