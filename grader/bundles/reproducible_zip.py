"""Make zip archives that depend on the files in them and on nothing else."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Collection, Mapping

__all__ = ["zipped"]

_EARLIEST = (1980, 1, 1, 0, 0, 0)
_UNIX = 3


def zipped(files: Mapping[str, bytes], executable: Collection[str] = ()) -> bytes:
    """Return an archive of ``files`` by their names, those in ``executable`` with permission to run.

    The members are sorted, and all have the earliest date that a zip archive can express.
    """
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in sorted(files.items()):
            member = zipfile.ZipInfo(name, _EARLIEST)
            member.create_system = _UNIX
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = (stat.S_IFREG | (0o755 if name in executable else 0o644)) << 16
            file.writestr(member, content)
    return archive.getvalue()
