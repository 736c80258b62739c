"""A document can be read back as the results that it was made of, and anything else is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from grader.model import (
    ArrayValue,
    CodeValue,
    CriterionResult,
    Diagnosis,
    ExceptionValue,
    Excerpt,
    Finding,
    Message,
    NothingValue,
    NumberValue,
    Place,
    PrintedValue,
    Report,
    Status,
    SubmissionResult,
    SubmissionStatus,
    TextValue,
)
from grader.report.document import (
    DocumentError,
    document,
    render_json,
    report_of,
    submission_fields,
)
from grader.report.formats import Options

FINDING = Finding(
    "dz",
    Message(
        "{name} is wrong in {count} of {all}, by {most}.", {"name": "dz", "count": 1, "all": 2, "most": 2.0}
    ),
    {"dz": ArrayValue((2, 1), (1.0, 0.1), (0,)), "line": PrintedValue("a\n\x1b[2J\x00")},
    {"dz": NumberValue(1.0), "": NothingValue()},
    {"f": CodeValue("relu"), "it": TextValue("{n} steps", {"n": 3}), "e": ExceptionValue("E", "")},
    Place("work.py", 3, "x = 1"),
)
GRADED = SubmissionResult(
    "alice",
    "class/alice/work.py",
    "a" * 64,
    SubmissionStatus.GRADED,
    7.505,
    37.5,
    ("landlock:7", "rlimits"),
    (
        CriterionResult("backward.shape", "shapes", 5.0, 5.0, Status.PASSED),
        CriterionResult("backward.dz", "dz = da ⊙ f′(z)", 0.0, 15.0, Status.FAILED, FINDING),
        CriterionResult("fit.loss", "the loss", 0.0, 2.5, Status.TIMEOUT, Finding("loss", Message("never"))),
    ),
    (
        Diagnosis(
            *("x", "Layer.backward", ("backward.dz",), 40, "dz = da", "dz = da ⊙ f′(z)"),
            *(Message("only {n}", {"n": 3}), Place("work.py", 31, "dz = da"), Excerpt(30, ("", "    dz = da"))),
        ),
        Diagnosis("y", "Perceptron.fit"),
    ),
    "printed\r\n",
    (Message.verbatim("passed over"),),
)  # fmt: skip
UNREADABLE = SubmissionResult(
    "李", "李.zip", "", SubmissionStatus.UNREADABLE, 0.0, 37.5, reasons=(Message.verbatim("no class"),)
)
UNGRADED = SubmissionResult("bob", "bob", "b" * 64, SubmissionStatus.UNGRADED, None, 37.5)
REPORT = Report("1.2.3", 7, 37.5, (GRADED, UNREADABLE, UNGRADED))


def test_a_report_comes_back_as_it_was() -> None:
    back = report_of(json.loads(render_json(REPORT, Options())))
    assert back == REPORT
    assert render_json(back, Options()) == render_json(REPORT, Options())


@pytest.mark.parametrize("count", range(4))
def test_the_text_is_that_of_the_whole_document(count: int) -> None:
    report = replace(REPORT, submissions=REPORT.submissions[:count])
    assert render_json(report, Options()) == json.dumps(document(report), indent=2) + "\n"


def test_a_lone_surrogate_comes_back_as_its_escape() -> None:
    report = replace(REPORT, submissions=(replace(UNREADABLE, reasons=(Message.verbatim("\udc80"),)),))
    assert report_of(json.loads(render_json(report, Options()))).submissions[0].reasons == (
        Message.verbatim("\\udc80"),
    )


def test_the_fields_of_one_result_keep_every_text() -> None:
    odd = replace(GRADED, output="\udc80")
    fields = json.loads(json.dumps(submission_fields(odd)))
    assert msgspec.convert(fields, SubmissionResult) == odd


@pytest.mark.parametrize("thing", [7, [], None, "text"])
def test_a_document_that_is_not_an_object_is_refused(thing: object) -> None:
    with pytest.raises(DocumentError, match="Expected `object`"):
        report_of(thing)


def test_the_keys_of_the_document_have_a_fixed_order() -> None:
    whole = document(REPORT)
    assert list(whole) == ["schema", "kit", "seed", "language", "max_score", "submissions"]
    assert (whole["schema"], whole["language"]) == (2, "en")
    criterion = whole["submissions"][0]["criteria"][1]
    assert list(criterion) == ["id", "title", "points", "max_points", "status", "message", "finding"]
    assert list(criterion["finding"]) == ["law", "says", "seen", "due", "facts", "place"]


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(json.dumps(document(REPORT)))
    change(whole)
    return whole


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda d: d.update(schema=1), "its schema is 1, and this kit reads 2; grade again to get one"),
        (lambda d: d.pop("schema"), "missing required field `schema`"),
        (lambda d: d.pop("kit"), "missing required field `kit`"),
        (lambda d: d.update(submissions={}), r"Expected `array`, got `object` - at `\$.submissions`"),
        (lambda d: d["submissions"].append(7), r"Expected `object`, got `int` - at `\$.submissions\[3\]`"),
        (lambda d: d["submissions"][0].update(score="7"), r"got `str` - at `\$.submissions\[0\].score`"),
        (lambda d: d["submissions"][0].update(score=True), r"got `bool` - at `\$.submissions\[0\].score`"),
        (lambda d: d["submissions"][0].update(score=-1), r">= 0.0 - at `\$.submissions\[0\].score`"),
        (
            lambda d: d["submissions"][2].update(score=0),
            r"`null`, got `int` - at `\$.submissions\[2\].score`",
        ),
        (lambda d: d["submissions"][0].update(status="lost"), "Invalid value 'lost'"),
        (lambda d: d["submissions"][0]["criteria"][0].pop("message"), "missing required field `message`"),
        (lambda d: d["submissions"][0]["isolation"].append(None), r"Expected `str`, got `null`"),
        (lambda d: d["submissions"][0]["criteria"][1]["finding"]["seen"].update(x=1), r"finding.seen\[...\]"),
    ],
)
def test_a_document_that_is_not_a_report_is_refused_with_what_and_where(
    change: Callable[[dict[str, Any]], object], complaint: str
) -> None:
    with pytest.raises(DocumentError, match=complaint):
        report_of(changed(change))
