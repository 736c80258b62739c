"""The page asks about shared wrong numbers if chance and common mistakes explain them badly, and only then."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

import pytest
from class_reports import UNGRADED, column, printed_loss, result, wrong
from msgspec import structs

from grader.model import (
    CriterionResult,
    ExceptionValue,
    NothingValue,
    NumberValue,
    Status,
    SubmissionResult,
    TextValue,
)
from grader.report.page.agreement import agreements_of


def backward(number: float) -> CriterionResult:
    return wrong("backward.dz", column(number))


def fit(number: float) -> CriterionResult:
    return wrong("fit.loss", printed_loss(number))


def others(number: int) -> list[SubmissionResult]:
    """Return submissions that are wrong in both parts, each in a way of its own."""
    return [result(f"other{i}", backward(100 + i), fit(100 + i)) for i in range(number)]


def asked(results: Sequence[SubmissionResult]) -> list[list[str]]:
    return [[results[i].id for i in one.members] for one in agreements_of(results).surprising]


def test_rare_wrong_numbers_in_both_parts_are_asked_about() -> None:
    results = [
        *others(8),
        result("bob", backward(0.5), fit(2)),
        result("carol", backward(0.5), fit(2)),
        result("dave"),
    ]
    (one,) = agreements_of(results).surprising
    assert [results[i].id for i in one.members] == ["bob", "carol"]
    # Of ten that are wrong in both parts, two have the one and two the other: 1 in the number of pairs of ten.
    assert (one.number, one.chance) == (10, Fraction(1, 45))


def test_a_mistake_that_many_make_is_not_asked_about() -> None:
    many = [result(f"many{i}", backward(0.5), fit(100 + i)) for i in range(8)]
    pair = [result("bob", backward(0.5), fit(2)), result("carol", backward(0.5), fit(2))]
    results = [*others(4), *many, *pair]
    assert asked(results) == []
    counts = {wrong.part: len(wrong.members) for wrong in agreements_of(results).single}
    assert counts == {"backward": 10, "fit": 2}


def test_agreement_in_one_part_is_listed_but_not_asked_about() -> None:
    results = [*others(50), result("bob", backward(0.5)), result("carol", backward(0.5))]
    found = agreements_of(results)
    assert found.surprising == ()
    assert [[results[i].id for i in one.members] for one in found.single] == [["bob", "carol"]]


def test_only_those_who_are_wrong_in_both_parts_are_compared() -> None:
    results = [*others(3), result("bob", backward(0.5)), result("carol", fit(2)), result("dave"), UNGRADED]
    assert agreements_of(results).comparable == 3


def test_in_a_small_class_nothing_is_surprising() -> None:
    assert (
        asked([*others(2), result("bob", backward(0.5), fit(2)), result("carol", backward(0.5), fit(2))])
        == []
    )


@pytest.mark.parametrize(
    "loss",
    [
        wrong("fit.loss", {"": TextValue("no such line")}),
        wrong("fit.loss", {"": NothingValue()}),
        wrong("fit.loss", {"mean": NumberValue(0)}),
        wrong("fit.loss", {"": ExceptionValue("ValueError", "line 31")}, Status.ERROR),
        wrong("fit.loss", None, Status.TIMEOUT),
    ],
)
def test_doing_nothing_or_raising_is_not_a_wrong_number(loss: CriterionResult) -> None:
    results = [*others(30), result("bob", backward(0.5), loss), result("carol", backward(0.5), loss)]
    assert asked(results) == []
    assert {one.part for one in agreements_of(results).single} == {"backward"}


def test_the_same_number_on_another_example_does_not_agree() -> None:
    here = fit(2)
    assert here.finding is not None
    elsewhere = replace(here, finding=structs.replace(here.finding, facts={"labels": NumberValue(1)}))
    assert (
        asked([*others(30), result("bob", backward(0.5), fit(2)), result("carol", backward(0.5), elsewhere)])
        == []
    )


def test_equal_files_are_reported_once() -> None:
    twins = [result(name, backward(0.5), fit(2), sha256="same") for name in ("bob", "carol")]
    found = agreements_of([*others(8), *twins, UNGRADED, UNGRADED])
    assert (found.files, found.surprising, found.single) == (((8, 9),), (), ())


def random_class(draw: random.Random, mistaken: Callable[[], float]) -> list[SubmissionResult]:
    """Return forty that work alone; some mistakes are common, most are rare."""
    results = []
    for i in range(40):
        chance = mistaken()
        lost = [part(round(draw.paretovariate(0.7), 0)) for part in (backward, fit) if draw.random() < chance]
        results.append(result(f"s{i}", *lost))
    return results


@pytest.mark.parametrize("strength", ["alike", "strong and weak"])
def test_at_most_one_in_twenty_classes_that_work_alone_is_asked(strength: str) -> None:
    draw = random.Random(0)
    mistaken = {"alike": lambda: 0.5, "strong and weak": lambda: draw.choice([0.05, 0.9])}[strength]
    asking = sum(bool(asked(random_class(draw, mistaken))) for _ in range(400))
    assert asking <= 400 // 20


def test_in_a_large_class_a_copy_of_rare_mistakes_is_found() -> None:
    draw = random.Random(1)
    results = [one for _ in range(5) for one in random_class(draw, lambda: 0.5)]
    copied = result("bob", backward(-0.3), fit(-2))
    copy = replace(copied, id="carol", sha256="another file")
    assert asked([*results, copied, copy]) == [["bob", "carol"]]
