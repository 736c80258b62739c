"""The version of the kit that is installed."""

from __future__ import annotations

from importlib.metadata import version

__all__ = ["kit_version"]


def kit_version() -> str:
    """Return the version in the distribution's metadata."""
    return version("perceptron-kit")
