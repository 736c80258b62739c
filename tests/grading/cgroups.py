"""Runs a command in a control group with little memory, if one can be made on this machine."""

from __future__ import annotations

import contextlib
import subprocess
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

__all__ = ["NoGroupError", "limited", "run_in"]

_ROOTS = {
    "memory.limit_in_bytes": Path("/sys/fs/cgroup/memory"),
    "memory.max": Path("/sys/fs/cgroup"),
}
"""Where groups are made, by the file that has the limit: in version 1, and in version 2."""
_ENTER = 'echo $$ > "$0/cgroup.procs" && exec "$@"'


class NoGroupError(Exception):
    """No control group can be made here."""


@contextmanager
def limited(memory: int) -> Iterator[Path]:
    """Yield the folder of a new control group that may use ``memory`` bytes; raises ``NoGroupError``."""
    for limit, root in _ROOTS.items():
        group = root / f"perceptron-kit-{uuid.uuid4().hex}"
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            if (group / limit).exists():
                (group / limit).write_text(str(memory))
                if run_in(group, ["true"]).returncode == 0:
                    yield group
                    return
        finally:
            with contextlib.suppress(OSError):
                group.rmdir()
    raise NoGroupError("no control group of memory can be made on this machine")


def run_in(group: Path, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run ``command`` in a control group."""
    return subprocess.run(
        ["/bin/sh", "-c", _ENTER, str(group), *command],
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
