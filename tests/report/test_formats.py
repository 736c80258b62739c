"""Every format can be read by its readers, for results of the corpora and for hostile ones."""

from __future__ import annotations

import base64
import csv
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from in_process import grade_paths
from junitparser import JUnitXml
from lxml import etree
from markdown_it import MarkdownIt
from markdown_it.token import Token

from grader.model import CriterionResult, Message, Report, Status, SubmissionResult, SubmissionStatus
from grader.report.csv_table import harmless
from grader.report.document import document
from grader.report.formats import FORMATS, Options
from grader.report.lms.gradescope_results import render_failure, render_unfinished
from grader.report.markdown import render_summary
from grader.report.words import explained, message_of, word_of
from grader.resources import assignment_path, solution_path
from grader.settings import Settings
from grader.text import printable
from grader.version import kit_version

HERE = Path(__file__).parent
CORPORA = HERE.parent / "submissions"
UNGRADED = SubmissionResult(
    "dave",
    "dave.py",
    "d" * 64,
    SubmissionStatus.UNGRADED,
    None,
    100.0,
    reasons=(Message.verbatim("No memory is left."),),
)
SCHEMA = json.loads(FORMATS["schema"].render(Report("", 0, 100, ()), Options()))
DIRECTIONS = "\u202a\u202b\u202d\u202e"


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """What the exam says of some of the corpora, of what cannot be read, and a result without a mark."""
    folder = tmp_path_factory.mktemp("real")
    broken = folder / "broken.py"
    broken.write_text("class Layer:\n    def backward(self:\n", encoding="utf-8")
    skeleton = Path(shutil.copy(assignment_path() / "perceptron.py", folder / "skeleton.py"))
    wrong = CORPORA / "wrong"
    paths = [
        solution_path() / "perceptron.py",
        skeleton,
        wrong / "updated-before-da_prev" / "in_place.py",
        wrong / "derivative-missing",
        CORPORA / "hostile" / "exhaust_output_while_loaded.py",
        broken,
    ]
    results = tuple(grade_paths(paths, Settings(timeout=2.0)))
    statuses = {result.status for result in results}
    assert statuses == {SubmissionStatus.GRADED, SubmissionStatus.UNREADABLE}
    return Report(kit_version(), 0, 100.0, (*results, UNGRADED))


def rendered(name: str, report: Report, *results: SubmissionResult) -> str:
    return FORMATS[name].render(replace(report, submissions=results) if results else report, Options())


# The JSON document


def test_the_schema_is_a_valid_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_reports_match_the_schema(real: Report, hostile: Report) -> None:
    for report in (real, hostile):
        jsonschema.validate(json.loads(rendered("json", report)), SCHEMA)


def fields(schema: dict[str, Any]) -> set[str]:
    """Return the names of all fields that a schema describes."""
    properties = schema.get("properties", {})
    return set(properties).union(*map(fields, schema.get("$defs", {}).values()))


def written(value: object) -> Iterator[str]:
    """Yield the names of all fields of a document, but for the names of values, which are the exam's."""
    if isinstance(value, list):
        for item in value:
            yield from written(item)
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            if key in {"seen", "due", "facts"} and isinstance(item, dict):
                yield from written(list(item.values()))
            elif key != "values":
                yield from written(item)


def test_the_schema_describes_every_field(hostile: Report) -> None:
    assert set(written(document(hostile))) == fields(SCHEMA)


def submission_with_points(status: Status, points: float) -> dict[str, Any]:
    criterion = CriterionResult("fit.loss", "a title", points, 5, status)
    graded = replace(UNGRADED, status=SubmissionStatus.GRADED, score=points, criteria=(criterion,))
    found: dict[str, Any] = document(Report("", 0, 1, (graded,)))["submissions"][0]
    return found


def test_a_passed_criterion_earns_points(real: Report) -> None:
    passed = {"submissions": [submission_with_points(Status.PASSED, 5)]}
    jsonschema.validate(document(real) | passed, SCHEMA)


@pytest.mark.parametrize(
    "change",
    [
        {"schema": 1},
        {"seed": -1},
        {"submissions": [document(Report("", 0, 1, (UNGRADED,)))["submissions"][0] | {"score": 0}]},
        {"submissions": [{"id": "alice"}]},
        {"submissions": [submission_with_points(Status.FAILED, 5)]},
    ],
    ids=["schema", "seed", "a score for an ungraded one", "fields missing", "points for a failed criterion"],
)
def test_other_documents_do_not_match_the_schema(real: Report, change: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document(real) | change, SCHEMA)


def test_lines_are_the_submissions_of_the_document(real: Report, hostile: Report) -> None:
    for report in (real, hostile):
        lines = rendered("jsonl", report).splitlines()
        assert [json.loads(line) for line in lines] == document(report)["submissions"]


# CSV


def table(text: str) -> list[dict[str, str]]:
    content = text.encode().decode("utf-8-sig")
    return list(csv.DictReader(StringIO(content, newline=""), strict=True))


def test_a_table_has_a_column_for_each_criterion(real: Report) -> None:
    rows = table(rendered("csv", real))
    for row, result in zip(rows, real.submissions, strict=True):
        assert (row["id"], row["status"], float(row["max_score"])) == (result.id, result.status, 100)
        assert row["score"] == ("" if result.score is None else f"{result.score:g}")
        assert [float(row[criterion.id]) for criterion in result.criteria] == [
            criterion.points for criterion in result.criteria
        ]


def test_hostile_rows_stay_separate_and_no_cell_is_a_formula(hostile: Report) -> None:
    rows = table(rendered("csv", hostile))
    assert [row["status"] for row in rows] == ["graded", "unreadable", "ungraded"]
    cells = [cell for row in rows for cell in row.values()]
    assert [cell for cell in cells if cell.lstrip().startswith(("=", "+", "-", "@"))] == []
    assert [cell for cell in cells if not cell.replace("\n", "").isprintable()] == []


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\n=1", "\uff1d1"])
def test_a_formula_gets_an_apostrophe(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["alice", "a=1", "李", ""])
def test_other_text_does_not_change(text: str) -> None:
    assert harmless(text) == text


def test_a_cell_does_not_begin_with_a_tab_or_a_carriage_return() -> None:
    assert (harmless("\t=1"), harmless("\r=1")) == ("\\t=1", "\\r=1")


# JUnit XML


def test_junit_matches_the_schema(real: Report, hostile: Report) -> None:
    schema = etree.XMLSchema(etree.parse(HERE / "junit.xsd"))
    for report in (real, hostile):
        schema.assertValid(etree.fromstring(rendered("junit", report).encode()))


def test_junitparser_reads_the_results(real: Report) -> None:
    suites = list(JUnitXml.fromstring(rendered("junit", real).encode()))
    for suite, result in zip(suites, real.submissions, strict=True):
        assert suite.name == result.id
        cases = {case.name: case for case in suite}
        for criterion in result.criteria:
            case = cases.pop(criterion.id)
            kinds = [type(outcome).__name__.lower() for outcome in case.result]
            expected = {
                Status.PASSED: [],
                Status.FAILED: ["failure"],
                Status.SKIPPED: ["skipped"],
                Status.ERROR: ["error"],
                Status.TIMEOUT: ["error"],
            }
            assert kinds == expected[criterion.status]
            assert all((outcome.text or "").endswith(explained(criterion)) for outcome in case.result)
        assert list(cases) == ([] if result.status is SubmissionStatus.GRADED else ["examination"])
        counted = sum(not case.is_passed for case in suite)
        assert suite.failures + suite.errors + suite.skipped == counted


# Gradescope


def gradescope_schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((HERE / "gradescope.schema.json").read_text(encoding="utf-8"))
    return schema


def test_gradescope_gets_the_score_and_a_test_for_each_criterion(real: Report) -> None:
    for result in real.submissions:
        results = json.loads(rendered("gradescope", real, result))
        jsonschema.validate(results, gradescope_schema())
        if result is UNGRADED:
            continue
        assert results["score"] == result.score == sum(test["score"] for test in results["tests"])
        assert sum(test["max_score"] for test in results["tests"]) == result.max_score
        assert [test["status"] == "passed" for test in results["tests"]] == [
            criterion.status is Status.PASSED for criterion in result.criteria
        ]


def test_students_see_their_total_on_gradescope(real: Report) -> None:
    for result in real.submissions[:-1]:
        results = json.loads(rendered("gradescope", real, result))
        assert {results["visibility"], *(test["visibility"] for test in results["tests"])} == {"visible"}


def test_a_failure_of_grading_gives_no_score_on_gradescope(real: Report) -> None:
    assert "line 7" not in rendered(
        "gradescope", real, replace(UNGRADED, reasons=(Message.verbatim("Traceback:\n  line 7 of the exam"),))
    )
    for text in (rendered("gradescope", real, UNGRADED), render_failure(message_of(UNGRADED))):
        results = json.loads(text)
        jsonschema.validate(results, gradescope_schema())
        assert not {"score", "tests"} & set(results)
        assert message_of(UNGRADED) in results["output"]


def test_gradescope_gets_no_score_before_all_criteria_are_judged(hostile: Report) -> None:
    for result in hostile.submissions:
        results = json.loads(render_unfinished(result.criteria, 11))
        jsonschema.validate(results, gradescope_schema())
        assert not {"score", "tests"} & set(results)
        assert all(
            f"{criterion.id}: {word_of(criterion.status)}" in results["output"]
            for criterion in result.criteria
        )
        assert re.sub(r"[\n\t]", "", results["output"]).isprintable()


def test_gradescope_gets_only_plain_text(hostile: Report) -> None:
    for result in hostile.submissions:
        results = json.loads(rendered("gradescope", hostile, result))
        formats = {key: value for key, value in results.items() if key.endswith("format")}
        assert set(formats.values()) == {"text"}
        texts = [results["output"], *(test["output"] for test in results.get("tests", []))]
        assert [text for text in texts if not re.sub(r"[\n\t]", "", text).isprintable()] == []


# GitHub


def classroom(report: Report, result: SubmissionResult) -> dict[str, Any]:
    (line,) = rendered("classroom", report, result).splitlines()
    results: dict[str, Any] = json.loads(base64.b64decode(line, validate=True))
    return results


def test_the_tests_for_classroom_add_up_to_the_score(real: Report) -> None:
    for result in real.submissions:
        results = classroom(real, result)
        total = sum(test["score"] for test in results["tests"])
        if result is UNGRADED:
            assert (results["status"], results["max_score"]) == ("error", 0), "which passes on no points"
            continue
        assert (total, results["max_score"]) == (result.score, result.max_score)
        assert results["status"] == ("pass" if result.score == result.max_score else "fail")
        assert {test["status"] for test in results["tests"]} <= {"pass", "fail", "error"}


def acts_on_a_runner(text: str) -> list[str]:
    """Return the lines that GitHub's runner would take for commands."""
    lines = re.split(r"[\r\n]+", text)
    return [line for line in lines if line.lstrip().startswith("::") or "##[" in line]


def test_messages_for_classroom_are_not_commands(hostile: Report) -> None:
    assert acts_on_a_runner(message_of(hostile.submissions[0])) != []
    for result in hostile.submissions:
        for test in classroom(hostile, result)["tests"]:
            assert acts_on_a_runner(test["name"]) == []
            assert acts_on_a_runner(test.get("message", "")) == []


COMMAND = re.compile(r"::(?P<name>error|warning|notice) (?P<properties>[^:\r\n]*)::(?P<message>[^\r\n]*)")


def unescaped(text: str) -> str:
    """Return a value of a workflow command as GitHub's runner reads it."""
    for escape, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escape, character)
    return text


def commands(text: str) -> list[tuple[str, dict[str, str], str]]:
    found = []
    for line in text.splitlines():
        command = COMMAND.fullmatch(line)
        assert command is not None, line
        pairs = (pair.partition("=") for pair in command["properties"].split(","))
        properties = {key: unescaped(value) for key, _, value in pairs}
        found.append((command["name"], properties, unescaped(command["message"])))
    return found


def test_actions_say_the_score_and_what_was_lost(real: Report) -> None:
    said = commands(rendered("actions", real))
    for result in real.submissions:
        of = [(name, message) for name, properties, message in said if result.id in properties["title"]]
        assert (
            ("notice", f"{result.score:g} / 100") in of if result.score is not None else of[0][0] == "error"
        )
        lost = [explained(criterion) for criterion in result.criteria if criterion.status is Status.FAILED]
        if result.status is SubmissionStatus.GRADED:
            assert [message for name, message in of if name == "error" and message in lost] == lost


def test_submissions_cannot_forge_annotations(hostile: Report) -> None:
    said = commands(rendered("actions", hostile))
    kinds = [name for name, _, _ in said]
    assert kinds == ["notice", "notice", "error", "error", "error", "warning", "notice", "error", "error"]
    assert {key for _, properties, _ in said for key in properties} == {"title", "file", "line"}
    assert said[-1][2] == printable(message_of(hostile.submissions[-1]), keep="\n\t"), (
        "a runner reads what was written"
    )


# Markdown


def tokens(text: str) -> list[Token]:
    """Return what a reader of Markdown makes of a text, with what stands in lines after its line."""
    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    return [part for token in parser.parse(text) for part in (token, *(token.children or []))]


def test_markdown_has_a_table_of_scores(real: Report) -> None:
    text = rendered("markdown", real)
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    for row, result in zip(rows, real.submissions, strict=False):
        assert f"`{result.id}`" in row
        assert ("no score" if result.score is None else f"{result.score:g} / 100") in row
    blocks = [token.content for token in tokens(text) if token.type == "fence"]
    for result in real.submissions:
        for criterion in result.criteria:
            assert f"{explained(criterion)}\n" in blocks or criterion.finding is None


def test_markdown_shows_what_students_wrote_as_code(hostile: Report) -> None:
    marked = tokens(rendered("markdown", hostile))
    kinds = {token.type for token in marked}
    assert {"code_inline", "fence", "table_open"} <= kinds
    assert not kinds & {"html_block", "html_inline", "link_open", "image", "autolink"}
    prose = [token.content for token in marked if token.type == "text"]
    assert [text for text in prose if re.search("[<@[]|forged|alert", text)] == []
    headings = [token for token in marked if token.type == "heading_open"]
    assert len(headings) == 1 + len(hostile.submissions)
    rows = [token for token in marked if token.type == "tr_open"]
    criteria = sum(len(result.criteria) for result in hostile.submissions)
    assert len(rows) == 1 + len(hostile.submissions) + 1 + criteria


@pytest.mark.parametrize("id_", ["a|b", "`", "``a` b``", "a`", " a ", "\\", "\\|"])
def test_a_code_span_keeps_the_text(id_: str) -> None:
    named = replace(UNGRADED, id=id_)
    marked = tokens(rendered("markdown", Report("", 0, 100, (named,))))
    spans = [token.content for token in marked if token.type == "code_inline"]
    assert spans.count(id_) == 2, "in the table and over the details"


def test_a_summary_that_would_be_too_long_has_only_the_scores(real: Report) -> None:
    assert render_summary(real) == rendered("markdown", real)
    many = replace(real, submissions=real.submissions * 120)
    text = render_summary(many)
    assert len(text.encode()) < 1024 * 1024
    assert text.count("| `dave` |") == 120
    assert "##" not in text


# All of them


@pytest.mark.parametrize(
    "name", [f.name for f in FORMATS.values() if not f.takes_template and not f.is_for_one]
)
def test_a_report_without_submissions_can_be_rendered(name: str) -> None:
    text = rendered(name, Report("1.2.3", 0, 100, ()))
    assert text == "" or text.endswith("\n")


@pytest.mark.parametrize("name", ["csv", "markdown", "junit", "actions", "gradescope", "classroom"])
def test_text_direction_is_never_overridden(name: str, hostile: Report) -> None:
    one = hostile.submissions[:1] if FORMATS[name].is_for_one else ()
    assert not set(DIRECTIONS) & set(rendered(name, hostile, *one))
