"""Nothing that students read in another language is English, in any format, for any submission of the corpora."""

from __future__ import annotations

import base64
import csv
import html
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from io import StringIO
from pathlib import Path

import msgspec
import pytest
from in_process import grade_entries, read_submissions

import grader
from grader.candidate.launcher import ForkingParent
from grader.languages import speaking
from grader.messages import FORMULAS
from grader.model import (
    CodeValue,
    Diagnosis,
    ExceptionValue,
    Finding,
    Message,
    PrintedValue,
    Report,
    SubmissionResult,
    TextValue,
    Value,
)
from grader.nbgrader.feedback import comments, feedback, summary
from grader.report.document import document
from grader.report.formats import FORMATS, Options, Template
from grader.report.lms.gradescope_results import render_unfinished
from grader.report.mistakes import is_quoted
from grader.report.student import render_student
from grader.report.terminal.submissions import Look, render_closing, render_submission
from grader.settings import Settings

PACKAGE = Path(grader.__file__).parent
CORPORA = Path(__file__).parents[1] / "submissions"
TEMPLATES = Path(__file__).parent / "templates"
ENGLISH = frozenset(Path(__file__).with_name("english_words.txt").read_text(encoding="utf-8").split())
"""Common words of English and of this exercise that no Finnish word is spelled like."""
_WORD = re.compile(r"(?<![\w.'`/·{-])[A-Za-z]+(?![\w.=(\[/-]|:\w|\x22:)")
_NOT_WORDS = re.compile(
    r"Loss at epoch|for [\w, ]+ in zip\([^)]*\)|labels\[[^]]*\]|epochs? =|layer\.backward|Layer|\(a return\)|text|"
    r"dtype|data:[\w/;,]+|max\(|perceptron-kit|\b(?:backward|fit|training)\.\w+|NaN"
)
"""Code, and names of what is not translated."""
SOME = (
    *("wrong/derivative-missing/dz_is_da.py", "nonsense/no_classes.py", "nonsense/zeros.py"),
    *("nonsense/fit_one_step_then_raises.py", "nonsense/misspelled_methods.py", "partial/backward_exits.py"),
)
PATHS = {
    "some": [CORPORA / path for path in SOME],
    "many": [
        path for folder in sorted(CORPORA.iterdir()) if folder.is_dir() for path in sorted(folder.iterdir())
    ][::12],
}


@cache
def graded(size: str) -> list[SubmissionResult]:
    read = [one for path in PATHS[size] for one in read_submissions([path])]
    with ForkingParent() as parent:
        return grade_entries(
            [replace(one, id=f"s{number}") for number, one in enumerate(read)],
            parent,
            Settings(pictures=size == "some"),
        )


def own_texts(result: SubmissionResult) -> Iterator[str]:
    """Yield what the submission wrote, or Python said of it: that may be in any language."""
    yield from (result.id, result.path, Path(result.path).name, *result.aliases, *result.output.splitlines())
    for reason in result.reasons:
        yield from texts_in(reason)
    for criterion in result.criteria:
        if criterion.finding is not None:
            yield from texts_of_finding(criterion.finding)
    for diagnosis in result.diagnoses:
        yield from texts_of_diagnosis(diagnosis)


def texts_in(message: Message) -> Iterator[str]:
    for name, value in message.values.items():
        if isinstance(value, Message):
            yield from texts_in(value)
        elif isinstance(value, str) and name not in FORMULAS:
            yield value


def texts_of_finding(finding: Finding) -> Iterator[str]:
    yield from texts_in(finding.says)
    for values in (finding.seen, finding.due, finding.facts):
        for value in values.values():
            yield from texts_of_value(value)
    if finding.place is not None:
        yield from (finding.place.source, finding.place.file)


def texts_of_value(value: Value) -> Iterator[str]:
    match value:
        case PrintedValue(line):
            yield line
        case ExceptionValue(type=type_, text=text):
            yield from (text, type_)
        case CodeValue(text):
            yield text
        case TextValue():
            yield from texts_in(value)


def texts_of_diagnosis(diagnosis: Diagnosis) -> Iterator[str]:
    if is_quoted(diagnosis):
        yield diagnosis.seen
    if diagnosis.says is not None:
        yield from texts_in(diagnosis.says)
    if diagnosis.place is not None:
        yield from (diagnosis.place.source, diagnosis.place.file)
    if diagnosis.excerpt is not None:
        yield from diagnosis.excerpt.lines


def written(results: list[SubmissionResult], language: str) -> Iterator[tuple[str, str]]:
    """Yield everything that is written about results, and what writes it."""
    report = Report("1.2.3", 7, 100.0, tuple(results), language=language)
    yield "class page", visible(FORMATS["html"].render(report, Options()))
    yield "anonymous page", visible(FORMATS["html"].render(report, Options(is_anonymous=True)))
    yield "closing", render_closing(report, Look())
    for result in results:
        one = replace(report, submissions=(result,))
        yield "terminal", without_excerpts(render_submission(result, Look(100), language=language))
        yield "student's page", visible(render_student(result, one))
        for name in ("markdown", "junit", "actions", "gradescope"):
            yield name, FORMATS[name].render(one, Options())
        yield "classroom", base64.b64decode(FORMATS["classroom"].render(one, Options())).decode()
        yield "csv", " ".join(list(csv.reader(StringIO(FORMATS["csv"].render(one, Options()))))[1][-2:])
        with speaking(language):
            yield "json", " ".join(messages_in(document(one)))
            yield "unfinished", render_unfinished(result.criteria[:3], 11)
            for cell in feedback(result, report.feedback).values():
                yield "cells", without_excerpts(cell.text)
                yield "cells", visible(f"{cell.html} {cell.parts}")
            yield "comments", " ".join(comments(result, report.feedback).values())
            yield "summary", visible(summary(result, report.feedback).mistakes)
        sheet = Template("worksheet.csv", (TEMPLATES / "worksheet.csv").read_bytes())
        moodle = FORMATS["moodle"].render(
            replace(one, submissions=(replace(result, aliases=("101",)),)), Options(sheet)
        )
        yield "moodle", " ".join(cell for cell in moodle.split('"') if "perceptron-kit:" in cell)


def visible(page: str) -> str:
    """Return the text of a page, and of the attributes that are read aloud or shown."""
    page = page.replace("<wbr>", "")
    page = re.sub(r"(?s)<(style|script|math)\b.*?</\1>|<[^>]* lang=\"en\">.*?</span>|\\n", " ", page)
    said = " ".join(re.findall(r'(?:aria-label|title|data-(?:filter|hint|found))="([^"]*)"', page))
    return f"{re.sub('<[^>]*>', ' ', page)} {said}"


def messages_in(value: object) -> Iterator[str]:
    match value:
        case dict():
            for key, inner in value.items():
                if key in ("message", "title"):
                    yield str(inner)
                yield from messages_in(inner)
        case list():
            for inner in value:
                yield from messages_in(inner)


def without_excerpts(shown: str) -> str:
    return re.sub(r"(?m)^ *>? +\d+  .*$", "", shown)


def spelled(text: str) -> str:
    return " ".join(html.unescape(text).replace("%0A", " ").replace("\\n", " ").replace('\\"', '"').split())


def english_in(text: str, own: list[str]) -> list[str]:
    """Return the English words in ``text`` outside of the ``own`` texts of a submission."""
    shown = spelled(text)
    for one in own:
        shown = shown.replace(one, " ")
    return [word for word in _WORD.findall(_NOT_WORDS.sub(" ", shown)) if word.lower() in ENGLISH]


@pytest.mark.parametrize("size", ["some", pytest.param("many", marks=pytest.mark.slow)])
def test_no_english_word_is_left_in_any_report(size: str) -> None:
    results = graded(size)
    own = sorted({spelled(text) for one in results for text in own_texts(one)} - {""}, key=len, reverse=True)
    left = {
        (name, " ".join(found))
        for name, text in written(results, "fi")
        if (found := english_in(text, [one for one in own if one in text or len(one) > 1]))
    }
    assert left == set()


def test_a_language_changes_no_score_and_no_finding() -> None:
    results = graded("some")
    english, finnish = (
        msgspec.to_builtins(document(Report("1", 0, 100.0, tuple(results), language=language)))
        for language in ("en", "fi")
    )
    assert (english["language"], finnish["language"]) == ("en", "fi")
    assert json.dumps(neutral(english)) == json.dumps(neutral(finnish))
    assert list(messages_in(english)) != list(messages_in(finnish))


def neutral(value: object) -> object:
    """Return a document without what is in a language."""
    match value:
        case dict():
            return {
                key: neutral(inner)
                for key, inner in value.items()
                if key not in ("message", "title", "language")
            }
        case list():
            return [neutral(inner) for inner in value]
        case _:
            return value


_TAGS = re.compile(r"(?s){%.*?%}|{{.*?}}|{#.*?#}|<style.*?</style>|<[^>]*>")
_TRANSLATED = re.compile(r"(?s){%-? trans\b.*?{%-? endtrans %}")


@pytest.mark.parametrize(
    "path",
    [path for folder in ("report", "nbgrader") for path in sorted((PACKAGE / folder).rglob("*"))
     if path.suffix in (".html", ".jinja")],
    ids=lambda path: path.name,
)  # fmt: skip
def test_templates_have_no_words_of_their_own(path: Path) -> None:
    text = _TRANSLATED.sub(" ", path.read_text(encoding="utf-8"))
    for label in re.findall(r'(?:aria-label|title|placeholder)="([^"{]+)"', text):
        assert not re.search("[a-z]{2}", label), label
    words = re.findall(r"[A-Za-z]{2,}", html.unescape(_TAGS.sub(" ", text)))
    assert [word for word in words if word not in ("SHA", "text", "strong", "code")] == []
