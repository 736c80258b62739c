"""Frames between the examiner and a candidate: a JSON header and raw float64 numbers.

A frame is two little-endian 32-bit lengths (header, payload, in bytes), the header as UTF-8 JSON, and the
payload as little-endian float64, or as the bytes of texts and files. There is no pickle, and no ``.npy``, whose
header lets the peer choose how much is allocated.

A candidate's first frame has ``id`` 0 and says which ``layers`` of its prison are up, or what is ``missing``: a
layer and the reason. Then it has seen nothing of a submission, and never will.

The contract of the requests. Each carries ``id``, which the reply repeats, and ``verb``:

``read``
    Decode, parse and choose, and run nothing. ``files`` (name, name to show, size) whose bytes are the payload,
    ``main`` (the number of the file to examine, or null if it is to be chosen), and ``skeletons`` (digests of the
    code of untouched files). The reply has the texts as its payload: ``main`` and ``sha256``, ``cells`` (number, size)
    and ``helpers`` (number of the file, size). Or ``problem``, why there is nothing to examine; or ``bug``, a
    traceback of ours.
``load``
    Run the statements of a submission. ``file``, ``cells`` (label, size) and ``helpers`` (module, is_package, file,
    size) whose texts are the payload, and ``skip`` (numbers of statements to pass over). SIGALRM says that their time
    is over. Frames with ``at`` (the number of the statement that is about to run) come before the reply:
    ``classes``, ``syntax``, ``events``, ``output`` and ``output_cut``.
``show``
    Read a notebook, whose bytes are the payload, and run nothing. The reply has its ``cells``, and their contents as
    payload, as ``shown`` returns them; or ``refused``, the reason.
``backward``
    Cases of one layer and some steps. For each step the parameters are assigned, then ``forward`` and
    ``backward`` called. Numbers: for each case ``weights``, ``biases``, and for each step ``inputs``, ``da``,
    ``learning_rate``. The reply has, for each step, ``da_prev``, ``weights`` and ``biases``, and what was
    called last, ``during`` which an ``error`` was raised.
``fit``
    Cases of ``Perceptron.fit`` with probe layers, in ``steady`` ones of which no step changes anything. Numbers:
    ``training_data``, ``labels``. The reply has each case's log of calls, and its printed lines that look like a loss.
``train``
    Cases of a network of real layers, trained by calls of ``fit``. Numbers: for each layer ``weights`` and
    ``biases``, then ``training_data``, ``labels``, ``learning_rate``. The reply has the parameters after each call.

Between a request of many cases and its reply come empty frames now and then, when another case is begun, or another
call of ``fit`` in it.

What a submission raises is a field of the reply (``error``: type, text, label, line), never an end of the talk.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator, Mapping
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
    "WireError",
    "decode_header",
    "decode_payload",
    "encode",
    "lengths",
    "opening",
    "pieces",
]

PREFIX = struct.Struct("<II")
SIGN_OF_LIFE = PREFIX.pack(0, 0)
"""An empty frame."""
SIGN_SECONDS = 0.05
"""The least time between two of them."""
HEADER_LIMIT = 512 * 1024
"""Bytes of a reply's header; a longer one ends the talk."""
PAYLOAD_LIMIT = 8 * 1024 * 1024
"""Bytes of a reply's payload; a longer one ends the talk."""
TEXTS_LIMIT = 64 * 1024 * 1024
"""Bytes of the texts in a reply to ``read``: three times the largest submission's, whatever its encoding."""

Floats = NDArray[np.float64]
_LITTLE_ENDIAN = np.dtype("<f8")


class WireError(Exception):
    """The peer sent bytes that are no frame of this protocol."""


def encode(header: Mapping[str, Any], arrays: Iterable[Floats] = ()) -> bytes:
    """Return a frame with ``header`` and the numbers of ``arrays``, one after the other in C order."""
    payload = b"".join(np.asarray(array, _LITTLE_ENDIAN).tobytes() for array in arrays)
    return opening(header, len(payload)) + payload


def opening(header: Mapping[str, Any], size: int) -> bytes:
    """Return a frame without its payload, which has ``size`` bytes."""
    text = json.dumps(header, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode()
    return PREFIX.pack(len(text), size) + text


def pieces(payload: bytes, sizes: Iterable[int]) -> Iterator[bytes]:
    """Yield the payload's texts or files; raises ``WireError`` if it is not as long as ``sizes`` say."""
    at = 0
    for size in sizes:
        yield payload[at : at + size]
        at += size
    if at != len(payload):
        raise WireError("the payload has another length than its header says")


def lengths(prefix: bytes | bytearray) -> tuple[int, int]:
    """Return the lengths in bytes of header and payload that a frame's first eight bytes announce."""
    header, payload = PREFIX.unpack(prefix)
    return header, payload


def decode_header(text: bytes | bytearray) -> dict[str, Any]:
    """Return the header as a dictionary, or raise ``WireError`` for anything else."""
    try:
        header = json.loads(text.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise WireError("the header is not JSON") from error
    if not isinstance(header, dict):
        raise WireError("the header is not an object")
    return header


def decode_payload(payload: bytes | bytearray) -> Floats:
    """Return the payload's numbers as a flat array, or raise ``WireError`` for a part of one."""
    if len(payload) % 8:
        raise WireError("the payload is not a whole count of numbers")
    return np.frombuffer(payload, _LITTLE_ENDIAN).astype(np.float64, copy=False)


def _refuse_constant(name: str) -> None:
    raise WireError(f"the header holds {name}")
