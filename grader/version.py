"""The installed versions of the kit and of what its scores depend on."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version

from grader.resources import code_paths

__all__ = ["code_digest", "hypothesis_version", "kit_version"]

_KIT = "perceptron-kit"


def kit_version() -> str:
    """Return the version in the distribution's metadata."""
    return version(_KIT)


def hypothesis_version() -> str:
    """Return the version of Hypothesis, which draws the examples of the seeds that are not stored."""
    return version("hypothesis")


@cache
def code_digest() -> str:
    """Return a digest, in hexadecimal digits, of all code and data that a score depends on."""
    code = hashlib.sha256()
    for name, path in code_paths():
        content = path.read_bytes()
        code.update(f"{name}\0{len(content)}\0".encode() + content)
    return code.hexdigest()
