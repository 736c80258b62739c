"""Find the nodes of a syntax tree in the text that they were parsed from."""

from __future__ import annotations

import ast
import re
from bisect import bisect_right

__all__ = ["SourceText"]

_LINE_END = re.compile(r"\r\n|\r|\n")
_BLANK = re.compile(r"(?:[ \t\f\r\n\\]|#[^\r\n]*)*")


class SourceText:
    """A source text and its lines, as Python's parser counts them."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(text))]

    def line_start(self, line: int) -> int:
        """Return the offset at which a line begins; that of the text's end for lines after the last."""
        return self._starts[line - 1] if line <= len(self._starts) else len(self.text)

    def line_at(self, offset: int) -> int:
        """Return the number of the line, from 1, that holds ``offset``."""
        return bisect_right(self._starts, offset)

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a column, which the parser counts in bytes of UTF-8."""
        start = self.line_start(line)
        return start + len(
            self.text[start : self.line_start(line + 1)].encode()[:column].decode(errors="ignore")
        )

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Return where a node begins and ends, without the parentheses around it."""
        assert node.end_lineno is not None  # noqa: S101 - the parser sets both
        assert node.end_col_offset is not None  # noqa: S101
        return self.offset(node.lineno, node.col_offset), self.offset(node.end_lineno, node.end_col_offset)

    def segment(self, node: ast.expr | ast.stmt) -> str:
        """Return the text of a node."""
        start, end = self.span(node)
        return self.text[start:end]

    def skip_blank(self, offset: int, also: str = "") -> int:
        """Return the next offset that holds neither blanks nor a comment, nor one of the characters ``also``."""
        while True:
            match = _BLANK.match(self.text, offset)
            offset = match.end() if match else offset
            if offset >= len(self.text) or self.text[offset] not in also:
                return offset
            offset += 1
