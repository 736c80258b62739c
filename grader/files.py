"""Write files: never half a file, and never over somebody else's unless asked to."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path

from grader.errors import UsageError

__all__ = ["differing_files", "replace_file", "write_files"]


def write_files(folder: Path, files: Mapping[str, bytes], *, force: bool) -> list[str]:
    """Write ``files``, by their names, into ``folder``, and return the names of those that are new or changed.

    Raises ``UsageError`` if a file cannot be written. Without ``force`` it also raises ``UsageError``, and writes
    nothing, if a file exists with other contents.
    """
    differing = differing_files(folder, files)
    existing = [name for name in differing if (folder / name).exists()]
    if existing and not force:
        raise UsageError(
            f"{folder} already has {', '.join(existing)}, with other contents; add --force to replace"
        )
    for name in differing:
        replace_file(folder / name, files[name])
    return differing


def differing_files(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    """Return the names of those ``files`` that are missing in ``folder`` or have other contents there."""
    return [name for name, content in files.items() if not _has_content(folder / name, content)]


def replace_file(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path`` in one step, so that nobody ever reads half of it.

    Folders on the way are created. Raises ``UsageError`` if the file cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        # Creates the file, so that a link of this name cannot lead the writing elsewhere.
        with part.open("xb") as file:
            file.write(content)
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink()
        raise UsageError(f"{path} cannot be written ({error.strerror}); choose another place") from None


def _has_content(path: Path, content: bytes) -> bool:
    try:
        return path.is_file() and path.read_bytes() == content
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}); check its permissions") from None
