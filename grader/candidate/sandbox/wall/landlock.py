"""Landlock: the three system calls of landlock(7), with the names of its manual page.

A ruleset handles kinds of access, and refuses them unless a rule allows them. The forking parent makes it once; each
worker restricts itself with it.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable

from grader.candidate.sandbox.wall.syscalls import call

__all__ = ["abi", "create_ruleset", "restrict_self"]

# The numbers are the same on all machines.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_CREATE_RULESET_VERSION = 1
_RULE_PATH_BENEATH = 1

_ACCESS_FS_READ_FILE, _ACCESS_FS_READ_DIR = 1 << 2, 1 << 3
_ACCESS_FS = {1: 13, 2: 14, 3: 15, 5: 16}
"""How many kinds of access to files there are from an ABI on; each has the next bit."""
_ACCESS_NET = {1: 0, 4: 2}
"""The same for the network: bind and connect of TCP."""
_SCOPES = {1: 0, 6: 2}
"""The same for scopes: abstract UNIX sockets and signals."""
_WORDS = {1: 1, 4: 2, 6: 3}
"""How many of these three the kernel's ``struct landlock_ruleset_attr`` has from an ABI on."""


def abi() -> int:
    """Return the version of Landlock that the kernel has; raises ``OSError`` if it has none."""
    return call(_CREATE_RULESET, None, 0, _CREATE_RULESET_VERSION)


def create_ruleset(allowed: Iterable[str]) -> int:
    """Return the descriptor of a ruleset that allows reading the files at or under ``allowed``, and nothing else.

    Paths that do not exist are skipped. Raises ``OSError`` if the kernel has no Landlock.
    """
    version = abi()
    handled = [(1 << _known(bits, version)) - 1 for bits in (_ACCESS_FS, _ACCESS_NET, _SCOPES)]
    words = _known(_WORDS, version)
    attributes = struct.pack(f"<{words}Q", *handled[:words])
    ruleset = call(_CREATE_RULESET, attributes, len(attributes), 0)
    os.set_inheritable(ruleset, False)
    for path in allowed:
        _allow_reading(ruleset, path)
    return ruleset


def restrict_self(ruleset: int) -> None:
    """Restrict this thread for good; it must have set no-new-privileges before."""
    call(_RESTRICT_SELF, ruleset, 0)


def _allow_reading(ruleset: int, path: str) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        access = _ACCESS_FS_READ_FILE | (_ACCESS_FS_READ_DIR if os.path.isdir(path) else 0)  # noqa: PTH112
        call(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, struct.pack("<Qi", access, descriptor), 0)
    finally:
        os.close(descriptor)


def _known(by_version: dict[int, int], version: int) -> int:
    """Return the value of the last version in ``by_version`` that is not above ``version``."""
    return by_version[max(number for number in by_version if number <= version)]
