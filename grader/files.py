"""Write files so that nobody ever finds half of one, and none is replaced unless somebody asks for it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path

from grader.errors import UsageError

__all__ = ["differing_files", "file_stem", "replace_file", "write_files"]

_PLAIN = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")
"""Ids that may be names of files as they are, on systems that ignore case, too."""
_TAGGED = re.compile(r".*-[0-9a-f]{16}")
_RESERVED = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]")
"""Names that Windows keeps for devices."""


def file_stem(id_: str, reserved: Collection[str] = ()) -> str:
    """Return a name for a file, without its ending, for any ``id_``; it is none of those ``reserved``.

    No two ids have the same one, whatever the case and the form of letters.
    """
    is_free = id_ not in reserved and not _TAGGED.fullmatch(id_) and not _RESERVED.fullmatch(id_)
    if is_free and _PLAIN.fullmatch(id_):
        return id_
    readable = re.sub(r"[^A-Za-z0-9_]+", "-", id_)[:60].strip("-") or "submission"
    tag = hashlib.sha256(id_.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{readable}-{tag}"


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
        try:
            replace_file(folder / name, files[name])
        except OSError as error:
            why = f"{folder / name} cannot be written ({error.strerror})"
            raise UsageError(f"{why}; choose another place") from None
    return differing


def differing_files(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    """Return the names of those ``files`` that are missing in ``folder`` or have other contents there.

    Raises ``UsageError`` if a file cannot be read.
    """
    return [name for name, content in files.items() if not _has_content(folder / name, content)]


def replace_file(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path``, in place of whatever is there, all at once; make its folder if there is none.

    Raises ``OSError``; what was at ``path`` then stays as it was.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        with part.open("xb") as file:
            file.write(content)
        part.replace(path)
    except OSError:
        with suppress(OSError):
            part.unlink()
        raise


def _has_content(path: Path, content: bytes) -> bool:
    try:
        return path.is_file() and path.read_bytes() == content
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}); check its permissions") from None
