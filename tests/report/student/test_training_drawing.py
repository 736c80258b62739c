"""Curves and boundaries lie where the numbers are, and are told in words too."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from msgspec.structs import replace
from student_results import PICTURE

from grader.report.student.drawing import Boundary, LossCurves

Point = tuple[float, float]


def points(text: str) -> list[Point]:
    return [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", text)]


def area(path: str) -> float:
    """Return the area inside closed paths, by the shoelace formula."""
    total = 0.0
    for part in path.split("Z")[:-1]:
        box = re.fullmatch(r"M([\d.]+),([\d.]+)H([\d.]+)V([\d.]+)H[\d.]+", part)
        if box:
            left, top, right, bottom = map(float, box.groups())
            total += (right - left) * (bottom - top)
        else:
            corners = points(part)
            total += abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise([*corners, corners[0]]))) / 2
    return total


def test_both_curves_begin_at_one_point_and_higher_losses_lie_higher() -> None:
    own, due = points(LossCurves(PICTURE).own), points(LossCurves(PICTURE).due)
    assert own[0] == due[0]
    assert [y for _, y in own] == sorted(y for _, y in own)
    assert all(x == other_x and y <= other_y for (x, y), (other_x, other_y) in zip(own, due, strict=True))


def test_ticks_and_curve_share_a_scale() -> None:
    curves = LossCurves(PICTURE)
    ticks = {tick.text: tick.place for tick in curves.losses}
    assert points(curves.due)[0][1] == pytest.approx(ticks["1.0"], abs=0.1)
    assert points(curves.due)[0][0] == pytest.approx(next(curves.epochs).place, abs=0.1)


@pytest.mark.parametrize(
    ("losses", "says", "drawn"),
    [
        ((1.0, 0.5, 0.25), "Your mean loss goes from 1.00 to 0.25.", 3),
        ((1.0, 50.0, 90.0), "Your mean loss grows from 1.00 off the scale.", 3),
        ((1.0, 0.5, None), "Your mean loss is not a finite number after epoch 2.", 2),
        ((1.0,), "After epoch 1, your parameters are not finite numbers in their shapes.", 1),
    ],
)
def test_a_training_that_fails_is_told_and_drawn_as_far_as_it_goes(
    losses: tuple[float | None, ...], says: str, drawn: int
) -> None:
    curves = LossCurves(replace(PICTURE, losses=losses))
    assert curves.says == f"{says} The reference falls from 1.00 to 0.10 in 2 epochs."
    assert len(points(curves.own)) == drawn
    assert curves.highest <= 4


def test_the_shaded_region_is_where_the_network_says_class_1() -> None:
    boundary = Boundary(PICTURE)
    inner = boundary.size - 2 * boundary.margin
    # The right half, from halfway between the third and the fourth of five columns.
    assert area(boundary.region) == pytest.approx(inner * inner * 1.5 / 4, rel=0.01)
    assert {x for x, _ in points(boundary.line)} == {boundary.margin + inner * 2.5 / 4}


def test_a_closed_boundary_is_one_closed_path_around_its_region() -> None:
    boundary = Boundary(PICTURE)
    assert boundary.due_line.count("M") == 1
    corners = points(boundary.due_line)
    assert corners[0] == corners[-1]
    assert len(corners) == 5


@pytest.mark.parametrize(
    ("outputs", "line", "whole"),
    [(bytes([100] * 25), "", True), (bytes(25), "", False)],
)
def test_a_network_of_one_class_has_no_boundary(outputs: bytes, line: str, whole: bool) -> None:
    boundary = Boundary(replace(PICTURE, outputs=outputs))
    assert boundary.line == line
    assert (area(boundary.region) > 0) is whole
    assert "Yours puts the whole plane into one class." in boundary.says


def test_without_outputs_nothing_is_drawn() -> None:
    boundary = Boundary(replace(PICTURE, outputs=b""))
    assert (boundary.region, boundary.line) == ("", "")
    assert "no outputs that could be drawn; the reference gets 2 of 2 right" in boundary.says


def test_examples_lie_in_the_plane_with_the_first_feature_to_the_right() -> None:
    boundary = Boundary(PICTURE)
    middle, corner = boundary.dots
    assert (middle.x, middle.y, middle.label) == (boundary.size / 2, boundary.size / 2, 1)
    assert corner.x > middle.x
    assert corner.y < middle.y
