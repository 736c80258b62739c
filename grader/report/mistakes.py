"""Put a diagnosis into words: where the mistake is, which it is, the formulas, and the lines around it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from grader.explanations import explanation
from grader.formulas import formula_text
from grader.languages import translated
from grader.messages import file_text, message_text, place_text
from grader.model import Diagnosis

__all__ = [
    "CodeLine",
    "Parts",
    "cause_of",
    "code_text",
    "is_quoted",
    "parts_of",
    "parts_of_all",
    "seen_text",
    "told",
]

_PRINTED = "loss-line-format"


class CodeLine(NamedTuple):
    """A line of a submission."""

    number: int
    text: str
    is_marked: bool
    """Whether it holds the mistake."""


class Parts(NamedTuple):
    """What is said about a mistake; a text is empty if there is nothing to say."""

    where: str
    """The method, and the line if it is known: ``Layer.backward, line 31``."""
    title: str
    """The mistake in a line."""
    seen: str
    """What the code computes, as a formula."""
    due: str
    """What it should compute."""
    text: str
    """Why it is a mistake, and what to look at."""
    certain: str
    """What is certain about this submission, beyond the text."""
    file: str
    """The name of the file, or the cell, that holds the line."""
    lines: tuple[CodeLine, ...]
    """The line that holds the mistake, among those around it."""


def parts_of(diagnosis: Diagnosis) -> Parts:
    """Return what is said about a mistake, in parts that a page can arrange."""
    about, place = explanation(diagnosis.id), diagnosis.place
    return Parts(
        diagnosis.method
        if place is None
        else translated("{method}, line {line}").format(method=diagnosis.method, line=place.line),
        translated(about.title),
        seen_text(diagnosis),
        formula_text(diagnosis.due),
        translated(about.text),
        "" if diagnosis.says is None else message_text(diagnosis.says),
        "" if place is None else file_text(place.file),
        tuple(_code_lines(diagnosis)),
    )


def parts_of_all(diagnoses: Sequence[Diagnosis]) -> list[Parts]:
    """Return what is said about mistakes that are read one after another: a text that two of them have, once."""
    found: list[Parts] = []
    for diagnosis in diagnoses:
        parts = parts_of(diagnosis)
        is_told = any(parts.text == before.text for before in found)
        found.append(parts._replace(text="") if is_told else parts)
    return found


def is_quoted(diagnosis: Diagnosis) -> bool:
    """Tell whether what the code computes is a line that the submission printed, and no formula."""
    return diagnosis.id == _PRINTED


def seen_text(diagnosis: Diagnosis) -> str:
    """Return what the code computes, its words in the current language."""
    return diagnosis.seen if is_quoted(diagnosis) else formula_text(diagnosis.seen)


def cause_of(diagnosis: Diagnosis) -> str:
    """Return where a mistake is, and which: ``Layer.backward, line 31: the derivative is missing``."""
    parts = parts_of(diagnosis)
    return f"{parts.where}: {parts.title}"


def told(diagnosis: Diagnosis) -> str:
    """Return what is said about a mistake, in paragraphs: the formula, what is certain, the explanation."""
    parts = parts_of(diagnosis)
    formulas = ""
    if parts.seen:
        formulas = f"{translated('Your code:')} {parts.seen}\n{translated('It should be:')} {parts.due}"
    return "\n\n".join(text for text in (formulas, parts.certain, parts.text) if text)


def code_text(diagnosis: Diagnosis) -> str:
    """Return the lines around a mistake, each with its number, and ``>`` before the one that holds it.

    Return the line alone if those around it are unknown, and nothing if the line is.
    """
    place, lines = diagnosis.place, parts_of(diagnosis).lines
    if place is None:
        return ""
    if diagnosis.excerpt is None:
        return place_text(place)
    width = len(str(lines[-1].number))
    shown = (f"{'>' if line.is_marked else ' '} {line.number:{width}}  {line.text}" for line in lines)
    return "\n".join((translated("In {file}:").format(file=file_text(place.file)), *shown))


def _code_lines(diagnosis: Diagnosis) -> Iterator[CodeLine]:
    place, excerpt = diagnosis.place, diagnosis.excerpt
    if place is None:
        return
    if excerpt is None:
        yield CodeLine(place.line, place.source, is_marked=True)
        return
    around = [
        CodeLine(number, text, is_marked=number == place.line)
        for number, text in enumerate(excerpt.lines, excerpt.first)
    ]
    written = [i for i, line in enumerate(around) if line.text.strip()]
    yield from around[written[0] : written[-1] + 1] if written else around
