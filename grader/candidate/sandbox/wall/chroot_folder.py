"""A root folder that holds only the files that a worker may read."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

__all__ = ["make_chroot_folder"]

_UNUSED = frozenset({"test", "tests", "idlelib", "_bundled", "turtledemo", "include"})
"""Large folders of Python and NumPy that no submission needs."""
_FOLDER_MODE, _FILE_MODE, _FOR_ALL = 0o755, 0o644, 0o004


def make_chroot_folder(root: Path, allowed: Iterable[str]) -> Path:
    """Make ``root`` with the files at and under ``allowed``, each at its own path; return it.

    The files are hard links if possible, else copies. Only the owner may write there.
    """
    before = os.umask(0o022)
    try:
        root.mkdir(_FOLDER_MODE)
        for link in map(Path, ("/lib", "/lib64")):
            if link.is_symlink():
                (root / link.name).symlink_to(os.readlink(link))  # noqa: PTH115 - the link as it is
        for path in map(Path, allowed):
            if path.is_dir():
                _link_all(path, _path_in(root, path))
            elif path.exists():
                _link(path, _path_in(root, path))
    finally:
        os.umask(before)
    return root


def _path_in(root: Path, path: Path) -> Path:
    there = root / path.relative_to(path.anchor)
    there.parent.mkdir(_FOLDER_MODE, parents=True, exist_ok=True)
    return there


def _link_all(source: Path, target: Path) -> None:
    target.mkdir(_FOLDER_MODE, exist_ok=True)
    for entry in os.scandir(source):
        if entry.is_dir():
            if entry.name not in _UNUSED:
                _link_all(Path(entry.path), target / entry.name)
        elif entry.is_file():
            _link(Path(entry.path), target / entry.name)


def _link(source: Path, target: Path) -> None:
    source = source.resolve()
    if source.stat().st_mode & _FOR_ALL:
        with contextlib.suppress(OSError):
            target.hardlink_to(source)
    if not target.exists():
        # With its times, because they tell Python which compiled file belongs to which source.
        shutil.copy2(source, target)
        target.chmod(_FILE_MODE)
