"""The table of all steps, for a terminal or a notebook."""

from __future__ import annotations

import re
import shutil
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from checks.results import Entry, Wrong
from checks.session import RIGHT, WAITING, WRONG, Outcome, titles
from checks.words import _


@dataclass
class Style:
    """How wide a table may be, and whether it may have colours and signs beyond ASCII."""

    width: int = 80
    has_colours: bool = False
    is_ascii: bool = False


_ASCII = {
    "✓": "ok", "✗": "WRONG", "·": "*", "⊙": "*", "′": "'", "ᵀ": "^T", "ŷ": "y_hat", "−": "-", "×": "x", "²": "^2",
    "–": "-", "…": "...", "“": '"', "”": '"', "→": "->", "ä": "a", "ö": "o", "Ä": "A", "Ö": "O", "|": "|",
}  # fmt: skip
_COLOURS = {RIGHT: "32", WRONG: "31;1", WAITING: "2"}
_MOST_ENTRIES = 12


def terminal_style(encoding: str | None, *, has_colours: bool) -> Style:
    """Return the style for this terminal."""
    try:
        "✓ ⊙ ᵀ ŷ −".encode(encoding or "ascii")
        is_ascii = False
    except (UnicodeEncodeError, LookupError):
        is_ascii = True
    return Style(min(100, shutil.get_terminal_size().columns), has_colours, is_ascii)


def headed(name: str, notes: Sequence[str], outcomes: Sequence[Outcome], style: Style) -> list[str]:
    """Return the table of a file with its name and notes above it."""
    lines = [name, *(line for note in notes for line in _wrap(style, note, style.width)), ""]
    return [
        *(_as_ascii(line) if style.is_ascii else line for line in lines),
        *table_lines(outcomes, style),
        "",
    ]


def explained(outcome: Outcome) -> list[str]:
    """Return the lines that explain a step that is not right."""
    if outcome.wrong is None:
        return [_("This step waits for an earlier one that is not right yet.")]
    return list(_details(outcome.wrong, Style(80), is_full=True))


def note_on_numpy(version: str) -> list[str]:
    """Return a note if grading uses a newer NumPy than this one."""
    wanted = (Path(__file__).parent.with_name("requirements.txt")).read_text(encoding="utf-8")
    match = re.search(r"^numpy>=([\d.]+)", wanted, re.MULTILINE)
    if match is None or _parts(version) >= _parts(match[1]):
        return []
    says = _(
        "You have NumPy {yours}, but grading uses {wanted}: what works here may fail there. Try: {command}"
    )
    command = "python -m pip install -r requirements.txt"
    return [says.format(yours=version, wanted=match[0], command=command)]


def _parts(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)[:3]]


def table_lines(outcomes: Sequence[Outcome], style: Style) -> list[str]:
    """Return the lines of the table; the first wrong step is shown with its numbers."""
    lines = list(_lines(outcomes, style))
    return [_as_ascii(line) for line in lines] if style.is_ascii else lines


def _wrap(style: Style, text: str, width: int, indent: str = "") -> list[str]:
    """Break a text into lines, none of them longer than `width` unless a word is."""
    shown = _as_ascii(text) if style.is_ascii else text
    return textwrap.wrap(shown, width, subsequent_indent=indent, break_long_words=False)


def _as_ascii(line: str) -> str:
    text = "".join(_ASCII.get(sign, sign) for sign in line)
    return text.encode("ascii", "replace").decode()


def _lines(outcomes: Sequence[Outcome], style: Style) -> Iterator[str]:
    marks = {RIGHT: "✓", WRONG: "✗", WAITING: "–"}
    marks = {status: _as_ascii(mark) if style.is_ascii else mark for status, mark in marks.items()}
    mark_width = max(map(len, marks.values()))
    name_width = max(len(outcome.step) for outcome in outcomes)
    first_wrong = next((outcome for outcome in outcomes if outcome.status == WRONG), None)
    said: set[str] = set()
    for outcome in outcomes:
        title = titles()[outcome.step]
        head = f"{marks[outcome.status]:<{mark_width}} {outcome.step:<{name_width}}  "
        wrapped = _wrap(style, title, max(20, style.width - len(head))) or [""]
        colour = _COLOURS[outcome.status]
        yield _painted(head + wrapped[0], colour, style)
        yield from (" " * len(head) + line for line in wrapped[1:])
        if outcome.wrong is not None and outcome.wrong.says not in said:
            said.add(outcome.wrong.says)
            indented = Style(max(20, style.width - 4), style.has_colours, style.is_ascii)
            details = _details(outcome.wrong, indented, is_full=outcome is first_wrong)
            yield from (f"    {line}".rstrip() for line in details)
    if first_wrong is None and any(outcome.status == WAITING for outcome in outcomes):
        waits = _("This step waits for an earlier one that is not right yet.")
        yield from _wrap(style, f"    {waits}", style.width, "    ")
    yield ""
    yield from _summary(outcomes, first_wrong, style)


def _painted(text: str, colour: str, style: Style) -> str:
    return f"\033[{colour}m{text}\033[0m" if style.has_colours else text


def _details(wrong: Wrong, style: Style, *, is_full: bool) -> Iterator[str]:
    for text in (wrong.says, wrong.place, wrong.hint):
        yield from _wrap(style, text, style.width)
    if not is_full:
        return
    if wrong.entries:
        yield ""
        yield from _entries(wrong, style)
    if wrong.facts:
        yield ""
        yield _("It was given:")
        width = max(len(name) for name, _value in wrong.facts)
        for name, value in wrong.facts:
            indent = " " * (width + 5)
            yield from _wrap(style, f"  {name:<{width}} = {value}", style.width, indent)
    if wrong.entries:
        yield ""
        for sentence in _legend():
            yield from _wrap(style, sentence, style.width)
    yield ""


def _entries(wrong: Wrong, style: Style) -> Iterator[str]:
    shown = sorted(wrong.entries, key=lambda entry: not entry.is_wrong)[:_MOST_ENTRIES]
    shown = [entry for entry in wrong.entries if entry in shown]
    heads = (wrong.entries_are, _("by your code"), wrong.expected_by, _("relative error"))
    rows = [
        (entry.name, _number(entry.yours), _number(entry.expected), f"{_error(entry)} {_word(entry)}")
        for entry in shown
    ]
    widths = [max(len(head), *(len(row[i]) for row in rows)) for i, head in enumerate(heads)]
    if sum(widths) + 2 * len(heads) <= style.width:
        last = len(heads) - 1
        for row in (heads, *rows):
            padded = [f"{cell:>{width}}" for cell, width in zip(row[:last], widths, strict=False)]
            yield "  ".join((*padded, row[last]))
    else:
        for name, *cells in rows:
            yield f"{heads[0]} {name}:".lstrip()
            yield from (f"  {head}: {cell}" for head, cell in zip(heads[1:], cells, strict=True))
    if len(shown) < len(wrong.entries):
        yield _("… and {count} more").format(count=len(wrong.entries) - len(shown))


def _number(value: float) -> str:
    return f"{round(value, 4) + 0.0:.4f}"


def relative_error(yours: float, expected: float) -> float:
    """Return |yours − expected| / max(|yours|, |expected|); 0 if both are zero."""
    scale = max(abs(yours), abs(expected))
    return abs(yours - expected) / scale if scale > 1e-9 else 0.0


def _error(entry: Entry) -> str:
    return f"{relative_error(entry.yours, entry.expected):.0e}"


def _word(entry: Entry) -> str:
    """Return what a relative error means."""
    error = relative_error(entry.yours, entry.expected)
    if max(abs(entry.yours), abs(entry.expected)) <= 1e-9:
        return _("both zero")
    if error > 1e-2:
        return _("probably wrong")
    if error > 1e-4:
        return _("suspicious")
    return _("close") if error > 1e-7 else _("very good")


def _legend() -> list[str]:
    return [
        _("The relative error is the difference divided by the larger of the two numbers."),
        _(
            "Over 1e-2: probably wrong. 1e-2 to 1e-4: suspicious. 1e-4 to 1e-7: close, and right where f has a "
            "kink. Under 1e-7: very good."
        ),
        _("If both numbers are zero, there is nothing to divide by: they agree."),
        _(
            "At a kink, such as that of ReLU at 0, finite differences mix two slopes and may be off. The numbers here "
            "stay away from kinks."
        ),
    ]


def _summary(outcomes: Sequence[Outcome], first_wrong: Outcome | None, style: Style) -> Iterator[str]:
    right = sum(outcome.status == RIGHT for outcome in outcomes)
    says = _("{right} of {all} steps are right.").format(right=right, all=len(outcomes))
    if first_wrong is not None:
        says += " " + _("Begin with the first that is not: {step}.").format(step=first_wrong.step)
    hidden = _("Hidden criteria remain: grading tries many more layers, networks and activation functions.")
    for text in (says, hidden):
        yield from _wrap(style, text, style.width)
