"""Open zip archives whose list of files is their own and not too long, and unpack files under limits."""

from __future__ import annotations

import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from grader.errors import BrokenArchiveError, UnreadableError
from grader.intake.archives import broken_if_it_fails
from grader.intake.archives.compression import is_compressed, too_large
from grader.intake.archives.tar_files import BLOCK, is_tar
from grader.intake.folders import Kind
from grader.intake.limits import ArchiveLimits
from grader.text import printable

__all__ = ["is_zip", "list_zip", "open_zip", "unpack_zip_file"]

_CHUNK = 64 * 1024
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""How files may be compressed. For other methods, the library holds everything that a few bytes unpack to."""
_ENCRYPTED, _UTF8 = 0x1, 0x800
_START = b"PK\x03\x04"
_NO_FILES = frozenset({stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK})
_MANY = 0xFFFF
_END, _COUNT, _LARGEST_END = b"PK\x05\x06", struct.Struct("<10xH10x"), 22 + _MANY
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError)


def is_zip(archive: IO[bytes]) -> bool:
    """Tell whether an archive is a zip; a tar that ends with one is not. Leaves it at its beginning."""
    archive.seek(0)
    start = archive.read(BLOCK)
    is_other = is_compressed(start) or is_tar(start)
    found = start.startswith(_START) or (not is_other and zipfile.is_zipfile(archive))
    archive.seek(0)
    return found


def open_zip(file: IO[bytes], most: ArchiveLimits) -> zipfile.ZipFile:
    """Return the zip archive in ``file``.

    The list of files is at the end. It must be as long as the end says, and name what lies at the beginning: an archive
    that was cut may end with the list of another one that it holds.

    Raises ``BrokenArchiveError`` for any other list, and ``UnreadableError`` if the list is too long.
    """
    with broken_if_it_fails(
        "the archive is broken: the list of files at its end is missing or damaged ({type})"
    ):
        archive = zipfile.ZipFile(_Bounded(file, most.listing))
    first = min((info.header_offset for info in archive.infolist()), default=archive.start_dir)
    file.seek(0)
    is_of_another = first > 0 and file.read(len(_START)) == _START
    if is_of_another or _said_length(file) not in (len(archive.infolist()) & _MANY, _MANY):
        archive.close()
        raise BrokenArchiveError("the archive is broken: its end is missing or damaged")
    return archive


def _said_length(file: IO[bytes]) -> int:
    """Return how many entries a zip has according to its end, which does not say ``_MANY`` or more."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _LARGEST_END))
    tail = file.read(_LARGEST_END)
    (length,) = _COUNT.unpack_from(tail, tail.rindex(_END))
    return int(length)


class _Bounded:
    """A file that refuses a long read: the library holds a zip's list of files in memory."""

    def __init__(self, file: IO[bytes], most: int) -> None:
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable
        self._read, self._most = file.read, most

    def read(self, size: int | None = -1) -> bytes:
        data = self._read(self._most + 1 if size is None or size < 0 else min(size, self._most + 1))
        if len(data) > self._most:
            raise UnreadableError("the list of its entries is far too long")
        return data


def list_zip(archive: zipfile.ZipFile) -> Iterator[tuple[str, Kind, zipfile.ZipInfo]]:
    """Yield each entry's name and kind, and the record that the library needs to unpack it."""
    for info in archive.infolist():
        name = _name(info)
        is_other = stat.S_IFMT(info.external_attr >> 16) in _NO_FILES
        if name.endswith("/"):
            yield name, Kind.FOLDER, info
        else:
            yield name, Kind.OTHER if is_other else Kind.FILE, info


def _name(info: zipfile.ZipInfo) -> str:
    """Return an entry's name, decoded as UTF-8 if it is valid; some tools forget the flag for that."""
    name = info.filename
    if not info.flag_bits & _UTF8 and not name.isascii():
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = info.filename
    return name.replace("\\", "/")


def unpack_zip_file(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int, shown: int) -> bytes:
    """Return a file's content, whatever size the archive says it has.

    Raises ``UnreadableError`` if it has more than ``limit`` bytes (the message says ``shown``), or if it is encrypted
    or not compressed by Deflate. Raises ``BrokenArchiveError`` if it is damaged.
    """
    if info.flag_bits & _ENCRYPTED:
        raise UnreadableError("the archive is encrypted")
    if info.compress_type not in _METHODS:
        raise UnreadableError(
            "{file} is compressed in an unusual way; make the zip with Deflate", file=printable(_name(info))
        )
    data = bytearray()
    try:
        with archive.open(info) as file:
            while chunk := file.read(_CHUNK):
                data += chunk
                if len(data) > limit:
                    raise too_large(shown)
    except (UnreadableError, MemoryError):
        raise
    except _DAMAGE:
        raise BrokenArchiveError(
            "the archive is broken: {file} in it cannot be unpacked", file=printable(_name(info))
        ) from None
    except Exception as error:  # noqa: BLE001 - whatever the library makes of bytes that a student sent
        raise UnreadableError(
            "{file} cannot be unpacked ({type})", file=printable(_name(info)), type=type(error).__name__
        ) from None
    return bytes(data)
