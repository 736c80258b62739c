"""A folder that holds nothing but the files that a candidate may read, to be its root."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

__all__ = ["grow"]

_UNUSED = frozenset({"test", "tests", "idlelib", "_bundled", "turtledemo", "include"})
"""Folders of Python's own and of NumPy's that no submission needs, and that are large."""
_FOLDER_MODE, _FILE_MODE, _FOR_ALL = 0o755, 0o644, 0o004


def grow(root: Path, readable: Iterable[str]) -> Path:
    """Make ``root`` with the files at and under ``readable``, each at the path that it has outside; return it.

    The files are the same ones, by a link, where that can be; else copies. Nobody but the owner may write there.
    """
    before = os.umask(0o022)
    try:
        root.mkdir(_FOLDER_MODE)
        for link in map(Path, ("/lib", "/lib64")):
            if link.is_symlink():
                (root / link.name).symlink_to(os.readlink(link))  # noqa: PTH115 - as it is, not where it leads
        for path in map(Path, readable):
            if path.is_dir():
                _plant(path, _inside(root, path))
            elif path.exists():
                _link(path, _inside(root, path))
    finally:
        os.umask(before)
    return root


def _inside(root: Path, path: Path) -> Path:
    there = root / path.relative_to(path.anchor)
    there.parent.mkdir(_FOLDER_MODE, parents=True, exist_ok=True)
    return there


def _plant(source: Path, target: Path) -> None:
    target.mkdir(_FOLDER_MODE, exist_ok=True)
    for entry in os.scandir(source):
        if entry.is_dir():
            if entry.name not in _UNUSED:
                _plant(Path(entry.path), target / entry.name)
        elif entry.is_file():
            _link(Path(entry.path), target / entry.name)


def _link(source: Path, target: Path) -> None:
    source = source.resolve()
    if source.stat().st_mode & _FOR_ALL:
        with contextlib.suppress(OSError):
            target.hardlink_to(source)
    if not target.exists():
        # The times are kept: by them Python knows which compiled file belongs to which source.
        shutil.copy2(source, target)
        target.chmod(_FILE_MODE)
