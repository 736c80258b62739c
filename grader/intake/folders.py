"""Look at files and folders that students wrote: follow no link, and open nothing but regular files."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from msgspec import Struct

from grader.errors import UnreadableError
from grader.intake import limits
from grader.text import printable

__all__ = [
    "Kind",
    "Node",
    "OnDisk",
    "archive_stem",
    "children_of",
    "is_archive",
    "is_code",
    "is_ignored",
    "open_regular",
    "path_parts",
    "read_file",
    "visible",
    "walk",
]

_NOT_OPENED = "{file} cannot be opened ({reason})"
_IGNORED = frozenset({"__MACOSX", "__pycache__", "venv", "env", "node_modules", "site-packages"})
_CODE = frozenset({".py", ".ipynb"})
_ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")


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
        """The path as the person who grades would name it, harmless to print."""

    @property
    def kind(self) -> Kind:
        """What it is."""

    @property
    def size(self) -> int:
        """The bytes of a file; 0 for a folder, and if the size is unknown."""

    def children(self) -> Sequence[Node]:
        """Return what lies in a folder, by name; raises ``UnreadableError`` if it cannot be opened."""

    def read(self, limit: int = limits.BYTES) -> bytes:
        """Return a file's content; raises ``UnreadableError`` if it cannot be read or has more bytes."""

    def open(self, limit: int) -> IO[bytes]:
        """Return a file opened for reading; raises ``UnreadableError`` as ``read`` does."""


class OnDisk(Struct, frozen=True):
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
            raise UnreadableError(
                _NOT_OPENED, file=printable(self.name), reason=error.strerror or ""
            ) from None
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
    """Tell whether a file or folder of this name is a by-product of a tool: hidden files, caches, environments."""
    return name.startswith((".", "~$")) or name in _IGNORED


def is_code(name: str) -> bool:
    """Tell whether a file of this name is a script or a notebook."""
    return PurePosixPath(name).suffix.lower() in _CODE


def is_archive(name: str) -> bool:
    """Tell whether a file of this name is an archive that can be read."""
    return name.lower().endswith(_ARCHIVES)


def archive_stem(name: str) -> str:
    """Return an archive's name without its ending."""
    ending = max((e for e in _ARCHIVES if name.lower().endswith(e)), key=len, default="")
    return name[: len(name) - len(ending)]


def path_parts(path: str) -> tuple[str, ...]:
    """Return the names in a path with ``/``."""
    return tuple(part for part in path.split("/") if part not in ("", "."))


def children_of(folder: Node) -> Sequence[Node]:
    """Return everything in a folder, or nothing if it cannot be opened."""
    try:
        return folder.children()
    except UnreadableError:
        return []


def visible(folder: Node) -> list[Node]:
    """Return what lies in a folder, by name, without links and what tools leave behind."""
    return [node for node in folder.children() if node.kind is not Kind.OTHER and not is_ignored(node.name)]


def read_file(path: Path, *, follow: bool = False, limit: int = limits.BYTES) -> bytes:
    """Return a regular file's content; raises ``UnreadableError`` for anything else and for too large a file.

    A link is followed only if ``follow``, which is for paths that the person who grades named.
    """
    with _opened(path, follow=follow, limit=limit) as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise _too_large(path, limit)
    return content


def _opened(path: Path, *, follow: bool, limit: int) -> IO[bytes]:
    descriptor, size = open_regular(path, follow=follow)
    if size > limit:
        os.close(descriptor)
        raise _too_large(path, limit)
    return os.fdopen(descriptor, "rb")


def open_regular(path: Path, *, follow: bool) -> tuple[int, int]:
    """Return the descriptor of a regular file, opened for reading, and its size in bytes.

    Raises ``UnreadableError`` for anything else, for a link unless ``follow``, and if the file cannot be opened.
    """
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW)
    name = printable(path.name)
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        raise UnreadableError(_NOT_OPENED, file=name, reason=error.strerror or "") from None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise UnreadableError("{file} is not a regular file", file=name)
    return descriptor, status.st_size


def _too_large(path: Path, limit: int) -> UnreadableError:
    return UnreadableError(
        "{file} is larger than {limit} MB", file=printable(path.name), limit=limit // 10**6
    )


def walk(folder: Node) -> Iterator[tuple[str, Node]]:
    """Yield the files below ``folder``, each with its relative path, with ``/`` between its parts.

    Raises ``UnreadableError`` if there are too many files and folders, or if they are nested too deep.
    """
    entries = 0
    pending = [(folder, "", 0)]
    while pending:
        current, prefix, depth = pending.pop()
        if depth > limits.DEPTH:
            raise UnreadableError("it has folders more than {limit} deep", limit=limits.DEPTH)
        children = current.children()
        entries += len(children)
        if entries > limits.ENTRIES:
            raise UnreadableError("it has more than {limit} files and folders", limit=limits.ENTRIES)
        for node in children:
            if is_ignored(node.name):
                continue
            if node.kind is Kind.FOLDER:
                pending.append((node, f"{prefix}{node.name}/", depth + 1))
            elif node.kind is Kind.FILE:
                yield f"{prefix}{node.name}", node
