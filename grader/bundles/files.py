"""Writes bundles: nothing of somebody else's is replaced unasked, and nothing is left half-written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from grader.errors import UsageError
from grader.files import replace_file

__all__ = ["lay_files", "write_file"]


def write_file(path: Path, content: bytes, *, force: bool) -> bool:
    """Write ``content`` to ``path`` and return True, or False where it is there already.

    Raises ``UsageError`` where another file is there, unless ``force`` says to replace it, and where it cannot be
    written.
    """
    if _holds(path, content):
        return False
    if path.exists() and not force:
        raise UsageError(f"{path} is there already, and is another file; add --force to replace it")
    _replace(path, content)
    return True


def lay_files(folder: Path, files: Mapping[str, bytes], *, force: bool) -> list[str]:
    """Write ``files`` into ``folder``, and return the names of those that are new or changed.

    Raises ``UsageError``, with nothing written, where one is there that differs, unless ``force`` says to replace
    it; and where one cannot be written.
    """
    different = [name for name, content in files.items() if not _holds(folder / name, content)]
    existing = [name for name in different if (folder / name).exists()]
    if existing and not force:
        raise UsageError(f"{folder} has other files named {', '.join(existing)}; add --force to replace them")
    for name in different:
        _replace(folder / name, files[name])
    return different


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.is_file() and path.read_bytes() == content
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror})") from None


def _replace(path: Path, content: bytes) -> None:
    try:
        replace_file(path, content)
    except OSError as error:
        raise UsageError(f"{path} cannot be written ({error.strerror}); name another place") from None
