"""Reads files and folders that students wrote: no link is followed, nothing but regular files is opened."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from grader.errors import UnreadableError
from grader.intake import limits
from grader.text import printable

__all__ = ["is_code", "is_ignored", "read_file", "read_tree"]

_IGNORED = frozenset({"__MACOSX", "__pycache__", "venv", "env", "node_modules", "site-packages"})
_CODE = frozenset({".py", ".ipynb"})


def is_ignored(name: str) -> bool:
    """Tell whether a file or folder of this name is by-product of a tool: hidden files, caches, environments."""
    return name.startswith((".", "~$")) or name in _IGNORED


def is_code(name: str) -> bool:
    """Tell whether a file of this name is a script or a notebook."""
    return PurePosixPath(name).suffix.lower() in _CODE


def read_file(path: Path, *, follow: bool = False) -> bytes:
    """Return a regular file's content; raises ``UnreadableError`` for anything else and for too large a file.

    A link is followed only where ``follow`` says so: where the person who grades named it.
    """
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW)
    shown = printable(path.name, keep="")
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        raise UnreadableError(f"{shown} cannot be opened ({error.strerror})") from None
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableError(f"{shown} is not a regular file")
        content = file.read(limits.BYTES + 1) if status.st_size <= limits.BYTES else None
    if content is None or len(content) > limits.BYTES:
        raise UnreadableError(f"{shown} is larger than {limits.BYTES // 10**6} MB")
    return content


def read_tree(folder: Path) -> Mapping[str, bytes]:
    """Return the scripts and notebooks below ``folder``, by their relative paths with ``/``.

    Raises ``UnreadableError`` where there is too much of it.
    """
    files: dict[str, bytes] = {}
    entries = total = 0
    pending = [(folder, "", 0)]
    while pending:
        current, prefix, depth = pending.pop()
        if depth > limits.DEPTH:
            raise UnreadableError(f"it has folders more than {limits.DEPTH} deep")
        for entry in _entries(current):
            entries += 1
            if entries > limits.ENTRIES:
                raise UnreadableError(f"it has more than {limits.ENTRIES} files and folders")
            if is_ignored(entry.name) or entry.is_symlink():
                continue
            relative = f"{prefix}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                pending.append((Path(entry.path), f"{relative}/", depth + 1))
            elif entry.is_file(follow_symlinks=False) and is_code(entry.name):
                files[relative] = read_file(Path(entry.path))
                total += len(files[relative])
                if total > limits.BYTES:
                    raise UnreadableError(f"its files are larger than {limits.BYTES // 10**6} MB together")
    return dict(sorted(files.items()))


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise UnreadableError(
            f"{printable(folder.name, keep='')} cannot be opened ({error.strerror})"
        ) from None
