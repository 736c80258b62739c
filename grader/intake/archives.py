"""Reads archives in memory, under limits; nothing of them is ever written to disk."""

from __future__ import annotations

import bz2
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import IO

from grader.errors import UnreadableError
from grader.intake import limits
from grader.intake.folders import is_code, is_ignored
from grader.text import printable

__all__ = [
    "archive_stem",
    "check_headers",
    "check_name",
    "decompressed",
    "is_archive",
    "is_zip",
    "limited",
    "read_archive",
    "zip_name",
]

_ENDINGS = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
_CHUNK = 64 * 1024
_ENCRYPTED, _UTF8 = 0x1, 0x800
_ZIP_START, _TAR_MARK = b"PK\x03\x04", slice(257, 262)
_GZIP, _BZIP2, _XZ = b"\x1f\x8b", b"BZh", b"\xfd7zXZ"
_TAR_LIMIT = limits.BYTES + (limits.ENTRIES + 64) * (limits.HEADER + 2 * tarfile.BLOCKSIZE)
"""Bytes of a tar archive: its files, their headers, and the padding at its end."""
_EXTENDED = (
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
)
_LINK_MODE, _MODE_BITS = 0o120000, 0o170000


def is_archive(name: str) -> bool:
    """Tell whether a file of this name is an archive that can be read."""
    return name.lower().endswith(_ENDINGS)


def archive_stem(name: str) -> str:
    """Return an archive's name without its ending."""
    ending = max((e for e in _ENDINGS if name.lower().endswith(e)), key=len, default="")
    return name[: len(name) - len(ending)]


def is_zip(archive: IO[bytes]) -> bool:
    """Tell whether an archive is a zip; a tar that ends with one is none. Leaves it at its beginning."""
    archive.seek(0)
    start = archive.read(tarfile.BLOCKSIZE)
    is_tar = start.startswith((_GZIP, _BZIP2, _XZ)) or start[_TAR_MARK] == b"ustar"
    found = start.startswith(_ZIP_START) or (not is_tar and zipfile.is_zipfile(archive))
    archive.seek(0)
    return found


def read_archive(content: bytes) -> Mapping[str, bytes]:
    """Return the scripts and notebooks in an archive, by their paths without a folder that holds all of them.

    Raises ``UnreadableError`` for a broken archive and for one that holds what it should not: links, devices,
    absolute names or ``..``, encrypted or doubled files, or too much.
    """
    try:
        members = _zip_members(content) if is_zip(io.BytesIO(content)) else _tar_members(content)
        files: dict[str, bytes] = {}
        left = limits.BYTES
        for number, (name, file) in enumerate(members):
            if number >= limits.ENTRIES:
                raise UnreadableError(f"the archive has more than {limits.ENTRIES} entries")
            check_name(name)
            if file is None:
                continue
            data = limited(file, left)
            left -= len(data)
            if is_code(name) and not any(is_ignored(part) for part in PurePosixPath(name).parts):
                if name in files:
                    raise UnreadableError(f"the archive has two files named {printable(name, keep='')}")
                files[name] = data
    except (UnreadableError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever the libraries make of bytes that a student sent
        raise UnreadableError(
            f"the archive is broken or of an unknown kind ({type(error).__name__})"
        ) from None
    return _without_common_folder(dict(sorted(files.items())))


def zip_name(info: zipfile.ZipInfo) -> str:
    """Return a member's name: in UTF-8 where it is, also without the flag that says so, which some tools forget."""
    name = info.filename
    if not info.flag_bits & _UTF8 and not name.isascii():
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = info.filename
    return name.replace("\\", "/")


def _zip_members(content: bytes) -> Iterator[tuple[str, IO[bytes] | None]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for info in archive.infolist():
            name = zip_name(info)
            if info.flag_bits & _ENCRYPTED:
                raise UnreadableError("the archive is encrypted")
            if (info.external_attr >> 16) & _MODE_BITS == _LINK_MODE:
                raise UnreadableError(f"the archive holds a link ({printable(name, keep='')})")
            if info.is_dir():
                yield name, None
            else:
                with archive.open(info) as file:
                    yield name, file


def _tar_members(content: bytes) -> Iterator[tuple[str, IO[bytes] | None]]:
    unpacked = io.BytesIO(decompressed(content, _TAR_LIMIT))
    check_headers(unpacked)
    with tarfile.open(fileobj=unpacked, mode="r:") as archive:
        for info in archive:
            if info.isdir():
                yield info.name, None
            elif not info.isreg() or info.issparse():
                kind = "a link" if info.issym() or info.islnk() else "something that is no plain file"
                raise UnreadableError(f"the archive holds {kind} ({printable(info.name, keep='')})")
            else:
                yield info.name, archive.extractfile(info)


def decompressed(content: bytes, limit: int, shown: int = limits.BYTES) -> bytes:
    """Return the tar archive that ``content`` is, compressed or not.

    Raises ``UnreadableError`` where it has ``limit`` bytes or more, and speaks of ``shown``.
    """
    if content.startswith(_GZIP):
        data = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16).decompress(content, limit)
    elif content.startswith(_BZIP2):
        data = bz2.BZ2Decompressor().decompress(content, limit)
    elif content.startswith(_XZ):
        data = lzma.LZMADecompressor(memlimit=limits.MEMORY).decompress(content, limit)
    else:
        data = content
    if len(data) >= limit:
        raise _too_large(shown)
    return data


def check_headers(archive: IO[bytes]) -> None:
    """Refuse long names and extended headers that are long: the library reads them whole, in quadratic time.

    Raises ``UnreadableError``; leaves the tar archive at its beginning.
    """
    at = 0
    archive.seek(0)
    while len(header := archive.read(tarfile.BLOCKSIZE)) == tarfile.BLOCKSIZE:
        field = header[124:136].strip(b" \0") or b"0"
        if not field.isdigit():
            raise UnreadableError("the archive has an entry whose size cannot be read")
        size = int(field, 8)
        if header[156:157] in _EXTENDED and size > limits.HEADER:
            raise UnreadableError("the archive has a name or a header that is far too long")
        at += tarfile.BLOCKSIZE * (1 + -(-size // tarfile.BLOCKSIZE))
        archive.seek(at)
    archive.seek(0)


def check_name(name: str) -> None:
    """Raise ``UnreadableError`` for a name that leads out of the archive, or too deep into it."""
    path = PurePosixPath(name)
    if (
        path.is_absolute()
        or ".." in path.parts
        or "\0" in name
        or (path.parts and path.parts[0].endswith(":"))
    ):
        raise UnreadableError(f"the archive holds a path that leads out of it ({printable(name, keep='')})")
    if len(path.parts) > limits.DEPTH:
        raise UnreadableError(f"the archive has folders more than {limits.DEPTH} deep")


def limited(file: IO[bytes], limit: int, shown: int = limits.BYTES) -> bytes:
    """Return what is really there, whatever the archive says its size is.

    Raises ``UnreadableError`` where it has more than ``limit`` bytes, and speaks of ``shown``.
    """
    data = bytearray()
    while chunk := file.read(_CHUNK):
        data += chunk
        if len(data) > limit:
            raise _too_large(shown)
    return bytes(data)


def _too_large(limit: int) -> UnreadableError:
    return UnreadableError(f"the archive is larger than {limit // 10**6} MB when it is unpacked")


def _without_common_folder(files: dict[str, bytes]) -> dict[str, bytes]:
    while (
        files and all("/" in name for name in files) and len({name.partition("/")[0] for name in files}) == 1
    ):
        files = {name.partition("/")[2]: content for name, content in files.items()}
    return files
