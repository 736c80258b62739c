"""Decode the bytes of a script, as Python would."""

from __future__ import annotations

import codecs
import io
import re
import tokenize
from typing import Any

from grader.protocol.problems import Problem

__all__ = ["ProblemError", "decode_script", "decode_utf8"]

_NO_CHARSETS = frozenset({"idna", "punycode", "raw_unicode_escape", "unicode_escape", "utf-7"})
"""Encodings that are not for files; some take quadratic time."""
_DECLARATION = re.compile(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)", re.ASCII)
"""PEP 263."""
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)


class ProblemError(Exception):
    """A submission cannot be read; ``problem`` and its ``values`` say why."""

    def __init__(self, problem: Problem, **values: str | int) -> None:
        super().__init__(problem, values)
        self.problem, self.values = problem, values

    @property
    def fields(self) -> dict[str, Any]:
        """What a reply says of it."""
        return {"name": self.problem.name, "values": self.values}


def decode_script(content: bytes, name: str) -> str:
    """Return the text of a script: UTF-8, with or without a byte order mark, or the encoding that it declares.

    Line ends become newlines. Raises ``ProblemError`` if it is not text.
    """
    if content.startswith(_WIDE):
        raise ProblemError(Problem.WIDE_CHARACTERS, file=name)
    if content.startswith(codecs.BOM_UTF8) and _declares_utf8(content):
        return decode_utf8(content, name)
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
    except SyntaxError as error:
        if _declares(content):
            raise ProblemError(Problem.UNKNOWN_ENCODING, file=name, reason=error.msg) from None
        raise _not_text(content, name, "utf-8") from None
    return _text(content, name, encoding)


def decode_utf8(content: bytes, name: str) -> str:
    """Return the text of a UTF-8 file, with or without a byte order mark; raises ``ProblemError`` if it is not text."""
    return _text(content, name, "utf-8-sig")


def _text(content: bytes, name: str, encoding: str) -> str:
    try:
        if codecs.lookup(encoding).name in _NO_CHARSETS:
            raise LookupError
        text = content.decode(encoding)
    except UnicodeDecodeError:
        raise _not_text(content, name, encoding) from None
    except (LookupError, ValueError):
        raise ProblemError(Problem.NO_ENCODING, file=name, encoding=encoding) from None
    if "\0" in text:
        raise ProblemError(Problem.NUL, file=name, line=text[: text.index("\0")].count("\n") + 1)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _declares_utf8(content: bytes) -> bool:
    """Tell whether a declaration names UTF-8 by any alias; Python accepts only one of them after a byte order mark."""
    declared = (_DECLARATION.match(line) for line in content.removeprefix(codecs.BOM_UTF8).splitlines()[:2])
    name = next((match[1].decode("ascii") for match in declared if match), "")
    try:
        return codecs.lookup(name).name == "utf-8"
    except LookupError:
        return False


def _declares(content: bytes) -> bool:
    return any(b"coding" in line for line in content.splitlines()[:2])


def _not_text(content: bytes, name: str, encoding: str) -> ProblemError:
    try:
        content.decode(encoding)
    except UnicodeDecodeError as error:
        return ProblemError(
            Problem.OTHER_ENCODING,
            file=name,
            encoding=encoding.removesuffix("-sig").upper(),
            byte=f"{content[error.start]:02x}",
            line=content[: error.start].count(b"\n") + 1,
        )
    return ProblemError(Problem.NOT_TEXT, file=name, encoding=encoding)
