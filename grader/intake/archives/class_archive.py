"""Look into the archive of a whole class as into a folder, and unpack each member in memory when it is read."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeAlias

from msgspec import Struct

from grader.errors import BrokenArchiveError, UnreadableError
from grader.intake import limits
from grader.intake.archives import broken_if_it_fails
from grader.intake.archives.compression import is_compressed, too_large, unpack_in_memory
from grader.intake.archives.submission_archive import check_depth, check_name, visible_parts
from grader.intake.archives.tar_files import BLOCK, TarEntry, list_tar, read_tar_file, resolve_links
from grader.intake.archives.zip_files import is_zip, list_zip, open_zip, unpack_zip_file
from grader.intake.folders import Kind, Node, archive_stem, is_archive, is_code, open_regular
from grader.text import printable

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["ClassArchive", "InArchive"]

Member = zipfile.ZipInfo | TarEntry


_Folder: TypeAlias = dict[str, "_Folder | list[Member]"]
"""What lies in a folder of the archive, by name: a folder, or a file, as several members if it has duplicates."""


class _SharedFile(io.RawIOBase):
    """A file with a position of its own, so that forked processes can share its descriptor."""

    def __init__(self, descriptor: int, size: int) -> None:
        self._descriptor, self._size, self._at = descriptor, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise OSError("a place before the beginning")
        self._at = start + offset
        return self._at

    def readinto(self, buffer: Buffer) -> int:
        count = os.preadv(self._descriptor, [buffer], self._at)
        self._at += count
        return count

    def close(self) -> None:
        if not self.closed:
            os.close(self._descriptor)
        super().close()


class ClassArchive:
    """An archive of many submissions, whose members are listed at once and unpacked when they are read.

    Unpickling opens it again. Raises ``BrokenArchiveError`` if it is cut or damaged, and ``UnreadableError`` if it
    cannot be read for another reason.
    """

    def __init__(self, location: Path) -> None:
        self.location = location
        self.refused: list[str] = []
        """The names of members that lead out of the archive, or too deep into it."""
        self.top: _Folder = {}
        with broken_if_it_fails("the archive is broken or of an unknown kind ({type})"):
            self._open()

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return _opened_again, (self.location,)

    def close(self) -> None:
        """Close the file; nothing can be unpacked any more."""
        if self._zip is not None:
            self._zip.close()
        self._file.close()

    def verify(self) -> None:
        """Raise ``BrokenArchiveError`` if a name, which a zip has twice, or the checksum of a file is wrong.

        The files that may be read are unpacked for it, up to the limit of a compressed tar in all. A tar has no
        checksums of files; that of the whole archive, if it is compressed, was compared before.
        """
        left = limits.OF_CLASS.unpacked
        for name, _, info in list_zip(self._zip) if self._zip else ():
            if visible_parts(name)[1]:
                continue
            is_read = (is_code(name) or is_archive(name)) and info.file_size <= limits.BYTES
            left -= info.file_size if is_read else 0
            try:
                self.unpack(info, limits.BYTES if is_read and left >= 0 else 0)
            except BrokenArchiveError:
                raise
            except UnreadableError:
                continue  # It may be encrypted or too large, which is said when it is read.

    def unpack(self, member: Member, limit: int) -> bytes:
        """Return a member's content; raises ``UnreadableError`` if it cannot be unpacked or has more bytes."""
        if isinstance(member, TarEntry):
            if member.size > limit:
                raise too_large(limit)
            return read_tar_file(self._file, member)
        assert self._zip is not None  # noqa: S101 - told from a tar when it was opened
        return unpack_zip_file(self._zip, member, limit, limit)

    def _open(self) -> None:
        self._zip: zipfile.ZipFile | None = None
        self._file: IO[bytes] = _SharedFile(*open_regular(self.location, follow=True))  # type: ignore[assignment] # has what is used of it
        if is_zip(self._file):
            self._zip = open_zip(self._file, limits.OF_CLASS)
            self._list(list_zip(self._zip))
        else:
            self._file = _tar_file(self._file)
            entries = resolve_links(list_tar(self._file, limits.OF_CLASS))
            self._list((entry.name, entry.kind, entry) for entry in entries)

    def _list(self, entries: Iterable[tuple[str, Kind, Member]]) -> None:
        """Put all entries into their folders, without links and what lies in folders that are ignored."""
        number = 0
        for name, kind, member in entries:
            parts, is_hidden = visible_parts(name)
            number += not is_hidden
            if number > limits.OF_CLASS.entries:
                raise UnreadableError(
                    "the archive has more than {limit} entries", limit=limits.OF_CLASS.entries
                )
            is_folder = is_hidden or kind is Kind.FOLDER
            if is_folder or kind is Kind.FILE:
                self._place(name, parts, None if is_folder else member)

    def _place(self, name: str, parts: tuple[str, ...], member: Member | None) -> None:
        try:
            check_name(name)
            check_depth(parts, Kind.FOLDER if member is None else Kind.FILE)
        except UnreadableError:
            self.refused.append(name)
            return
        if not parts:
            return
        folder, last = self.top, parts[-1]
        for part in parts if member is None else parts[:-1]:
            inner = folder.setdefault(part, {})
            if not isinstance(inner, dict):
                self.refused.append(name)
                return
            folder = inner
        if member is not None:
            doubles = folder.setdefault(last, [])
            if isinstance(doubles, list):
                doubles.append(member)
            else:
                self.refused.append(name)


@lru_cache(maxsize=4)
def _opened_again(location: Path) -> ClassArchive:
    """Return one archive for everything that was found in it and sent to this process."""
    return ClassArchive(location)


class InArchive(Struct, frozen=True):
    """A file or folder in the archive of a class."""

    archive: ClassArchive
    inner: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The last part of its path; for the whole archive, its name without the ending."""
        return self.inner[-1] if self.inner else archive_stem(self.archive.location.name)

    @property
    def path(self) -> str:
        """The path of the archive and the path in it."""
        return printable("/".join([str(self.archive.location), *self.inner]))

    @property
    def kind(self) -> Kind:
        """What it is; links and devices are not listed at all."""
        return Kind.FOLDER if isinstance(self._content(), dict) else Kind.FILE

    @property
    def size(self) -> int:
        """The bytes that the file unpacks to, as the archive says."""
        content = self._content()
        return 0 if isinstance(content, dict) else sum(map(_size, content))

    def children(self) -> Sequence[Node]:
        """Return what lies in the folder, by name."""
        content = self._content()
        names = sorted(content) if isinstance(content, dict) else []
        return [InArchive(self.archive, (*self.inner, name)) for name in names]

    def read(self, limit: int = limits.BYTES) -> bytes:
        """Unpack the file."""
        content = self._content()
        if isinstance(content, dict):
            raise UnreadableError("{file} is not a regular file", file=printable(self.name))
        if len(content) > 1:
            raise UnreadableError("the archive has two files named {file}", file=printable(self.name))
        return self.archive.unpack(content[0], limit)

    def open(self, limit: int) -> IO[bytes]:
        """Unpack the file in memory."""
        return io.BytesIO(self.read(limit))

    def _content(self) -> _Folder | list[Member]:
        content: _Folder | list[Member] = self.archive.top
        for part in self.inner:
            assert isinstance(content, dict)  # noqa: S101 - nodes are made from what is listed
            content = content[part]
        return content


def _size(member: Member) -> int:
    return member.file_size if isinstance(member, zipfile.ZipInfo) else member.size


def _tar_file(file: IO[bytes]) -> IO[bytes]:
    """Return a tar archive as it is on disk, or unpacked in memory if it is compressed."""
    is_packed = is_compressed(file.read(BLOCK))
    file.seek(0)
    if not is_packed:
        return file
    with file:
        return unpack_in_memory(file, limits.OF_CLASS.unpacked)
