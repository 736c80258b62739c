"""Unpack what gzip, bzip2 and xz packed, forwards and under a limit, and check that its end is there."""

from __future__ import annotations

import bz2
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import IO, Protocol

from grader.errors import BrokenArchiveError, UnreadableError
from grader.intake import limits

__all__ = ["Bytes", "Unpacked", "is_compressed", "is_gzip", "too_large", "unpack_in_memory"]

_READ, _CHUNK = 16 * 1024, 256 * 1024


class Bytes(Protocol):
    """Bytes that are read from the beginning to the end: of a file, or of what it unpacks to."""

    def read(self, size: int, /) -> bytes:
        """Return the next ``size`` bytes, or fewer at the end."""

    def seek(self, place: int, /) -> int:
        """Go on to a place, counted from the beginning; it may lie after the end."""


class _Gunzip:
    """zlib's decompressor with the interface of the others."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)

    @property
    def eof(self) -> bool:
        return self._inflate.eof

    @property
    def needs_input(self) -> bool:
        return not self._inflate.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inflate.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._inflate.decompress(self._inflate.unconsumed_tail + data, max_length)


_Decompressor = _Gunzip | bz2.BZ2Decompressor | lzma.LZMADecompressor


def _unxz() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=limits.MEMORY)


_GZIP = b"\x1f\x8b"
_BY_START: dict[bytes, Callable[[], _Decompressor]] = {
    _GZIP: _Gunzip,
    b"BZh": bz2.BZ2Decompressor,
    b"\xfd7zXZ\0": _unxz,
}
_LONGEST_START = max(map(len, _BY_START))


def is_compressed(start: bytes) -> bool:
    """Tell whether a file that begins like this is one that ``Unpacked`` reads."""
    return start.startswith(tuple(_BY_START))


def is_gzip(start: bytes) -> bool:
    """Tell whether a file that begins like this was compressed by gzip, so that it unpacks fast."""
    return start.startswith(_GZIP)


class Unpacked:
    """What a compressed file unpacks to; at most 300 KB of it are held at a time.

    Several streams in the file are one, as for ``gzip -d``, also with zeros between them. Anything else after a stream
    is ignored. Reading raises ``UnreadableError`` beyond ``limit`` bytes, and ``BrokenArchiveError`` if a stream is
    damaged or has no end.
    """

    def __init__(self, file: IO[bytes], limit: int) -> None:
        self._pieces = _unpacked(file)
        self._limit, self._total = limit, 0
        self._piece, self._taken = b"", 0

    def read(self, size: int, /) -> bytes:
        """Return the next ``size`` bytes, or fewer at the end."""
        parts = []
        while size and (part := self._next(size)):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def seek(self, place: int, /) -> int:
        """Skip everything before ``place``; raises ``ValueError`` if that has been read already."""
        left = place - (self._total - len(self._piece) + self._taken)
        if left < 0:
            raise ValueError("it has been read already")
        while left and (part := self._next(left)):
            left -= len(part)
        return place

    def finish(self) -> None:
        """Skip the rest, which compares the checksums at its end."""
        while self._next(_CHUNK):
            pass

    def _next(self, size: int) -> bytes:
        while self._taken == len(self._piece):
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._piece, self._taken = piece, 0
            self._total += len(piece)
            if self._total > self._limit:
                raise too_large(self._limit)
        part = self._piece[self._taken : self._taken + size]
        self._taken += len(part)
        return part


def unpack_in_memory(file: IO[bytes], limit: int) -> IO[bytes]:
    """Return what a compressed file unpacks to, in memory."""
    unpacked, held = Unpacked(file, limit), io.BytesIO()
    while piece := unpacked.read(_CHUNK):
        held.write(piece)
    held.seek(0)
    return held


def too_large(limit: int) -> UnreadableError:
    """Return the error for an archive that unpacks to more than ``limit`` bytes."""
    return UnreadableError("the archive is larger than {limit} MB when it is unpacked", limit=limit // 10**6)


def _unpacked(file: IO[bytes]) -> Iterator[bytes]:
    packed = file.read(_READ)
    start, decompressor = next(item for item in _BY_START.items() if packed.startswith(item[0]))
    for _ in range(limits.STREAMS):
        stream = decompressor()
        while not stream.eof:
            if not packed:
                raise BrokenArchiveError("the archive is broken: its end is missing")
            yield from _pieces(stream, packed)
            packed = stream.unused_data if stream.eof else file.read(_READ)
        packed = _without_padding(packed, file)
        if not packed.startswith(start):
            return
    raise UnreadableError("the archive is made of more than {limit} streams", limit=limits.STREAMS)


def _pieces(stream: _Decompressor, packed: bytes) -> Iterator[bytes]:
    try:
        yield stream.decompress(packed, _CHUNK)
        while not stream.eof and not stream.needs_input:
            yield stream.decompress(b"", _CHUNK)
    except (zlib.error, lzma.LZMAError, OSError, EOFError) as error:
        if "limit exceeded" in str(error):
            raise UnreadableError(
                "unpacking the archive takes more than {limit} MiB of memory", limit=limits.MEMORY // 2**20
            ) from None
        raise BrokenArchiveError("the archive is broken: its compressed data is damaged") from None


def _without_padding(packed: bytes, file: IO[bytes]) -> bytes:
    """Skip zeros, and return enough of what follows to tell its kind."""
    packed = packed.lstrip(b"\0")
    while len(packed) < _LONGEST_START and (more := file.read(_READ)):
        packed = packed + more if packed else more.lstrip(b"\0")
    return packed
