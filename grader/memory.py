"""Find out how much memory this process and its children may use together, and whether it has run out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

__all__ = ["Memory"]


class _Names(NamedTuple):
    """The names of a control group's files."""

    limit: str
    usage: str
    cached: tuple[str, ...]
    events: str


_NAMES = {
    "cgroup": _Names(
        "memory.limit_in_bytes",
        "memory.usage_in_bytes",
        ("total_inactive_file", "total_active_file"),
        "memory.oom_control",
    ),
    "cgroup2": _Names("memory.max", "memory.current", ("inactive_file", "active_file"), "memory.events"),
}
_WITHOUT_LIMIT = 1 << 60
_KILLS = "oom_kill"


class Memory:
    """The memory of this machine, and of the control groups (either version) that this process belongs to.

    If the system does not say, there is assumed to be enough.
    """

    def __init__(self, proc: Path = Path("/proc")) -> None:
        self._proc = proc

    def available(self) -> int | None:
        """Return how many bytes may still be used; ``None`` if the system does not say."""
        free = [limit - used for limit, used in self._limits()]
        machine = _fields(self._proc / "meminfo").get("MemAvailable:")
        return min([*free, *([] if machine is None else [machine * 1024])], default=None)

    def kills(self) -> int:
        """Return how many processes the kernel has killed so far because memory ran out."""
        own = next(self._groups(), None)
        in_group = 0 if own is None else _fields(own[0] / own[1].events).get(_KILLS, 0)
        return in_group + _fields(self._proc / "vmstat").get(_KILLS, 0)

    def _limits(self) -> Iterator[tuple[int, int]]:
        """Yield each limit and how much of it is used, without what the kernel can free."""
        for folder, names in self._groups():
            limit, usage = _number(folder / names.limit), _number(folder / names.usage)
            if limit is None or usage is None or limit >= _WITHOUT_LIMIT:
                continue
            statistics = _fields(folder / "memory.stat")
            yield limit, usage - sum(statistics.get(name, 0) for name in names.cached)

    def _groups(self) -> Iterator[tuple[Path, _Names]]:
        """Yield the folders of this process's memory control groups, the innermost first."""
        paths = dict(self._own_paths())
        for kind, root, mount in self._mounts():
            path = paths.get(kind)
            if path is None:
                continue
            inner = path.relative_to(root) if path.is_relative_to(root) else Path()
            for folder in (mount / inner, *(mount / inner).parents):
                if not folder.is_relative_to(mount):
                    break
                yield folder, _NAMES[kind]

    def _own_paths(self) -> Iterator[tuple[str, Path]]:
        for line in _lines(self._proc / "self" / "cgroup"):
            _, controllers, path = line.split(":", 2)
            if not controllers:
                yield "cgroup2", Path(path)
            elif "memory" in controllers.split(","):
                yield "cgroup", Path(path)

    def _mounts(self) -> Iterator[tuple[str, Path, Path]]:
        """Yield the kind, the root and the mount point of each file system of memory control groups."""
        for line in _lines(self._proc / "self" / "mountinfo"):
            before, _, after = line.partition(" - ")
            kind, _, options = after.split(" ", 2)
            if kind == "cgroup2" or (kind == "cgroup" and "memory" in options.split(",")):
                root, place = before.split(" ")[3:5]
                yield kind, Path(root), Path(place)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return []


def _number(path: Path) -> int | None:
    words = _lines(path)
    return int(words[0]) if words and words[0].isdecimal() else None


def _fields(path: Path) -> dict[str, int]:
    pairs = (line.split()[:2] for line in _lines(path))
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdecimal()}  # noqa: PLR2004
