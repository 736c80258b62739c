"""Look into the archive of a whole class as into a folder: a member is unpacked in memory, when its turn comes."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO

from grader.errors import BrokenArchiveError, UnreadableError
from grader.intake import limits
from grader.intake.archives import archive_stem, check_depth, check_name, is_archive, visible_parts
from grader.intake.compression import is_compressed, too_large, unpacked_in_memory
from grader.intake.folders import Kind, Node, is_code
from grader.intake.tars import BLOCK, TarEntry, tar_content, tar_entries, with_links
from grader.intake.zips import is_zip, opened_zip, unpacked_file, zip_entries
from grader.text import printable

__all__ = ["ClassArchive", "InArchive"]

Member = zipfile.ZipInfo | TarEntry


@dataclass
class _Folder:
    """A folder in an archive: what lies in it, by name."""

    entries: dict[str, _Folder | list[Member]]
    """The members of one name: more than one if the archive has duplicates."""


class _Window(io.RawIOBase):
    """A file that is read at a place of its own, so that forked processes can share it."""

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

    It is opened again when it is unpickled. Raises ``BrokenArchiveError`` if it is cut or damaged, and
    ``UnreadableError`` if it cannot be read for another reason.
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
            raise BrokenArchiveError(
                f"the archive is broken or of an unknown kind ({type(error).__name__})"
            ) from None

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return _opened_again, (self.location,)

    def close(self) -> None:
        """Let go of the file; nothing can be unpacked any more."""
        if self._zip is not None:
            self._zip.close()
        self._file.close()

    def verify(self) -> None:
        """Compare the names of all entries, which a zip has twice, and the checksums of those that may be read.

        Raises ``BrokenArchiveError`` if one is damaged. Files are unpacked for it as far as they have ``CLASS_BYTES``
        in all. A tar has no checksums of files; that of all of it, if it is compressed, was compared before.
        """
        left = limits.CLASS_BYTES
        for name, _, info in zip_entries(self._zip) if self._zip else ():
            if visible_parts(name)[1]:
                continue
            is_read = (is_code(name) or is_archive(name)) and info.file_size <= limits.BYTES
            left -= info.file_size if is_read else 0
            try:
                self.unpack(info, limits.BYTES if is_read and left >= 0 else 0)
            except BrokenArchiveError:
                raise
            except UnreadableError:
                continue  # it is encrypted or larger, say: whoever reads it is told

    def unpack(self, member: Member, limit: int) -> bytes:
        """Return what a member holds; raises ``UnreadableError`` if it cannot be unpacked or has more bytes."""
        if isinstance(member, TarEntry):
            if member.size > limit:
                raise too_large(limit)
            return tar_content(self._file, member)
        assert self._zip is not None  # noqa: S101 - told from a tar when it was opened
        return unpacked_file(self._zip, member, limit, limit)

    def _open(self) -> None:
        self._zip: zipfile.ZipFile | None = None
        self._file: IO[bytes] = _window(self.location)  # type: ignore[assignment] # has what is used of it
        if is_zip(self._file):
            self._zip = opened_zip(self._file, limits.CLASS_LIST)
            self._list(zip_entries(self._zip))
        else:
            self._file = _tar_file(self._file)
            entries = with_links(tar_entries(self._file, limits.CLASS_HEADERS, limits.CLASS_LIST))
            self._list((entry.name, entry.kind, entry) for entry in entries)

    def _list(self, entries: Iterable[tuple[str, Kind, Member]]) -> None:
        """Place all entries but those below a folder that is ignored, and links, in their folders."""
        number = 0
        for name, kind, member in entries:
            parts, is_hidden = visible_parts(name)
            number += not is_hidden
            if number > limits.CLASS_ENTRIES:
                raise UnreadableError(f"the archive has more than {limits.CLASS_ENTRIES} entries")
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
        return printable("/".join([str(self.archive.location), *self.inner]))

    @property
    def kind(self) -> Kind:
        """What it is; links and devices are not listed at all."""
        return Kind.FOLDER if isinstance(self._content(), _Folder) else Kind.FILE

    @property
    def size(self) -> int:
        """The bytes that the file unpacks to, as the archive says."""
        content = self._content()
        return 0 if isinstance(content, _Folder) else sum(map(_size, content))

    def children(self) -> Sequence[Node]:
        """Return what lies in the folder, by name."""
        content = self._content()
        names = sorted(content.entries) if isinstance(content, _Folder) else []
        return [InArchive(self.archive, (*self.inner, name)) for name in names]

    def read(self, limit: int = limits.BYTES) -> bytes:
        """Unpack the file."""
        content = self._content()
        if isinstance(content, _Folder):
            raise UnreadableError(f"{printable(self.name)} is not a regular file")
        if len(content) > 1:
            raise UnreadableError(f"the archive has two files named {printable(self.name)}")
        return self.archive.unpack(content[0], limit)

    def open(self, limit: int) -> IO[bytes]:
        """Unpack the file in memory."""
        return io.BytesIO(self.read(limit))

    def _content(self) -> _Folder | list[Member]:
        content: _Folder | list[Member] = self.archive.top
        for part in self.inner:
            assert isinstance(content, _Folder)  # noqa: S101 - nodes are made from what is listed
            content = content.entries[part]
        return content


def _size(member: Member) -> int:
    return member.file_size if isinstance(member, zipfile.ZipInfo) else member.size


def _window(location: Path) -> _Window:
    try:
        descriptor = os.open(location, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise UnreadableError(f"{printable(location.name)} cannot be opened ({error.strerror})") from None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise UnreadableError(f"{printable(location.name)} is not a regular file")
    return _Window(descriptor, status.st_size)


def _tar_file(file: IO[bytes]) -> IO[bytes]:
    """Return a tar archive as it is on disk, or unpacked in memory if it is compressed."""
    is_packed = is_compressed(file.read(BLOCK))
    file.seek(0)
    if not is_packed:
        return file
    with file:
        return unpacked_in_memory(file, limits.CLASS_BYTES)
