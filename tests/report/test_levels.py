"""No report tells more than the level of feedback allows, whatever a result holds."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import msgspec
import pytest
from in_process import grade_entries, read_submissions

from grader.candidate.launcher import ForkingParent
from grader.disclosure import disclosed, disclosed_criterion, for_instructors
from grader.model import (
    ArrayValue,
    CriterionResult,
    Diagnosis,
    Excerpt,
    Feedback,
    Finding,
    Message,
    NumberValue,
    Place,
    Report,
    Status,
    SubmissionResult,
    SubmissionStatus,
)
from grader.nbgrader.feedback import comments, feedback, summary
from grader.report.formats import FORMATS, Options, Template
from grader.report.terminal.submissions import Look, render_closing, render_submission
from grader.report.words import message_of
from grader.settings import Settings

TEMPLATES = Path(__file__).parent / "templates"
CORPORA = Path(__file__).parents[1] / "submissions"
SEEN, DUE, FACT, LINE, SOURCE = "7.1319", "7.1321", "7.1327", "713297", "dz = da  # 7.1329"
SAYS, CERTAIN, REPAIR = "7.1331", "7.1341", "7.1347"
SECRETS = (SEEN, DUE, FACT, LINE, SOURCE, SAYS, CERTAIN, REPAIR)
"""What only ``full`` may tell; the repair not even that."""
PLACE = Place("work.py", int(LINE), SOURCE)
FINDING = Finding(
    "law",
    Message("The dz of epoch {epoch} is wrong.", {"epoch": float(SAYS)}),
    {"dz": ArrayValue((1, 1), (float(SEEN),), (0,))},
    {"da ⊙ f′(z)": ArrayValue((1, 1), (float(DUE),))},
    {"da": NumberValue(float(FACT))},
    PLACE,
)
PLAIN = Finding("law", Message("{function} raised {type}.", {"function": "backward", "type": "ValueError"}))
DIAGNOSIS = Diagnosis(
    "derivative-missing",
    "Layer.backward",
    ("backward.dz",),
    40,
    "dz = da",
    "dz = da ⊙ f′(z)",
    Message("Your dz is {dz}.", {"dz": float(CERTAIN)}),
    PLACE,
    Excerpt(int(LINE), (SOURCE,)),
    f"- {SOURCE}\n+ {REPAIR}",
)
CRITERIA = (
    CriterionResult("backward.shape", "the shapes", 5, 5, Status.PASSED),
    CriterionResult("backward.dz", "the gradient", 0, 15, Status.FAILED, FINDING),
    CriterionResult("fit.loss", "the lines", 0, 5, Status.ERROR, PLAIN),
)
RESULT = SubmissionResult(
    "alice", "work.py", "a" * 64, SubmissionStatus.GRADED, 5, 25, (), CRITERIA, (DIAGNOSIS,)
)
BELOW_FULL = (Feedback.SCORE, Feedback.VERDICT, Feedback.HINT)
FOR_INSTRUCTORS = {name for name, one in FORMATS.items() if one.is_for_instructors}


def texts_of(result: SubmissionResult, level: Feedback) -> Mapping[str, str]:
    """Return everything that is written about a result at a level, by what writes it."""
    report = Report("1.2.3", 0, result.max_score, (result,), level)
    options = {"canvas": filled("gradebook.csv", "Perceptron"), "moodle": filled("worksheet.csv", None)}
    texts = {
        name: one.render(report, options.get(name, Options()))
        for name, one in FORMATS.items()
        if one.needs_results
    }
    texts["html"] = re.sub(r"(?s)<(style|svg)\b.*?</\1>", "", texts["html"])
    texts["classroom"] = base64.b64decode(texts["classroom"]).decode()
    terminal = render_submission(result, Look(), level) + render_closing(
        replace(report, submissions=(result, result)), Look()
    )
    cells = "".join(cell.text + cell.html + str(cell.parts) for cell in feedback(result, level).values())
    page = str(summary(result, level).metadata()) + str(comments(result, level))
    return {**texts, "terminal": terminal, "cells": cells, "page": page}


def filled(template: str, column: str | None) -> Options:
    return Options(Template(template, (TEMPLATES / template).read_bytes()), column)


@pytest.mark.parametrize("level", BELOW_FULL)
def test_no_report_tells_a_number_or_a_line_below_full(level: Feedback) -> None:
    told = {
        (name, secret)
        for name, text in texts_of(RESULT, level).items()
        for secret in SECRETS
        if secret in text
    }
    assert told == set()


def test_full_tells_the_line_and_the_example_in_every_report_with_feedback() -> None:
    texts = texts_of(RESULT, Feedback.FULL)
    for name in ("json", "html", "csv", "markdown", "junit", "gradescope", "terminal", "cells"):
        assert LINE in texts[name], name
    for name in ("json", "html", "markdown", "junit", "gradescope", "terminal", "cells", "actions"):
        assert DUE in texts[name].replace("%3A", ":"), name


def test_repairs_are_for_instructors() -> None:
    told = {name for name, text in texts_of(RESULT, Feedback.FULL).items() if REPAIR in text}
    assert told <= FOR_INSTRUCTORS | {"terminal"}
    assert "json" in told


def test_points_alone_do_not_tell_students_which_criteria_were_lost() -> None:
    texts = texts_of(RESULT, Feedback.SCORE)
    naming = {name for name, text in texts.items() if "backward.dz" in text or "the gradient" in text}
    assert naming <= FOR_INSTRUCTORS
    assert "5 / 25" in texts["terminal"]


@pytest.mark.parametrize("level", BELOW_FULL)
def test_the_score_and_the_reasons_for_it_are_told_at_every_level(level: Feedback) -> None:
    unreadable = replace(
        RESULT, status=SubmissionStatus.UNREADABLE, score=0, reasons=(Message.verbatim("it is not Python"),)
    )
    shown = disclosed(unreadable, level)
    assert (shown.score, message_of(shown)) == (0, "it is not Python")


def test_each_level_tells_what_the_one_below_it_does_and_more() -> None:
    assert disclosed(RESULT, Feedback.SCORE).criteria == ()
    verdict, hint = disclosed(RESULT, Feedback.VERDICT), disclosed(RESULT, Feedback.HINT)
    assert [(one.id, one.points, one.status) for one in verdict.criteria] == [
        (one.id, one.points, one.status) for one in RESULT.criteria
    ]
    assert {one.finding for one in verdict.criteria} == {None}
    assert verdict.diagnoses == ()
    (diagnosis,) = hint.diagnoses
    assert (diagnosis.id, diagnosis.seen, diagnosis.due) == (DIAGNOSIS.id, DIAGNOSIS.seen, DIAGNOSIS.due)
    assert disclosed(RESULT, Feedback.FULL).criteria == RESULT.criteria


def test_a_hint_keeps_a_sentence_without_numbers() -> None:
    told = [disclosed_criterion(criterion, Feedback.HINT).finding for criterion in CRITERIA]
    assert told == [None, None, PLAIN]


def test_a_hint_leaves_out_the_numbers_that_only_the_own_formula_has() -> None:
    seen = "W ← W − v, v = β · v + d_weights, β = 0.9; da = 2.5 · (ŷ − y) / (ŷ·(1 − ŷ)); layer 2"
    due = "W ← W − d_weights; da = (ŷ − y) / (ŷ·(1 − ŷ)); layer 2"
    result = replace(RESULT, diagnoses=(msgspec.structs.replace(DIAGNOSIS, seen=seen, due=due),))
    (told,) = disclosed(result, Feedback.HINT).diagnoses
    assert told.seen == "W ← W − v, v = β · v + d_weights, β = …; da = … · (ŷ − y) / (ŷ·(1 − ŷ)); layer 2"
    assert disclosed(result, Feedback.FULL).diagnoses[0].seen == seen


@pytest.mark.parametrize("level", Feedback)
def test_telling_twice_tells_the_same(level: Feedback) -> None:
    assert disclosed(disclosed(RESULT, level), level) == disclosed(RESULT, level)
    assert disclosed(for_instructors(RESULT, level), level) == disclosed(RESULT, level)


def first_of_each(folder: str, count: int | None = None) -> list[Path]:
    found = sorted((CORPORA / folder).iterdir())
    paths = [min(path.glob("*.*")) if path.is_dir() else path for path in found]
    return [path for path in paths if path.suffix in {".py", ".ipynb"}][:count]


CLASSES = {
    "some": [*first_of_each("wrong", 5), *first_of_each("partial", 2)],
    "many": [*first_of_each("wrong", 20), *first_of_each("partial", 5)],
}


@cache
def graded(size: str, level: Feedback) -> list[SubmissionResult]:
    """Return what the exam says of some of the corpora."""
    read = [replace(one, id=one.path) for path in CLASSES[size] for one in read_submissions([path])]
    with ForkingParent() as parent:
        return grade_entries(read, parent, Settings(feedback=level))


def numbers_in(result: SubmissionResult) -> Iterator[str]:
    """Yield the numbers of the examples on which a submission failed, as reports write them, with two decimals or more.

    Shorter ones may stand in a report for other reasons.
    """
    for criterion in result.criteria:
        if criterion.finding is not None:
            found = msgspec.to_builtins(criterion.finding)
            for values in (found["seen"], found["due"], found["facts"]):
                for text in re.findall(r"\d+\.\d{2,}", str(values)):
                    rounded = f"{float(text):.4f}".rstrip("0").rstrip(".")
                    if len(rounded.partition(".")[2]) > 1:
                        yield rounded


@pytest.mark.parametrize("size", ["some", pytest.param("many", marks=pytest.mark.slow)])
def test_no_submission_of_the_corpora_is_told_an_example_below_full(size: str) -> None:
    full, hinted = graded(size, Feedback.FULL), graded(size, Feedback.HINT)
    assert sum(1 for result in full for _ in numbers_in(result)) > len(full)
    for example, hint in zip(full, hinted, strict=True):
        places = [one.finding.place for one in example.criteria if one.finding and one.finding.place]
        secrets = {*numbers_in(example), *(place.source for place in places if place.source)}
        for level in BELOW_FULL:
            texts = texts_of(replace(hint, sha256="", output=""), level)
            assert [(name, one) for name, text in texts.items() for one in secrets if one in text] == []


@pytest.mark.parametrize("size", ["some", pytest.param("many", marks=pytest.mark.slow)])
def test_full_tells_no_number_but_those_of_one_example_a_criterion(size: str) -> None:
    for result in graded(size, Feedback.FULL):
        allowed = set(numbers_in(result))
        alone = replace(result, output="", reasons=(), diagnoses=())
        shown = texts_of(alone, Feedback.FULL)["terminal"]
        told = {text.rstrip("0").rstrip(".") for text in re.findall(r"\d+\.\d{2,}", shown)}
        assert {text for text in told if len(text.partition(".")[2]) > 1} <= allowed
