"""Which files a candidate may read: Python's own, NumPy's, and the shared libraries that they load.

Installed packages lie in folders of Python's own, and the kit is one of them: what is hidden stays out, whatever
it lies in.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

__all__ = ["readable"]

_PACKAGES = frozenset({"site-packages", "dist-packages"})
_LOADER_CACHE = "/etc/ld.so.cache"
_MAPS = Path("/proc/self/maps")
_MAPS_FIELDS = 6


def readable(numpy: Path, hidden: Collection[str]) -> list[str]:
    """Return the paths of files and folders that may be read, each with all that lies under it.

    ``numpy`` is NumPy's folder; nothing at or under ``hidden`` is among them, unless it is NumPy's.
    """
    python = [Path(os.path.realpath(entry)) for entry in sys.path if os.path.exists(entry)]  # noqa: PTH110
    secret = frozenset(map(os.path.realpath, hidden))
    numpys = [folder for folder in (numpy, numpy.with_name("numpy.libs")) if folder.is_dir()]
    libraries = [file for folder in _library_folders() for file in folder.glob("*.so*")]
    paths = [path for entry in python for path in _without(entry, secret)]
    return [str(path) for path in (*paths, *numpys, *libraries, Path(_LOADER_CACHE))]


def _without(path: Path, hidden: frozenset[str]) -> Iterator[Path]:
    """Yield ``path``, or what lies in it where something hidden or an installed package lies there too."""
    if str(path) in hidden or path.name in _PACKAGES:
        return
    if not path.is_dir():
        yield path
        return
    entries = sorted(path.iterdir())
    if not any(_holds(path, other) for other in hidden) and not any(e.name in _PACKAGES for e in entries):
        yield path
        return
    for entry in entries:
        yield from _without(Path(os.path.realpath(entry)), hidden)


def _holds(folder: Path, other: str) -> bool:
    return other.startswith(f"{folder}{os.sep}")


def _library_folders() -> set[Path]:
    """Return the folders of the shared libraries that this process has loaded."""
    lines = (line.split(maxsplit=_MAPS_FIELDS - 1) for line in _MAPS.read_text().splitlines())
    files = {Path(line[-1]) for line in lines if len(line) == _MAPS_FIELDS and ".so" in line[-1]}
    return {file.parent for file in files}
