"""Looks into the archive of a whole class as into a folder: a member is unpacked in memory, when its turn comes."""

from __future__ import annotations

import io
import os
import stat
import tarfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import IO

from grader.errors import UnreadableError
from grader.intake import limits
from grader.intake.archives import (
    archive_stem,
    check_headers,
    check_name,
    decompressed,
    is_zip,
    limited,
    zip_name,
)
from grader.intake.folders import Kind, Node
from grader.text import printable

__all__ = ["ClassArchive", "InArchive"]

_ENCRYPTED = 0x1
_LINK_MODE, _MODE_BITS = 0o120000, 0o170000
_TAR_MARK = slice(257, 262)

Member = zipfile.ZipInfo | tarfile.TarInfo


@dataclass
class _Folder:
    """A folder in an archive: what lies in it, by name."""

    entries: dict[str, _Folder | list[Member]]
    """The members of one name: more than one where the archive has doubles."""


class _Window(io.RawIOBase):
    """A file that is read at a place of its own, so that forked processes can share it; no read of it is long."""

    def __init__(self, descriptor: int, size: int) -> None:
        self._descriptor, self._size, self._at = descriptor, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise OSError("a place before the beginning")
        self._at = start + offset
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        wanted = max(0, self._size - self._at) if size is None or size < 0 else size
        if wanted > limits.CLASS_LIST:
            raise UnreadableError("the list of its entries is far too long")
        parts = []
        while wanted and (part := os.pread(self._descriptor, wanted, self._at)):
            parts.append(part)
            self._at += len(part)
            wanted -= len(part)
        return b"".join(parts)

    def close(self) -> None:
        if not self.closed:
            os.close(self._descriptor)
        super().close()


class ClassArchive:
    """An archive of many submissions: its members are listed, and none is unpacked before it is read.

    It is opened anew where it is unpickled. Raises ``UnreadableError`` where it cannot be read at all.
    """

    def __init__(self, location: Path) -> None:
        self.location = location
        self.refused: list[str] = []
        """The names of members that lead out of the archive, or too deep into it."""
        self.top = _Folder({})
        try:
            self._open()
        except (UnreadableError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever the libraries make of an archive that is broken
            raise UnreadableError(
                f"the archive is broken or of an unknown kind ({type(error).__name__})"
            ) from None

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return _opened_again, (self.location,)

    def close(self) -> None:
        """Let go of the file; nothing can be unpacked any more."""
        for opened in (self._zip, self._tar, self._file):
            if opened is not None:
                opened.close()

    def unpack(self, member: Member, limit: int) -> bytes:
        """Return what a member holds; raises ``UnreadableError`` where that cannot be had, or is too much."""
        try:
            if isinstance(member, tarfile.TarInfo):
                assert self._tar is not None  # noqa: S101 - told from a zip when it was opened
                file = self._tar.extractfile(member)
                return limited(file, limit, limit) if file else b""
            if member.flag_bits & _ENCRYPTED:
                raise UnreadableError("the archive is encrypted")
            assert self._zip is not None  # noqa: S101 - likewise
            with self._zip.open(member) as file:
                return limited(file, limit, limit)
        except (UnreadableError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever the libraries make of it
            raise UnreadableError(f"it cannot be unpacked ({type(error).__name__})") from None

    def _open(self) -> None:
        self._zip: zipfile.ZipFile | None = None
        self._tar: tarfile.TarFile | None = None
        self._file: IO[bytes] = _window(self.location)  # type: ignore[assignment] # has what the libraries use
        if is_zip(self._file):
            self._zip = zipfile.ZipFile(self._file)
            members = _zip_members(self._zip)
        else:
            self._file = _tar_file(self._file)
            check_headers(self._file)
            self._tar = tarfile.open(fileobj=self._file, mode="r:")  # noqa: SIM115 - open as long as the archive
            members = _tar_members(self._tar)
        for number, (name, member) in enumerate(members):
            if number >= limits.CLASS_ENTRIES:
                raise UnreadableError(f"the archive has more than {limits.CLASS_ENTRIES} entries")
            self._place(name, member)

    def _place(self, name: str, member: Member | None) -> None:
        try:
            check_name(name)
        except UnreadableError:
            self.refused.append(name)
            return
        parts = PurePosixPath(name).parts
        if not parts:
            return
        folder, last = self.top, parts[-1]
        for part in parts if member is None else parts[:-1]:
            inner = folder.entries.setdefault(part, _Folder({}))
            if not isinstance(inner, _Folder):
                self.refused.append(name)
                return
            folder = inner
        if member is not None:
            doubles = folder.entries.setdefault(last, [])
            if isinstance(doubles, list):
                doubles.append(member)
            else:
                self.refused.append(name)


@lru_cache(maxsize=4)
def _opened_again(location: Path) -> ClassArchive:
    """Return an archive for all that was found in it and sent to this process."""
    return ClassArchive(location)


@dataclass(frozen=True)
class InArchive:
    """A file or folder in the archive of a class."""

    archive: ClassArchive
    inner: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The last part of its path; of the whole archive, its name without the ending."""
        return self.inner[-1] if self.inner else archive_stem(self.archive.location.name)

    @property
    def path(self) -> str:
        """The path of the archive and the path in it."""
        return printable("/".join([str(self.archive.location), *self.inner]), keep="")

    @property
    def kind(self) -> Kind:
        """What it is; links and devices are not listed at all."""
        return Kind.FOLDER if isinstance(self._content(), _Folder) else Kind.FILE

    def children(self) -> Sequence[Node]:
        """Return what lies in the folder, by name."""
        content = self._content()
        names = sorted(content.entries) if isinstance(content, _Folder) else []
        return [InArchive(self.archive, (*self.inner, name)) for name in names]

    def read(self, limit: int = limits.BYTES) -> bytes:
        """Unpack the file."""
        content = self._content()
        if isinstance(content, _Folder):
            raise UnreadableError(f"{printable(self.name, keep='')} is not a regular file")
        if len(content) > 1:
            raise UnreadableError(f"the archive has two files named {printable(self.name, keep='')}")
        return self.archive.unpack(content[0], limit)

    def _content(self) -> _Folder | list[Member]:
        content: _Folder | list[Member] = self.archive.top
        for part in self.inner:
            assert isinstance(content, _Folder)  # noqa: S101 - nodes are made from what is listed
            content = content.entries[part]
        return content


def _window(location: Path) -> _Window:
    try:
        descriptor = os.open(location, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise UnreadableError(
            f"{printable(location.name, keep='')} cannot be opened ({error.strerror})"
        ) from None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise UnreadableError(f"{printable(location.name, keep='')} is not a regular file")
    return _Window(descriptor, status.st_size)


def _zip_members(archive: zipfile.ZipFile) -> Iterator[tuple[str, Member | None]]:
    for info in archive.infolist():
        if (info.external_attr >> 16) & _MODE_BITS == _LINK_MODE:
            continue
        yield zip_name(info), None if info.is_dir() else info


def _tar_file(file: IO[bytes]) -> IO[bytes]:
    """Return a tar archive as it is on disk, or decompressed in memory where it is compressed."""
    start = file.read(tarfile.BLOCKSIZE)
    file.seek(0)
    if start[_TAR_MARK] == b"ustar":
        return file
    with file:
        packed = limited(file, limits.CLASS_BYTES, limits.CLASS_BYTES)
    return io.BytesIO(decompressed(packed, limits.CLASS_BYTES, limits.CLASS_BYTES))


def _tar_members(archive: tarfile.TarFile) -> Iterator[tuple[str, Member | None]]:
    for info in archive:
        if info.isdir():
            yield info.name, None
        elif info.isreg() and not info.issparse():
            yield info.name, info
