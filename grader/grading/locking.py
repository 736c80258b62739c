"""Keep a folder of results to one run at a time."""

from __future__ import annotations

import errno
import os
import socket
import stat
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from grader.errors import UsageError
from grader.failures import not_written

try:
    import fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment]

__all__ = ["locked"]

_LOCK = ".lock"
_HELD = {errno.EAGAIN, errno.EACCES}
_LONGEST_NAME = 200


@contextmanager
def locked(folder: Path) -> Generator[None, None, None]:
    """Lock ``folder`` until the end of the block, or of this process, however that stops.

    Raises ``UsageError`` if another process has locked it, by whatever name, or if it cannot be written to. Windows,
    and file systems without locks, do not keep several runs apart.
    """
    if fcntl is None:
        yield
        return
    path = folder / _LOCK
    descriptor = _lock(path)
    try:
        yield
    finally:
        with suppress(OSError):
            path.unlink()
        os.close(descriptor)


def _lock(path: Path) -> int:
    """Return the descriptor of the locked file at ``path``."""
    while True:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o666)
        except OSError as error:
            raise not_written(path, error) from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in _HELD:
                holder = os.read(descriptor, _LONGEST_NAME).decode(errors="replace") or "another process"
                os.close(descriptor)
                raise UsageError(
                    f"{path.parent} is in use by {holder}; wait until it is done, or name another folder"
                ) from None
        if _is_at(path, descriptor):
            with suppress(OSError):
                os.ftruncate(descriptor, 0)
                os.write(descriptor, f"process {os.getpid()} on {socket.gethostname()}".encode())
            return descriptor
        os.close(descriptor)


def _is_at(path: Path, descriptor: int) -> bool:
    """Tell whether an open file is still the one at ``path``: the process that had locked it may have removed it."""
    held = os.fstat(descriptor)
    if not stat.S_ISREG(held.st_mode):
        os.close(descriptor)
        raise UsageError(f"{path} is not a file; remove it, or name another folder for results")
    try:
        return os.path.samestat(held, path.lstat())
    except FileNotFoundError:
        return False
