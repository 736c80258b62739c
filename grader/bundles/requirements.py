"""The exact versions of what the kit marks with, as they are installed here."""

from __future__ import annotations

from importlib.metadata import distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

__all__ = ["pinned"]

_MARKS_WITH = ("click", "hypothesis", "numpy", "pytest")
"""What is loaded where one submission is marked for a platform; the kit requires more, for nbgrader above all."""


def pinned() -> list[str]:
    """Return a line for each distribution that marking needs, those that these require included."""
    versions: dict[str, str] = {}
    pending = list(_MARKS_WITH)
    while pending:
        name = canonicalize_name(pending.pop())
        if name in versions:
            continue
        installed = distribution(name)
        versions[name] = installed.version
        required = map(Requirement, installed.requires or [])
        pending += [one.name for one in required if one.marker is None or one.marker.evaluate({"extra": ""})]
    return [f"{name}=={version}" for name, version in sorted(versions.items())]
