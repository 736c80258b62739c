"""Pin the packages that grading needs to the versions that are installed here."""

from __future__ import annotations

from importlib.metadata import distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

__all__ = ["pinned_requirements"]

_NEEDED = ("click", "hypothesis", "msgspec", "numpy", "pytest")
"""What grading one submission for a platform imports; the rest is for nbgrader and for reports to people."""


def pinned_requirements() -> list[str]:
    """Return a line for each package that grading needs, including what these packages require themselves."""
    versions: dict[str, str] = {}
    pending = list(_NEEDED)
    while pending:
        name = canonicalize_name(pending.pop())
        if name in versions:
            continue
        installed = distribution(name)
        versions[name] = installed.version
        required = map(Requirement, installed.requires or [])
        pending += [one.name for one in required if one.marker is None or one.marker.evaluate({"extra": ""})]
    return [f"{name}=={version}" for name, version in sorted(versions.items())]
