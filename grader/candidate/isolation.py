"""The kinds of isolation, and what to do if a layer of one is missing."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Isolation", "remedy"]


class Isolation(StrEnum):
    """How a submission is kept away from everything else; each kind stops if a layer that it needs is missing."""

    STRICT = "strict"
    """Landlock and seccomp."""
    USER = "user"
    """A user without rights, a root folder of its own, and seccomp: for root if there is no Landlock."""
    PROCESS = "process"
    """A process of its own, with resource limits only."""


_LANDLOCK = (
    "it needs Linux 5.13 or newer with Landlock switched on (the kernel parameter lsm=landlock,…). In a container, "
    "as root, --isolation user works without it"
)
_SECCOMP = "it needs Linux on x86-64 or aarch64, in a container that lets seccomp filters be installed"
_ROOT = "run grade as root, in a container that keeps CAP_SYS_CHROOT and CAP_SETUID"
_REMEDIES = {
    "landlock": _LANDLOCK,
    "seccomp": _SECCOMP,
    "no-new-privs": _SECCOMP,
    "uid": _ROOT,
    "chroot": _ROOT,
    "capabilities": _ROOT,
}
_LAST_RESORT = "To grade people you trust without it, name --isolation process"


def remedy(layer: str, reason: str) -> str:
    """Return one line that says which layer is missing, why, and what to do."""
    if layer == "/proc":
        return f"submissions cannot be examined without /proc, and {reason} here; mount it and try again"
    if layer == "copy":
        return (
            f"the isolation needs a copy of Python and NumPy, which cannot be made ({reason}); make room there for "
            "200 MB, or set TMPDIR to another folder"
        )
    what = _REMEDIES.get(layer, "perceptron-kit doctor says what this machine has")
    return f"the isolation needs {layer}, which is not available here ({reason}): {what}. {_LAST_RESORT}"
