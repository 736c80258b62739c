"""A comparison of two gradings names what has changed, and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace

from grader.model import CriterionResult, Finding, Message, Status, SubmissionResult, SubmissionStatus
from grader.report.comparison import compare, comparison_document, render_comparison

DZ = CriterionResult("backward.dz", "dz", 15.0, 15.0, Status.PASSED)
LOSS = CriterionResult("fit.loss", "loss", 5.0, 5.0, Status.PASSED)


def result(id_: str, *criteria: CriterionResult) -> SubmissionResult:
    score = sum(c.points for c in criteria)
    return SubmissionResult(id_, f"{id_}.py", "", SubmissionStatus.GRADED, score, 20.0, criteria=criteria)


def lost(criterion: CriterionResult, status: Status = Status.FAILED, says: str = "") -> CriterionResult:
    return replace(criterion, points=0.0, status=status, finding=Finding("", Message(says)))


SAME = result("same", DZ, LOSS)
UNREADABLE = SubmissionResult("gone\x1b[2J", "", "", SubmissionStatus.UNREADABLE, 0.0, 20.0)
UNGRADED = SubmissionResult("back", "", "", SubmissionStatus.UNGRADED, None, 20.0)
OLD = [SAME, result("up", lost(DZ), LOSS), result("swap", lost(DZ), LOSS), UNREADABLE, UNGRADED]
NEW = [result("new", DZ), result("swap", DZ, lost(LOSS)), result("up", DZ, LOSS), result("back", DZ), SAME]


def test_changes_are_listed_with_their_criteria() -> None:
    assert render_comparison(compare(OLD, NEW), "utf-8").splitlines() == [
        "back  no score → 15 / 20",
        "  backward.dz: not there → passed  (+15)",
        "swap  5 / 20 → 15 / 20  (+10)",
        "  backward.dz: failed → passed  (+15)",
        "  fit.loss: passed → failed  (−5)",
        "up  5 / 20 → 20 / 20  (+15)",
        "  backward.dz: failed → passed  (+15)",
        "new  new: 15 / 20",
        "gone\\x1b[2J  gone; it had 0 / 20 (unreadable)",
        "",
        "3 changed, 1 unchanged, 1 new, 1 gone",
    ]


def test_another_status_with_the_same_score_is_a_change() -> None:
    compared = compare([result("a", lost(DZ))], [result("a", lost(DZ, Status.TIMEOUT))])
    assert not compared.is_same
    assert "backward.dz: failed → timeout  (±0)" in render_comparison(compared, "utf-8")


def test_changes_are_in_alphabetical_order() -> None:
    ids = ["Zoe", "anna", "\u00d3scar", "Otto", "eve"]
    compared = compare([result(id_, lost(DZ)) for id_ in ids], [result(id_, DZ) for id_ in ids])
    assert [change.new.id for change in compared.changed] == ["anna", "eve", "\u00d3scar", "Otto", "Zoe"]


def test_another_message_or_path_is_not_a_change() -> None:
    old, new = result("a", lost(DZ, says="x")), result("a", lost(DZ, says="y"))
    assert compare([old], [replace(new, path="elsewhere", isolation=("seccomp",))]).is_same


def test_an_ascii_terminal_gets_ascii() -> None:
    assert render_comparison(compare(OLD, NEW), "ascii").isascii()


def test_the_document_has_everything() -> None:
    document = comparison_document(compare(OLD, NEW))
    assert json.loads(json.dumps(document)) == document
    assert [change["id"] for change in document["changed"]] == ["back", "swap", "up"]
    assert document["changed"][0]["difference"] is None
    assert document["changed"][2] == {
        "id": "up",
        "old": {"status": "graded", "score": 5.0, "max_score": 20.0},
        "new": {"status": "graded", "score": 20.0, "max_score": 20.0},
        "difference": 15.0,
        "criteria": [
            {
                "id": "backward.dz",
                "old": {"status": "failed", "points": 0.0, "max_points": 15.0},
                "new": {"status": "passed", "points": 15.0, "max_points": 15.0},
            }
        ],
    }
    assert (document["unchanged"], len(document["new"]), len(document["gone"])) == (1, 1, 1)
