"""Formulas become MathML, and nothing that a student wrote becomes markup."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from grader.model import ArrayValue, NumberValue, TextValue
from grader.report.student.mathml import calculation, equation, formula, statements
from grader.report.worked_example import Fraction


def text_of(markup: str) -> str:
    return "".join(ElementTree.fromstring(f"<p>{markup}</p>").itertext())


@pytest.mark.parametrize(
    "text",
    [
        "dz = da ⊙ f′(z)",
        "da_prev = Wᵀ · dz",
        "W ← W − learning_rate · d_weights",
        "da = (ŷ − y) / (ŷ·(1 − ŷ))",
        "dz = da * self.activation.derivative(z)",
    ],
)
def test_a_formula_keeps_its_names_and_operators(text: str) -> None:
    markup = formula(text)
    assert markup.startswith("<math>")
    assert text_of(markup) == re.sub(r"\s", "", text)


def test_a_transpose_follows_its_matrix_without_a_space() -> None:
    assert '<mi>W</mi><mo lspace="0" rspace="0" form="postfix">ᵀ</mo>' in formula("Wᵀ · dz")


@pytest.mark.parametrize("text", ["the mean of all losses", "“Loss”", "<script>alert(1)</script> & more"])
def test_what_is_no_formula_is_code(text: str) -> None:
    markup = formula(text)
    assert markup.startswith("<code>")
    assert text_of(markup) == text


def test_controls_are_shown_as_escapes() -> None:
    assert text_of(formula("dz\x1b[2J\u202e")) == r"dz\x1b[2J\u202e"


def test_wrong_entries_of_a_matrix_are_marked() -> None:
    markup = equation("dz", ArrayValue((2, 1), (1.0, -0.5), (1,)))
    cells = ElementTree.fromstring(markup).iter("mtd")
    assert [("".join(cell.itertext()), cell.get("class")) for cell in cells] == [
        ("1", None),
        ("−0.5", "wrong"),
    ]


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("ŷ", NumberValue(0.25), "ŷ=0.25"),
        ("ŷ", NumberValue(None), "ŷ=not a finite number"),
        ("", NumberValue(2.0), "2"),
        ("calls of fit", NumberValue(2.0), "calls of fit: 2"),
        (
            "da_prev",
            TextValue("an array of shape {shape}", {"shape": "(2,)"}),
            "da_prev: an array of shape (2,)",
        ),
        ("", TextValue("<b>"), "<b>"),
    ],
)
def test_values_have_their_names(name: str, value: NumberValue | TextValue, shown: str) -> None:
    assert text_of(equation(name, value)) == shown


def test_a_fraction_is_drawn_as_one() -> None:
    fraction = Fraction((NumberValue(1.0), "−", "y"), ("2",))
    assert "<mfrac>" in calculation(("da", "=", fraction))
    assert text_of(calculation(("mean loss", "=", fraction))) == "mean loss=1−y2"


def test_each_statement_is_a_formula_and_a_remark_stays_in_words() -> None:
    texts = [
        text_of(one) for one in statements("W ← W − v, β = 0.9; da_prev = Wᵀ · dz, with W after the update")
    ]
    assert texts == ["W←W−v,β=0.9", "da_prev=Wᵀ·dz, with W after the update"]


def test_the_argument_of_a_logarithm_may_follow_without_parentheses() -> None:
    assert formula("L = −(y·ln ŷ + (1 − y)·ln(1 − ŷ))").startswith("<math>")


def test_a_calculation_can_be_broken_before_its_later_equals_signs() -> None:
    assert calculation(("dz", "=", "da", "=", NumberValue(1.0))).count("<math>") == 2
