"""Parse source text, and say in words why it is not Python."""

from __future__ import annotations

import ast
import re
import sys

__all__ = ["NotPythonError", "claim", "parsed"]

_NEWER = (
    (
        (3, 12),
        re.compile(r"\s*type\s+[^\W\d]\w*\s*(?:\[.*\]\s*)?=|\s*(?:(?:async\s+)?def|class)\s+\w+\s*\["),
        None,
    ),
    (
        (3, 12),
        re.compile(r"""(?i:.*\b(?:f|rf|fr)["'])"""),
        re.compile(r"f-string|unterminated|invalid syntax"),
    ),
    ((3, 14), re.compile(r"""(?i:.*\b(?:t|rt|tr)["'])"""), None),
)
"""The version from which on a line that looks so may be Python, and how the messages begin that older ones give."""


class NotPythonError(Exception):
    """A text is not valid Python; ``version`` is that of the Python that says so, if a newer one may not."""

    def __init__(self, line: int, message: str, version: str = "") -> None:
        super().__init__(message)
        self.line, self.message, self.version = line, message, version


def claim(message: str, version: str) -> str:
    """Return what a text is that is not valid Python, or not of this ``version``, and why."""
    which = f" {version}; it may be of a newer version" if version else ""
    return f"not valid Python{which} ({message})"


def parsed(text: str, label: str) -> list[ast.stmt]:
    """Return the statements of ``text``; raises ``NotPythonError``."""
    try:
        return ast.parse(text, label).body
    except SyntaxError as error:
        line = error.lineno or 1
        raise NotPythonError(line, error.msg, _version_unless_newest(text, line, error.msg)) from None
    except (RecursionError, MemoryError) as error:
        raise NotPythonError(1, f"too deeply nested ({type(error).__name__})") from None
    except ValueError as error:
        raise NotPythonError(1, str(error)) from None


def _version_unless_newest(text: str, line: int, message: str) -> str:
    """Return the running version if a newer one may accept the line, else an empty text."""
    shown = next((other for number, other in enumerate(text.split("\n"), 1) if number == line), "")
    for version, looks, says in _NEWER:
        if sys.version_info < version and looks.match(shown) and (says is None or says.match(message)):
            return "{}.{}".format(*sys.version_info)
    return ""
