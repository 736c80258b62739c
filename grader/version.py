"""The installed versions of the kit and of what its scores depend on."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import requires, version

from grader.resources import code_paths

__all__ = ["code_digest", "kit_version", "unexpected_versions"]

_KIT = "perceptron-kit"


def kit_version() -> str:
    """Return the version in the distribution's metadata."""
    return version(_KIT)


@cache
def unexpected_versions() -> str:
    """Return the packages whose installed version is not the one that the kit requires; "" if there are none.

    They draw the examples of the seeds that are not stored: with other versions a score may differ.
    """
    from packaging.requirements import Requirement  # noqa: PLC0415 - not needed for --help

    pinned = [one for one in map(Requirement, requires(_KIT) or ()) if str(one.specifier).startswith("==")]
    return ", ".join(
        f"{one.name} {version(one.name)} instead of {str(one.specifier).removeprefix('==')}"
        for one in pinned
        if one.marker is None and version(one.name) not in one.specifier
    )


@cache
def code_digest() -> str:
    """Return a digest, in hexadecimal digits, of all code and data that a score depends on."""
    code = hashlib.sha256()
    for name, path in code_paths():
        content = path.read_bytes()
        code.update(f"{name}\0{len(content)}\0".encode() + content)
    return code.hexdigest()
