"""Write formulas and matrices in MathML, which browsers draw and screen readers read without a script.

A formula comes in the notation of the task sheet: ``da_prev = Wᵀ · dz``. Names stay as they are in the code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

from grader.formulas import formula_text
from grader.messages import Entry, matrix_of, name_text, number_text, value_text
from grader.model import ArrayValue, NumberValue, Value
from grader.report.worked_example import Fraction, Part
from grader.text import printable

__all__ = ["calculation", "equation", "formula", "statements"]

_TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<name>[^\W\dᵀ][^\Wᵀ]*(?:\.[^\W\dᵀ][^\Wᵀ]*)*′*)|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<transposed>ᵀ)|(?P<operator>←|\*\*|==|\+=|-=|//|[-−+*/·⊙@=(){}\[\],:<>≤≥|½²√‖…→])"
)
_LONGEST_NAME = 14
"""Characters: after a longer one, a narrow page can break the line."""
_SHOWN_AS = {"-": "−", "-=": "−="}
_FENCES = frozenset("()[]{}|‖")
_FUNCTIONS = frozenset({"ln", "log"})
"""Their argument may follow without parentheses."""
_REMARK = re.compile(r",? (?:with|over|in every|in shape) .+|, but .+")
"""What may follow a formula in words."""


def statements(text: str) -> list[Markup]:
    """Return the formulas of a text, which a semicolon separates."""
    return [formula(statement) for statement in text.split("; ")]


def formula(text: str) -> Markup:
    """Return a formula as MathML, and a remark in words that follows it as it is.

    Return code if the formula is not only names, numbers and operators.
    """
    remark = _REMARK.search(text)
    inside = _row(text[: remark.start()] if remark else text)
    if inside is None:
        return Markup("<code>{}</code>").format(printable(formula_text(text)))
    return _math(inside) + (printable(formula_text(remark[0])) if remark else "")


def equation(name: str, value: Value) -> Markup:
    """Return ``name = value``, with the wrong entries of an array marked; a value in words as it is."""
    name = name_text(name)
    if not matrix_of(value) and not isinstance(value, NumberValue):
        words = Markup('<span class="said">{}</span>').format(printable(value_text(value)))
        return Markup("{} {}").format(_named(name), words) if name else words
    left = _row(name) if name else Markup()
    right = _part(value)
    if left is None:
        return Markup("{} {}").format(_named(name), _math(right))
    if not name:
        return _math(right)
    if len(name) > _LONGEST_NAME:
        return Markup("{} {}").format(_math(left), _math(_operator("=") + right))
    return _math(left + _operator("=") + right)


def calculation(parts: Iterable[Part]) -> Markup:
    """Return one line of a calculation, which can be broken before each equals sign but the first."""
    sides: list[list[Markup]] = [[]]
    signs = 0
    for part in parts:
        signs += part == "="
        if part == "=" and signs > 1:
            sides.append([])
        sides[-1].append(_part(part))
    return Markup(" ").join(_math(Markup().join(side)) for side in sides)


def _named(name: str) -> Markup:
    return Markup('<span class="named">{}:</span>').format(printable(name))


def _math(inside: Markup) -> Markup:
    return Markup("<math><mrow>{}</mrow></math>").format(inside)


def _part(part: Part | Value) -> Markup:
    match part:
        case str():
            part = name_text(part)
            row = _row(part)
            return Markup("<mtext>{}</mtext>").format(printable(part)) if row is None else row
        case Fraction(over, under):
            rows = (Markup().join(map(_part, side)) for side in (over, under))
            return Markup("<mfrac><mrow>{}</mrow><mrow>{}</mrow></mfrac>").format(*rows)
        case ArrayValue():
            return _matrix(matrix_of(part), is_column=part.shape[-1] == 1)
        case NumberValue(value):
            return _number(number_text(value))
        case _:
            return Markup("<mtext>{}</mtext>").format(printable(value_text(part)))


def _matrix(rows: Sequence[Sequence[Entry]], *, is_column: bool) -> Markup:
    lines = (Markup("<mtr>{}</mtr>").format(Markup().join(map(_entry, row))) for row in rows)
    return Markup('<mtable class="{}">{}</mtable>').format(
        "matrix column" if is_column else "matrix", Markup().join(lines)
    )


def _entry(entry: Entry) -> Markup:
    kind = Markup(' class="wrong"') if entry.is_wrong else Markup()
    return Markup("<mtd{}>{}</mtd>").format(kind, _number(entry.text))


def _number(text: str) -> Markup:
    if not re.fullmatch(r"-?[\d.]+", text):
        return Markup("<mtext>{}</mtext>").format(text)
    if text.startswith("-"):
        return Markup('<mrow><mo form="prefix">−</mo><mn>{}</mn></mrow>').format(text[1:])
    return Markup("<mn>{}</mn>").format(text)


def _row(text: str) -> Markup | None:
    """Return the elements of a formula; ``None`` if it is something else, such as a sentence."""
    found: list[Markup] = []
    place, names_in_a_row, was_space, before = 0, False, False, ""
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            return None
        place = match.end()
        kind, token = match.lastgroup, match[0]
        if kind == "space":
            was_space = True
            continue
        if kind == "name":
            if names_in_a_row and was_space and before not in _FUNCTIONS:
                return None
            found.append(Markup("<mi>{}</mi>").format(printable(token)))
        elif kind == "number":
            found.append(Markup("<mn>{}</mn>").format(token))
        elif kind == "transposed":
            # Without a font for mathematics, browsers lift a superscript far above its line: the letter is one already.
            found.append(Markup('<mo lspace="0" rspace="0" form="postfix">{}</mo>').format(token))
        else:
            found.append(_operator(token))
        names_in_a_row, was_space, before = kind == "name", False, token
    return Markup().join(found)


def _operator(token: str) -> Markup:
    stretch = Markup(' stretchy="false"') if token in _FENCES else Markup()
    return Markup("<mo{}>{}</mo>").format(stretch, escape(_SHOWN_AS.get(token, token)))
