"""A document leads back to the results that it was made of."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from grader.report.parsing import DocumentError, report_of, result_of

from grader.model import CriterionResult, Diagnosis, Report, Status, SubmissionResult, SubmissionStatus
from grader.report.document import document, render_json, submission_fields

GRADED = SubmissionResult(
    "alice",
    "class/alice/work.py",
    "a" * 64,
    SubmissionStatus.GRADED,
    7.505,
    37.5,
    ("landlock:7", "rlimits"),
    (
        CriterionResult("backward.shape", "shapes", 5, 5.0, Status.PASSED),
        CriterionResult("backward.dz", "dz = da ⊙ f′(z)", 0.0, 15, Status.FAILED, "a\n\x1b[2J\x00", {"W": "[[1]]"}),
        CriterionResult("fit.loss", "the loss", 0.0, 2.5, Status.TIMEOUT, "never", {}),
    ),
    (Diagnosis("x", "Layer.backward", 31, "dz is da"), Diagnosis("y", "Perceptron.fit", None, "")),
    "printed\r\n",
    "passed over",
)  # fmt: skip
UNREADABLE = SubmissionResult("李", "李.zip", "", SubmissionStatus.UNREADABLE, 0.0, 37.5, message="no class")
UNGRADED = SubmissionResult("bob", "bob", "b" * 64, SubmissionStatus.UNGRADED, None, 37.5)
REPORT = Report("1.2.3", 7, 37.5, (GRADED, UNREADABLE, UNGRADED))


def test_a_report_comes_back_as_it_was() -> None:
    back = report_of(json.loads(render_json(REPORT)))
    assert back == REPORT
    assert render_json(back) == render_json(REPORT)


def test_a_lone_surrogate_comes_back_as_its_escape() -> None:
    report = replace(REPORT, submissions=(replace(UNREADABLE, message="\udc80"),))
    assert report_of(json.loads(render_json(report))).submissions[0].message == "\\udc80"


def test_the_fields_of_one_result_keep_every_text() -> None:
    odd = replace(GRADED, output="\udc80")
    assert result_of(json.loads(json.dumps(submission_fields(odd)))) == odd


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(json.dumps(document(REPORT)))
    change(whole)
    return whole


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda d: d.update(schema=2), "its schema is 2"),
        (lambda d: d.pop("kit"), "'kit' is missing"),
        (lambda d: d.update(submissions={}), "'submissions' is an object"),
        (lambda d: d["submissions"].append(7), "a number where an object should be"),
        (lambda d: d["submissions"][0].update(score="7"), "'score' is a text"),
        (lambda d: d["submissions"][0].update(score=True), "'score' is true or false"),
        (lambda d: d["submissions"][0].update(status="lost"), "no status 'lost'"),
        (lambda d: d["submissions"][0]["criteria"][0].pop("message"), "'message' is missing"),
        (lambda d: d["submissions"][0]["isolation"].append(None), "null in place of a text"),
    ],
)
def test_what_is_no_report_is_refused(change: Callable[[dict[str, Any]], object], complaint: str) -> None:
    with pytest.raises(DocumentError, match=complaint):
        report_of(changed(change))
