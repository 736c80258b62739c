"""Write files so that nobody ever finds half of one."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

__all__ = ["replace_file"]


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
