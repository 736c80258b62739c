"""The figures on the class page mean what their names say, for very small classes too."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from class_reports import CRITERIA, HIGHEST, UNGRADED, UNREADABLE, class_of, result, wrong

from grader.model import Report, Status
from grader.report.page.items import items_of
from grader.report.page.scores import scores_of

LOST: list[list[str]] = [
    [],
    ["fit.loss"],
    ["backward.dz"],
    ["backward.dz", "backward.da_prev"],
    ["backward.dz", "backward.da_prev", "fit.loss"],
    ["training.monotone_loss", "backward.dz"],
    list(CRITERIA),
]


def report_of(lost: list[list[str]]) -> Report:
    return class_of(*(result(f"s{i}", *map(wrong, ids)) for i, ids in enumerate(lost)))


def test_difficulty_is_the_share_of_the_points_that_was_earned() -> None:
    found = {item.id: item.difficulty for item in items_of(report_of(LOST))}
    assert found == pytest.approx({id_: sum(id_ not in ids for ids in LOST) / len(LOST) for id_ in CRITERIA})


def test_discrimination_is_the_correlation_with_all_the_other_points() -> None:
    points = np.array([[0.0 if id_ in ids else CRITERIA[id_] for id_ in CRITERIA] for ids in LOST])
    for i, item in enumerate(items_of(report_of(LOST))):
        others = np.delete(points, i, axis=1).sum(axis=1)
        assert item.discrimination == pytest.approx(np.corrcoef(points[:, i], others)[0, 1])


def test_the_interval_of_a_correlation_follows_fisher() -> None:
    item = next(item for item in items_of(report_of(LOST * 4)) if item.id == "fit.loss")
    assert item.discrimination is not None
    assert item.interval is not None
    low, high = item.interval
    # On the scale of z it reaches 1.96/√(n − 3) to either side, and n is 28.
    assert np.arctanh([low, high]) == pytest.approx(
        np.arctanh(item.discrimination) + np.array([-0.392, 0.392]), abs=1e-3
    )


@pytest.mark.parametrize("number", [0, 1, 2])
def test_fewer_than_three_have_no_correlation(number: int) -> None:
    assert all(item.discrimination is None for item in items_of(report_of(LOST[-number:] if number else [])))


def test_three_have_a_correlation_but_no_interval() -> None:
    item = items_of(report_of([[], ["backward.dz", "fit.loss"], ["fit.loss"]]))[0]
    assert item.discrimination == pytest.approx(0.5)
    assert item.interval is None


def test_there_is_no_correlation_if_all_submissions_are_alike() -> None:
    items = {
        item.id: item
        for item in items_of(report_of([["fit.loss"], ["fit.loss"], ["fit.loss", "backward.dz"]]))
    }
    assert items["fit.loss"].discrimination is None
    assert items["backward.da_prev"].discrimination is None
    # All the others together are alike too.
    assert items["backward.dz"].discrimination is None


def test_only_graded_submissions_count_for_the_criteria() -> None:
    alone, among = report_of(LOST), class_of(*report_of(LOST).submissions, UNREADABLE, UNGRADED)
    assert items_of(alone) == items_of(among)


def test_how_a_criterion_was_lost_is_counted() -> None:
    late = wrong("fit.loss", status=Status.TIMEOUT)
    item = items_of(
        class_of(result("a", late), result("b", late), result("c", wrong("fit.loss")), result("d"))
    )[2]
    assert item.counts == {Status.TIMEOUT: 2, Status.FAILED: 1, Status.PASSED: 1}


def test_every_score_is_in_one_bin() -> None:
    scores = scores_of(class_of(*report_of(LOST).submissions, UNREADABLE, UNGRADED))
    assert [one.total for one in scores.bins] == [2, 1, 0, 1, 0, 1, 1, 0, 1, 1]
    assert [one.unreadable for one in scores.bins] == [1, *[0] * 9]
    assert (scores.number, scores.full) == (8, 1)


def test_a_score_on_an_edge_belongs_to_the_bin_above() -> None:
    scores = tuple(replace(result(str(i)), score=10.0 * i) for i in range(11))
    assert [one.total for one in scores_of(class_of(*scores)).bins] == [*[1] * 9, 2]


def test_quartiles_are_scores_of_the_class() -> None:
    scores = scores_of(report_of([[], [], ["fit.loss"], list(CRITERIA), list(CRITERIA)]))
    assert scores.quartiles == (0, 80, HIGHEST)
    assert scores.mean == pytest.approx(56)


def test_a_class_without_scores_has_no_mean() -> None:
    scores = scores_of(class_of(UNGRADED))
    assert (scores.number, scores.mean, scores.quartiles) == (0, None, None)
