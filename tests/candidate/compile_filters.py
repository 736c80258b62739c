"""Compile grader/candidate/sandbox/wall/seccomp.toml with libseccomp into the filters that candidates load.

Usage: python tests/candidate/compile_filters.py

Writes one file for each machine into the folder ``filters`` beside it. It needs libseccomp 2.5 or newer.
"""

from __future__ import annotations

import errno
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import pyseccomp  # type: ignore[import-untyped]

from grader.candidate.sandbox.wall import seccomp
from grader.candidate.sandbox.wall.seccomp import ITSELF

POLICY = Path(seccomp.__file__).with_suffix(".toml")
FILTERS = POLICY.parent / "filters"
MACHINES = {"x86_64": pyseccomp.Arch.X86_64, "aarch64": pyseccomp.Arch.AARCH64}


def policy() -> dict[str, Any]:
    """Return the policy as it is written."""
    return tomllib.loads(POLICY.read_text(encoding="utf-8"))


def compiled(machine: str) -> bytes:
    """Return the filter for ``machine`` as BPF instructions of eight bytes."""
    written = policy()
    rules = pyseccomp.SyscallFilter(pyseccomp.ERRNO(getattr(errno, written["refused"])))
    if MACHINES[machine] != pyseccomp.system_arch():
        rules.add_arch(MACHINES[machine])
        rules.remove_arch(pyseccomp.system_arch())
    rules.set_attr(pyseccomp.Attr.ACT_BADARCH, pyseccomp.KILL_PROCESS)
    for call in written["allowed"]:
        rules.add_rule(pyseccomp.ALLOW, call)
    for call in written["missing"]:
        rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), call)
    for entry in written["conditional"]:
        for choice in product(*map(_comparisons, entry["conditions"])):
            rules.add_rule(pyseccomp.ALLOW, entry["call"], *choice)
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


def _comparisons(condition: Mapping[str, Any]) -> Iterator[pyseccomp.Arg]:
    """Yield the ways in which a condition may hold."""
    for number in [ITSELF] if condition.get("itself") else condition["equals"]:
        if "mask" in condition:
            yield pyseccomp.Arg(condition["argument"], pyseccomp.MASKED_EQ, condition["mask"], number)
        else:
            yield pyseccomp.Arg(condition["argument"], pyseccomp.EQ, number)


def main() -> int:
    """Write the filters."""
    FILTERS.mkdir(exist_ok=True)
    for machine in MACHINES:
        content = compiled(machine)
        (FILTERS / f"{machine}.bpf").write_bytes(content)
        print(f"{machine}: {len(content) // 8} instructions")
    return 0


if __name__ == "__main__":
    sys.exit(main())
