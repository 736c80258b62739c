"""Read archives that students and learning platforms packed, under limits, and write nothing of them to disk.

A file comes in whose sizes, names and checksums are not trusted. Out come the scripts and notebooks of one student
(``submission_archive``), or a tree of files and folders for a whole class (``class_archive``).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from grader.errors import BrokenArchiveError, UnreadableError

__all__ = ["broken_if_it_fails"]


@contextmanager
def broken_if_it_fails(says: str) -> Iterator[None]:
    """Raise ``BrokenArchiveError``, which ``says`` what is wrong, for any error of a library that reads an archive."""
    try:
        yield
    except (UnreadableError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever the libraries make of bytes that a student sent
        raise BrokenArchiveError(says, type=type(error).__name__) from None
