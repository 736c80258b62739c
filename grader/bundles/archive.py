"""A zip archive that is the same, byte for byte, whenever and wherever it is made of the same files."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Entry", "zipped"]

_DATE = (1980, 1, 1, 0, 0, 0)
"""The earliest that a zip archive can tell."""
_UNIX = 3


@dataclass(frozen=True)
class Entry:
    """A file in an archive."""

    content: bytes
    is_executable: bool = False


def zipped(entries: Mapping[str, Entry]) -> bytes:
    """Return an archive of ``entries`` by their names, sorted and dated alike."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for name, entry in sorted(entries.items()):
            member = zipfile.ZipInfo(name, _DATE)
            member.create_system = _UNIX
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = (stat.S_IFREG | (0o755 if entry.is_executable else 0o644)) << 16
            file.writestr(member, entry.content)
    return archive.getvalue()
