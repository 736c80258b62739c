"""Which files a worker may read: Python's own, NumPy's, and the shared libraries that they load.

Other packages, the kit among them, may be installed in Python's own folders: they are left out.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

__all__ = ["allowed_paths"]

_PACKAGES = frozenset({"site-packages", "dist-packages"})
_LOADER_CACHE = "/etc/ld.so.cache"
_MAPS = Path("/proc/self/maps")
_MAPS_FIELDS = 6


def allowed_paths(numpy: Path, hidden: Collection[str], *, few: bool) -> list[str]:
    """Return the files and folders that may be read, each with everything under it.

    ``numpy`` is NumPy's folder. Nothing at or under ``hidden`` may be read, unless it is NumPy's. Shared libraries
    may be read if they lie beside a loaded one; if ``few``, only those that Python's own modules load, which
    takes longer to find out.
    """
    python = [os.path.realpath(entry) for entry in sys.path if os.path.exists(entry)]  # noqa: PTH110
    secret = frozenset(map(os.path.realpath, hidden))
    numpys = [folder for folder in (numpy, numpy.with_name("numpy.libs")) if folder.is_dir()]
    libraries = _libraries_of_python() if few else _libraries_beside_loaded_ones()
    paths = [path for entry in python for path in _without(entry, secret)]
    return [*paths, *map(str, (*numpys, *libraries, _LOADER_CACHE))]


# Strings, since there are thousands of names, and each start waits for this.
def _without(path: str, hidden: frozenset[str]) -> Iterator[str]:
    """Yield ``path``, or its entries one by one if something hidden or an installed package is among them."""
    if path in hidden or path.rpartition(os.sep)[2] in _PACKAGES:
        return
    if not os.path.isdir(path):  # noqa: PTH112
        yield path
        return
    names = os.listdir(path)  # noqa: PTH208
    if not any(_holds(path, other) for other in hidden) and _PACKAGES.isdisjoint(names):
        yield path
        return
    for name in sorted(names):
        yield from _without(os.path.realpath(f"{path}{os.sep}{name}"), hidden)


def _holds(folder: str, other: str) -> bool:
    return other.startswith(f"{folder}{os.sep}")


def _libraries_beside_loaded_ones() -> list[str]:
    folders = sorted({str(file.parent) for file in _loaded_libraries()})
    return [f"{folder}{os.sep}{name}" for folder in folders for name in os.listdir(folder) if ".so" in name]  # noqa: PTH208


def _libraries_of_python() -> list[str]:
    """Return the shared libraries that Python's own extension modules load; a child loads them, not this process."""
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        try:
            for folder in map(Path, sys.path):
                for module in folder.glob("*.so"):
                    with contextlib.suppress(Exception):
                        importlib.import_module(module.name.partition(".")[0])
            os.write(writing, "\n".join(map(str, _loaded_libraries())).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with open(reading, encoding="utf-8") as pipe:  # noqa: PTH123 - a descriptor, not a path
        files = [Path(line) for line in pipe.read().splitlines()]
    os.waitpid(child, 0)
    return [str(name) for file in files for name in _names_of(file)]


def _names_of(file: Path) -> list[Path]:
    """Return a library's file with the links to it beside it, because it may be loaded by any of these names."""
    stem = f"{file.name.partition('.so')[0]}.so"
    return [other for other in file.parent.glob(f"{stem}*") if other.resolve() == file.resolve()]


def _loaded_libraries() -> list[Path]:
    """Return the files of the shared libraries that this process has loaded."""
    lines = (line.split(maxsplit=_MAPS_FIELDS - 1) for line in _MAPS.read_text().splitlines())
    return sorted({Path(line[-1]) for line in lines if len(line) == _MAPS_FIELDS and ".so" in line[-1]})
