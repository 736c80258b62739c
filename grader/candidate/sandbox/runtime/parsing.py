"""Parse source text, and say why it is not valid Python."""

from __future__ import annotations

import ast
import re
import sys

__all__ = ["NotPythonError", "first_line", "parsed"]

_MESSAGE_LENGTH = 200
"""Characters of what Python says about a text."""

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
"""Since which version a line that looks so may be valid, and how the messages of older versions begin."""


class NotPythonError(Exception):
    """A text is not valid Python, at least not of the running ``version`` if a newer one may accept it."""

    def __init__(self, line: int, message: str, version: str = "") -> None:
        self.line, self.claim, self.version = line, message[:_MESSAGE_LENGTH], version
        super().__init__(self.claim)


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


def first_line(statement: ast.stmt) -> int:
    """Return the number of a statement's first line, decorators included."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(decorator.lineno for decorator in decorators)])


def _version_unless_newest(text: str, line: int, message: str) -> str:
    """Return the running version if a newer one may accept the line, else an empty text."""
    shown = next((other for number, other in enumerate(text.split("\n"), 1) if number == line), "")
    for version, looks, says in _NEWER:
        if sys.version_info < version and looks.match(shown) and (says is None or says.match(message)):
            return "{}.{}".format(*sys.version_info)
    return ""
