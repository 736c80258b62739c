"""Lay text out for a terminal: what it can show, wrapped lines, and blocks of lines side by side.

Everything is styled text, which is never read as markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import StringIO
from typing import TYPE_CHECKING, cast

from rich.text import Text

from grader.report.terminal.charset import spelled
from grader.text import printable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.containers import Lines

__all__ = ["Block", "Look", "beside", "flowed", "split", "width_of", "wrapped", "written"]

_LEAST_WIDTH, _LARGEST_WIDTH = 40, 100
"""Columns: narrower, words are broken; wider, lines are hard to read."""
_GAP = 3
"""Columns between blocks that stand side by side."""

Block = Sequence[Text]
"""Lines that stay together."""


@dataclass(frozen=True)
class Look:
    """What a terminal can show."""

    width: int = 80
    """Columns."""
    color: bool = False
    encoding: str = "utf-8"
    breaks_paths: bool = True
    """Whether a path that is too long is broken; a program that reads the report needs it whole."""

    @cached_property
    def columns(self) -> int:
        """The columns that a report fills at most."""
        return max(_LEAST_WIDTH, min(self.width, _LARGEST_WIDTH))

    def text(self, words: str, style: str = "", *, keep: str = "") -> Text:
        """Return ``words``, whoever wrote them, as text that cannot act; ``keep`` may have line ends and tabs."""
        harmless = printable(words, keep=keep).expandtabs(8)
        return Text(spelled(harmless, self.encoding), style)


def split(text: Text, width: int) -> Lines:
    """Return ``text`` in lines of at most ``width`` columns."""
    # Only justified text needs the console, and rich.console is slow to import.
    return text.wrap(cast("Console", None), width)


def wrapped(text: Text, look: Look, rest: str, *, first: str = "") -> Iterator[Text]:
    """Yield ``text`` in lines that fit, the first after ``first``, the others after ``rest``."""
    start = split(text, look.columns - len(first))[0]
    yield Text(first) + start
    remaining = text[len(start) :]
    remaining = remaining[len(remaining) - len(remaining.plain.lstrip()) :]
    if remaining:
        for line in split(remaining, look.columns - len(rest)):
            yield Text(rest) + line


def width_of(block: Block) -> int:
    """Return the columns that a block fills."""
    return max((line.cell_len for line in block), default=0)


def beside(*blocks: Block, gap: int = 0) -> Block:
    """Return blocks side by side as one block, ``gap`` columns apart, their first lines level."""
    starts = [0]
    for block in blocks:
        starts.append(starts[-1] + width_of(block) + gap)
    lines = [Text() for _ in range(max(map(len, blocks), default=0))]
    for block, start in zip(blocks, starts, strict=False):
        for line, cell in zip(lines, block, strict=False):
            line.append(" " * (start - line.cell_len)).append_text(cell)
    return lines


def flowed(blocks: Iterable[Block], columns: int) -> Iterator[Block]:
    """Yield blocks in rows, as many side by side as fit into ``columns``."""
    row: list[Block] = []
    filled = 0
    for block in blocks:
        width = width_of(block) + _GAP
        if row and filled + width - _GAP > columns:
            yield beside(*row, gap=_GAP)
            row, filled = [], 0
        row.append(block)
        filled += width
    if row:
        yield beside(*row, gap=_GAP)


def written(lines: Iterable[Text], look: Look) -> str:
    """Return the lines as the characters to send, with escape sequences if colours are wanted."""
    if not look.color:
        return "".join(f"{line.plain.rstrip()}\n" for line in lines)
    from rich.console import Console  # noqa: PLC0415 - slow to import

    file = StringIO()
    console = Console(
        file=file,
        width=look.columns,
        force_terminal=True,
        color_system="standard",
        no_color=False,
        legacy_windows=False,
    )
    for line in lines:
        line.rstrip()
        console.print(line, no_wrap=True, overflow="ignore", crop=False)
    return file.getvalue()
