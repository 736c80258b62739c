"""Frames: a JSON header and raw numbers, or the bytes of texts and files.

A frame is two little-endian 32-bit lengths (header, payload, in bytes), the header as UTF-8 JSON, and the payload as
little-endian float64 or as bytes. There is no pickle, and no ``.npy``, whose header lets the peer choose how much is
allocated.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Collection, Iterable, Mapping
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "HEADER_LIMIT",
    "PAYLOAD_LIMIT",
    "PREFIX",
    "SIGN_OF_LIFE",
    "SIGN_SECONDS",
    "TEXTS_LIMIT",
    "Floats",
    "ProtocolError",
    "decode_header",
    "decode_payload",
    "encode",
    "encode_header",
    "encode_payload",
    "frame_head",
    "numbered_head",
    "split_payload",
]

PREFIX = struct.Struct("<II")
"""The first bytes of a frame: the lengths of its header and its payload."""
SIGN_OF_LIFE = PREFIX.pack(0, 0)
"""An empty frame."""
SIGN_SECONDS = 0.05
"""The shortest time between two signs of life."""
HEADER_LIMIT = 1024 * 1024
"""Bytes of a reply's header; the grader refuses a longer one. JSON may need six bytes for a byte that was printed."""
PAYLOAD_LIMIT = 8 * 1024 * 1024
"""Bytes of a reply's payload; the grader refuses a longer one."""
TEXTS_LIMIT = 64 * 1024 * 1024
"""Bytes of the texts in a reply to ``read``: three times the largest submission's, whatever its encoding."""

Floats = NDArray[np.float64]
_LITTLE_ENDIAN = np.dtype("<f8")


class ProtocolError(Exception):
    """The peer sent something that is not part of this protocol."""


def encode(header: Mapping[str, Any], arrays: Iterable[Floats] = ()) -> bytes:
    """Return a frame with ``header`` and the numbers of ``arrays``."""
    payload = encode_payload(arrays)
    return frame_head(header, len(payload)) + payload


def encode_payload(arrays: Iterable[Floats]) -> bytes:
    """Return the numbers of ``arrays``, one after the other in C order."""
    return b"".join(np.asarray(array, _LITTLE_ENDIAN).tobytes() for array in arrays)


def frame_head(header: Mapping[str, Any], size: int) -> bytes:
    """Return the start of a frame whose payload has ``size`` bytes."""
    text = encode_header(header)
    return PREFIX.pack(len(text), size) + text


def numbered_head(number: int, header: bytes, size: int) -> bytes:
    """Return the start of the frame ``number``, for an encoded ``header`` that has fields, but no ``id``."""
    text = b'{"id":%d,' % number + header[1:]
    return PREFIX.pack(len(text), size) + text


def encode_header(header: Mapping[str, Any]) -> bytes:
    """Return ``header`` as JSON."""
    return json.dumps(header, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode()


def split_payload(payload: bytes, sizes: Collection[int]) -> list[bytes]:
    """Return the payload's texts or files; raises ``ProtocolError`` if its length is not the sum of ``sizes``."""
    if sum(sizes) != len(payload):
        raise ProtocolError("the length of the payload is not what its header says")
    ends = list(accumulate(sizes))
    return [payload[end - size : end] for size, end in zip(sizes, ends, strict=True)]


def decode_header(text: bytes | bytearray) -> dict[str, Any]:
    """Return the header as a dictionary; raises ``ProtocolError`` for anything else."""
    try:
        header = json.loads(text.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ProtocolError("the header is not JSON") from error
    if not isinstance(header, dict):
        raise ProtocolError("the header is not an object")
    return header


def decode_payload(payload: bytes | bytearray) -> Floats:
    """Return the payload's numbers as a flat array; raises ``ProtocolError`` if the last one is cut."""
    if len(payload) % 8:
        raise ProtocolError("the last number of the payload is cut")
    return np.frombuffer(payload, _LITTLE_ENDIAN).astype(np.float64, copy=False)


def _refuse_constant(name: str) -> None:
    raise ProtocolError(f"the header contains {name}")
