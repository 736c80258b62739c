"""Tell what an earlier run wrote into the folder of pages from what somebody else put there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from grader.errors import UsageError

__all__ = ["require_own"]


def require_own(path: Path, what: str, is_own: Callable[[Path], bool]) -> None:
    """Raise ``UsageError`` if there is something at ``path`` that is not ``what`` (``a page``) as it was written."""
    try:
        if not path.is_symlink() and not path.exists():
            return
        may_replace = path.is_file() and not path.is_symlink() and is_own(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}); name another folder for pages") from None
    if not may_replace:
        raise UsageError(
            f"{path} is not {what} that grade --pages has written, or it was changed; move it, or name another folder"
        )
