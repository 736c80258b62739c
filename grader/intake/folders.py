"""Look at files and folders that students wrote: no link is followed, nothing but regular files is opened."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from grader.errors import UnreadableError
from grader.intake import limits
from grader.text import printable

__all__ = ["Kind", "Node", "OnDisk", "is_code", "is_ignored", "path_parts", "read_file", "visible", "walk"]

_IGNORED = frozenset({"__MACOSX", "__pycache__", "venv", "env", "node_modules", "site-packages"})
_CODE = frozenset({".py", ".ipynb"})


class Kind(StrEnum):
    """What a node is."""

    FOLDER = "folder"
    FILE = "file"
    OTHER = "other"
    """A link, a device or a pipe, none of which is ever opened."""


class Node(Protocol):
    """A file or folder, on disk or in an archive."""

    @property
    def name(self) -> str:
        """The last part of its path, as it is."""

    @property
    def path(self) -> str:
        """The path, as the person who grades would name it, harmless to print."""

    @property
    def kind(self) -> Kind:
        """What it is."""

    @property
    def size(self) -> int:
        """The bytes of a file; 0 if it cannot be told, and for a folder."""

    def children(self) -> Sequence[Node]:
        """Return what lies in a folder, by name; raises ``UnreadableError`` if it cannot be opened."""

    def read(self, limit: int = limits.BYTES) -> bytes:
        """Return a file's content; raises ``UnreadableError`` if it cannot be read or has more bytes."""

    def open(self, limit: int) -> IO[bytes]:
        """Return a file opened for reading; raises ``UnreadableError`` as ``read`` does."""


@dataclass(frozen=True)
class OnDisk:
    """A file or folder on disk."""

    location: Path
    kind: Kind
    is_named: bool = False
    """Whether the person who grades named it, so that it may be a link."""

    @classmethod
    def named(cls, path: Path) -> OnDisk:
        """Return what somebody named, links followed."""
        kind = Kind.FOLDER if path.is_dir() else Kind.FILE
        return cls(path, kind, is_named=True)

    @property
    def name(self) -> str:
        """The last part of its path; the name of the current folder for ``.``."""
        return (
            self.location.resolve().name if self.is_named and self.kind is Kind.FOLDER else self.location.name
        )

    @property
    def path(self) -> str:
        """The path, harmless to print."""
        return printable(str(self.location))

    @property
    def size(self) -> int:
        """The bytes of a regular file."""
        try:
            return self.location.lstat().st_size if self.kind is Kind.FILE else 0
        except OSError:
            return 0

    def children(self) -> Sequence[Node]:
        """Return what lies in the folder, by name."""
        try:
            with os.scandir(self.location) as entries:
                found = [OnDisk(Path(entry.path), _kind(entry)) for entry in entries]
        except OSError as error:
            raise UnreadableError(f"{printable(self.name)} cannot be opened ({error.strerror})") from None
        return sorted(found, key=lambda node: node.name)

    def read(self, limit: int = limits.BYTES) -> bytes:
        """Return the content of a regular file."""
        return read_file(self.location, follow=self.is_named, limit=limit)

    def open(self, limit: int) -> IO[bytes]:
        """Return a regular file, opened."""
        return _opened(self.location, follow=self.is_named, limit=limit)


def _kind(entry: os.DirEntry[str]) -> Kind:
    if entry.is_dir(follow_symlinks=False):
        return Kind.FOLDER
    return Kind.FILE if entry.is_file(follow_symlinks=False) else Kind.OTHER


def is_ignored(name: str) -> bool:
    """Tell whether a file or folder of this name is by-product of a tool: hidden files, caches, environments."""
    return name.startswith((".", "~$")) or name in _IGNORED


def is_code(name: str) -> bool:
    """Tell whether a file of this name is a script or a notebook."""
    return PurePosixPath(name).suffix.lower() in _CODE


def path_parts(path: str) -> tuple[str, ...]:
    """Return the names in a path with ``/``."""
    return tuple(part for part in path.split("/") if part not in ("", "."))


def visible(folder: Node) -> list[Node]:
    """Return what lies in a folder, by name, but links and what tools leave behind."""
    return [node for node in folder.children() if node.kind is not Kind.OTHER and not is_ignored(node.name)]


def read_file(path: Path, *, follow: bool = False, limit: int = limits.BYTES) -> bytes:
    """Return a regular file's content; raises ``UnreadableError`` for anything else and for too large a file.

    A link is followed only if ``follow``: the person who grades named it.
    """
    with _opened(path, follow=follow, limit=limit) as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise _too_large(path, limit)
    return content


def _opened(path: Path, *, follow: bool, limit: int) -> IO[bytes]:
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW)
    shown = printable(path.name)
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        raise UnreadableError(f"{shown} cannot be opened ({error.strerror})") from None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise UnreadableError(f"{shown} is not a regular file")
    if status.st_size > limit:
        os.close(descriptor)
        raise _too_large(path, limit)
    return os.fdopen(descriptor, "rb")


def _too_large(path: Path, limit: int) -> UnreadableError:
    return UnreadableError(f"{printable(path.name)} is larger than {limit // 10**6} MB")


def walk(folder: Node) -> Iterator[tuple[str, Node]]:
    """Yield the files below ``folder``, each with its relative path with ``/``.

    Raises ``UnreadableError`` if there is too much of it.
    """
    entries = 0
    pending = [(folder, "", 0)]
    while pending:
        current, prefix, depth = pending.pop()
        if depth > limits.DEPTH:
            raise UnreadableError(f"it has folders more than {limits.DEPTH} deep")
        children = current.children()
        entries += len(children)
        if entries > limits.ENTRIES:
            raise UnreadableError(f"it has more than {limits.ENTRIES} files and folders")
        for node in children:
            if is_ignored(node.name):
                continue
            if node.kind is Kind.FOLDER:
                pending.append((node, f"{prefix}{node.name}/", depth + 1))
            elif node.kind is Kind.FILE:
                yield f"{prefix}{node.name}", node
