"""Keep the cases that were drawn from other seeds than the default, in the cache folder of the user.

They are drawn again if the code, the version of Hypothesis, or what lies in the file has changed. If nothing can be
written there, they are drawn each time.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from grader.exam.questions.questions import Questions, document
from grader.files import replace_file
from grader.version import code_digest, hypothesis_version

__all__ = ["cache_file", "cached"]


def cached(seed: int, draw: Callable[[int], Questions]) -> Questions:
    """Return the cases of ``seed`` from the cache, or those that ``draw`` returns, which it then keeps."""
    try:
        file = cache_file(seed)
    except RuntimeError:  # There is no home folder.
        return draw(seed)
    if (found := _read(file, seed)) is not None:
        return found
    drawn = draw(seed)
    text = document(drawn).encode("ascii")
    with suppress(OSError):
        replace_file(file, _digest(text) + text)
    return drawn


def cache_file(seed: int) -> Path:
    """Return the file for the cases of ``seed``, drawn by the code and the Hypothesis that are installed.

    Raises ``RuntimeError`` if the user has no home folder.
    """
    named = os.environ.get("XDG_CACHE_HOME", "")
    folder = Path(named) if os.path.isabs(named) else Path.home() / ".cache"  # noqa: PTH117 - "" is no path
    drawn_by = hashlib.sha256(f"{code_digest()} {hypothesis_version()}".encode()).hexdigest()[:16]
    return folder / "perceptron-kit" / f"questions-{seed}-{drawn_by}.json"


def _read(file: Path, seed: int) -> Questions | None:
    """Return the cases in ``file``; ``None`` if it is not there, or is not as it was written."""
    try:
        # Reading a pipe may never end.
        content = file.read_bytes() if file.is_file() else b""
        digest, text = content[:_LENGTH], content[_LENGTH:]
        found = msgspec.json.decode(text, type=Questions) if digest == _digest(text) else None
    except (OSError, msgspec.DecodeError):
        return None
    return found if found is not None and found.seed == seed else None


def _digest(text: bytes) -> bytes:
    return hashlib.sha256(text).hexdigest().encode() + b"\n"


_LENGTH = len(_digest(b""))
