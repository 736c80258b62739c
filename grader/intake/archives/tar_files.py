"""List the entries of a tar archive in one pass, and check that its end is there.

The standard library's reader takes a damaged header for the end of the archive, and needs quadratic time for some
headers. This one raises, and looks at each byte of a header once.
"""

from __future__ import annotations

import struct
import tarfile
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct, structs

from grader.errors import BrokenArchiveError, UnreadableError
from grader.intake import limits
from grader.intake.archives.compression import Bytes
from grader.intake.folders import Kind, path_parts
from grader.intake.limits import ArchiveLimits

__all__ = ["BLOCK", "TarEntry", "is_tar", "list_tar", "read_tar_file", "resolve_links"]

BLOCK = 512
"""Bytes of a header; what a file holds is padded to a multiple of it."""
_MARK = slice(257, 262)
_KIND = slice(156, 157)
_FILES = frozenset({tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE})
_WITHOUT_CONTENT = frozenset(
    {
        tarfile.LNKTYPE,
        tarfile.SYMTYPE,
        tarfile.CHRTYPE,
        tarfile.BLKTYPE,
        tarfile.DIRTYPE,
        tarfile.FIFOTYPE,
    }
)
_PAX = frozenset({tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.XGLTYPE})
_EXTENSIONS = _PAX | {tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK}
_SPARSE_GOES_ON, _SPARSE_BLOCK_GOES_ON = 482, 504
_SPARSE = frozenset({"GNU.sparse.major", "GNU.sparse.map", "GNU.sparse.size"})
_SPARSE_NAME = "GNU.sparse.name"
_USED = _SPARSE | {_SPARSE_NAME, "path", "linkpath", "size"}
_BINARY = 0x80
_LARGEST = 2**60
_SIZE_MISSING = "the archive has an entry whose size cannot be read"


class TarEntry(Struct, frozen=True):
    """A file, a folder, or something else, in a tar archive."""

    name: str
    kind: Kind
    place: int
    """Where its content begins."""
    size: int
    """Bytes of its content."""
    same_as: str = ""
    """For a hard link, the name of the file that it is another name of."""


def is_tar(start: bytes) -> bool:
    """Tell whether a file that begins like this is a tar of one of the formats in use since 1988."""
    return start[_MARK] == b"ustar"


def list_tar(archive: Bytes, most: ArchiveLimits) -> Iterator[TarEntry]:
    """Yield the entries of a tar archive that is not compressed, in the archive's order.

    The archive must end with a block of zeros, as all tools write it: without one, an archive that was cut after a file
    would look whole. What follows is ignored, as ``tar`` ignores it.

    Raises ``BrokenArchiveError`` if that block is missing or a header is damaged, and ``UnreadableError`` if there are
    too many headers, if their names are too long in all, or if one header is too long.
    """
    for_all: dict[str, str] = {}
    for_next: dict[str, str] = {}
    place, left = 0, most.listing
    for _ in range(most.headers):
        header = _read(archive, BLOCK)
        place += BLOCK
        if not any(header):
            return
        size, kind = _checked(header, is_first=place == BLOCK), header[_KIND]
        if kind in _EXTENSIONS:
            said = _extension(kind, archive, size)
            (for_all if kind == tarfile.XGLTYPE else for_next).update(said)
        else:
            if kind == tarfile.GNUTYPE_SPARSE:
                place += BLOCK * _sparse_blocks(archive, header)
            entry = _entry(header, place, size, for_all | for_next)
            size, for_next = entry.size, {}
            left -= len(entry.name) + len(entry.same_as)
            if left < 0:
                raise UnreadableError("the list of its entries is far too long")
            yield entry
        place += -(-size // BLOCK) * BLOCK
        archive.seek(place)
    raise UnreadableError("the archive has more than {limit} entries", limit=most.headers)


def resolve_links(entries: Iterable[TarEntry]) -> Iterator[TarEntry]:
    """Yield the entries, each hard link as the file before it that it is another name of, if there is one."""
    files: dict[tuple[str, ...], TarEntry] = {}
    for entry in entries:
        parts = path_parts(entry.name)
        target = files.get(path_parts(entry.same_as)) if entry.same_as else None
        if target is not None and parts == path_parts(entry.same_as):
            continue  # ``tar`` was told to store this file twice.
        found = entry if target is None else structs.replace(target, name=entry.name)
        if found.kind is Kind.FILE:
            files[parts] = found
        yield found


def read_tar_file(archive: Bytes, entry: TarEntry) -> bytes:
    """Return a file's content; raises ``BrokenArchiveError`` if the archive ends before it does."""
    archive.seek(entry.place)
    return _read(archive, entry.size)


def _read(archive: Bytes, size: int) -> bytes:
    content = archive.read(size)
    if len(content) < size:
        raise BrokenArchiveError("the archive is broken: its end is missing")
    return content


def _checked(header: bytes, *, is_first: bool) -> int:
    """Return the size that a header says; raises ``BrokenArchiveError`` if it is not one."""
    if not _is_summed(header, _number(header[148:156])):
        raise BrokenArchiveError(
            "it is neither a zip nor a tar archive"
            if is_first
            else "the archive is broken: it holds something that is not the header of a file"
        )
    size = _number(header[124:136])
    if size is None or not 0 <= size < _LARGEST:
        raise BrokenArchiveError(_SIZE_MISSING)
    return size


def _is_summed(header: bytes, said: int | None) -> bool:
    """Tell whether a header's bytes add up to its checksum, as unsigned numbers or, as in some tools, signed ones."""
    summed = header[:148] + b" " * 8 + header[156:]
    return said == sum(summed) or said == sum(struct.unpack("512b", summed))


def _number(field: bytes) -> int | None:
    """Return an octal number, or a binary one, as GNU tar writes it if it is large; ``None`` if it is neither."""
    if field[0] == _BINARY:
        return int.from_bytes(field[1:], "big")
    try:
        return int(field.partition(b"\0")[0].strip() or b"0", 8)
    except ValueError:
        return None


def _extension(kind: bytes, archive: Bytes, size: int) -> Mapping[str, str]:
    """Return what a header of its own says of the file that follows, or of all files."""
    if size > limits.HEADER:
        raise UnreadableError("the archive has a name or a header that is far too long")
    content = _read(archive, size)
    if kind in _PAX:
        return _pax_records(content)
    return {"path" if kind == tarfile.GNUTYPE_LONGNAME else "linkpath": _text(content)}


def _pax_records(content: bytes) -> Mapping[str, str]:
    """Return the records of a pax header that are used; each says its own length: ``13 path=a.py`` and a newline."""
    records = {}
    place = 0
    while place < len(content) and content[place]:
        digits = content[place : place + 8].partition(b" ")[0]
        length = int(digits) if digits.isdigit() else 0
        record = content[place : place + length]
        if len(record) < length or not record.endswith(b"\n") or length <= len(digits) + 1:
            raise BrokenArchiveError("the archive is broken: it has a header that cannot be read")
        key, _, value = record[len(digits) + 1 : -1].partition(b"=")
        if _decoded(key) in _USED:
            records[_decoded(key)] = _decoded(value)
        place += length
    return records


def _sparse_blocks(archive: Bytes, header: bytes) -> int:
    """Read the headers that locate the holes of a sparse file, and return how many there are."""
    blocks = 0
    goes_on = header[_SPARSE_GOES_ON]
    while goes_on:
        goes_on = _read(archive, BLOCK)[_SPARSE_BLOCK_GOES_ON]
        blocks += 1
        if blocks > limits.HEADER:
            raise UnreadableError("the archive has a name or a header that is far too long")
    return blocks


def _entry(header: bytes, place: int, size: int, said: Mapping[str, str]) -> TarEntry:
    kind = header[_KIND]
    is_sparse = kind == tarfile.GNUTYPE_SPARSE or not _SPARSE.isdisjoint(said)
    name = said.get(_SPARSE_NAME) or said.get("path") or _name(header)
    if "size" in said:
        size = int(said["size"]) if said["size"].isascii() and said["size"][:19].isdigit() else -1
        if not 0 <= size < _LARGEST:
            raise BrokenArchiveError(_SIZE_MISSING)
    if kind in _WITHOUT_CONTENT:
        size = 0
    if kind == tarfile.DIRTYPE or (kind == tarfile.AREGTYPE and name.endswith("/")):
        return TarEntry(name, Kind.FOLDER, place, size)
    if kind == tarfile.LNKTYPE:
        return TarEntry(name, Kind.OTHER, place, size, said.get("linkpath") or _text(header[157:257]))
    return TarEntry(name, Kind.FILE if kind in _FILES and not is_sparse else Kind.OTHER, place, size)


def _name(header: bytes) -> str:
    name, folder = _text(header[:100]), _text(header[345:500])
    is_posix = header[257:263] == b"ustar\0"
    return f"{folder}/{name}" if is_posix and folder else name


def _text(field: bytes) -> str:
    return _decoded(field.partition(b"\0")[0])


def _decoded(text: bytes) -> str:
    return text.decode("utf-8", "surrogateescape")
