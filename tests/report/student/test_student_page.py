"""A student's page is one file of ASCII, tells what the result has and no more, and shows what others wrote as text."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import pytest
from msgspec import structs
from student_results import CLASS, DIAGNOSIS, REPAIR, RESULT

from grader.explanations import explanation
from grader.model import Diagnosis, Finding, Message, Report, SubmissionResult, SubmissionStatus
from grader.report.formats import Options
from grader.report.html import render_html
from grader.report.student import render_student
from grader.report.student.index import IndexRow, render_index


def words(page: str) -> str:
    """Return the text of a page, without the markup and the style."""
    body = page.partition("<body")[2].partition(">")[2]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def told(result: SubmissionResult = RESULT) -> str:
    return words(render_student(result, CLASS))


def test_it_tells_the_score_and_what_came_of_it() -> None:
    assert "Score: 15 of 30 points" in told()
    assert "1 of 3 criteria earned. One mistake explains 1 of the 2 others." in told()


def test_it_tells_each_mistake_with_its_formulas_and_its_line() -> None:
    page = told()
    title = explanation(DIAGNOSIS.id).title
    assert f"Layer.backward , line 12: {title[0].upper()}{title[1:]}" in page
    assert "Your code computes dz = da It should be dz = da ⊙ f′ ( z )" in page
    assert "12 dz = da (this line holds the mistake)" in page
    assert "11 def backward(self, da, learning_rate):" in page
    assert "The weights move along dz · a_prevᵀ ." in page
    assert "in all 37 cases" in page


def test_the_step_is_worked_out_beside_the_mistake_that_explains_it() -> None:
    page = told()
    assert page.index("perceptron.py") < page.index("Work it out on paper") < page.index("fit. loss")
    assert page.count("Work it out on paper") == 1


def test_a_criterion_that_no_mistake_explains_has_a_part_of_its_own() -> None:
    assert "fit. loss : error fit raised ValueError." in told()
    assert "40 total += loss @ loss" in told()


def test_no_repair_is_shown() -> None:
    assert REPAIR not in render_student(RESULT, CLASS)


def test_it_says_what_a_picture_shows() -> None:
    assert "Your mean loss goes from 1.00 to 0.25." in told()
    assert "What your network learns" not in told(replace(RESULT, picture=None))


def test_full_points_have_no_mistakes() -> None:
    passed = replace(RESULT, score=15.0, criteria=RESULT.criteria[:1], diagnoses=())
    assert "Everything that was checked is right." in told(passed)
    assert "What went wrong" not in told(passed)


def test_a_result_without_criteria_tells_the_score_alone() -> None:
    bare = replace(RESULT, criteria=(), diagnoses=(), output="", picture=None)
    page = told(bare)
    assert "Score: 15 of 30 points" in page
    assert not re.search(r"criteri|backward|wrong|learns", page)


def test_a_hint_has_the_name_and_the_formula_but_no_numbers() -> None:
    hint = structs.replace(DIAGNOSIS, says=None, place=None, excerpt=None, repair="")
    criteria = tuple(
        replace(one, finding=one.finding and Finding(one.finding.law, one.finding.says))
        for one in RESULT.criteria
    )
    page = told(replace(RESULT, criteria=criteria, diagnoses=(hint,), picture=None, output=""))
    assert "dz = da ⊙ f′ ( z )" in page
    assert not re.search(r"line 12|Take these numbers|Work it out|1\.25", page)


def test_two_mistakes_do_not_explain_one_criterion_twice() -> None:
    other = Diagnosis("loss-sign", "Perceptron.fit", ("backward.da_prev", "fit.loss"), 3)
    page = told(replace(RESULT, diagnoses=(DIAGNOSIS, other)))
    assert "2 mistakes explain the rest." in page
    assert page.count("The gradient returned is not") == 1


@pytest.mark.parametrize(
    ("status", "path", "says", "hidden"),
    [
        (
            SubmissionStatus.UNGRADED,
            "a.py",
            "something failed on the machine that graded, not in your work",
            "cannot be examined",
        ),
        (SubmissionStatus.UNREADABLE, "a.py", "It cannot be examined: traceback", "machine that graded"),
        (SubmissionStatus.UNREADABLE, "", "No score: traceback", "machine that graded"),
    ],
)
def test_it_says_whose_fault_it_is_that_there_is_no_verdict(
    status: SubmissionStatus, path: str, says: str, hidden: str
) -> None:
    score = None if status is SubmissionStatus.UNGRADED else 0.0
    page = told(
        replace(
            RESULT,
            status=status,
            score=score,
            path=path,
            criteria=(),
            diagnoses=(),
            reasons=(Message.verbatim("traceback"),),
        )
    )
    assert says in page
    assert hidden not in page


def test_what_was_skipped_is_said_to_the_student() -> None:
    assert "Skipped when the file was run: line 3" in told(
        replace(RESULT, reasons=(Message.verbatim("Skipped when the file was run: line 3"),))
    )


def test_values_in_a_sentence_are_code_and_stay_text() -> None:
    says = Message("The class has no {name}.", {"name": "<b>{x}"})
    page = render_student(replace(RESULT, diagnoses=(structs.replace(DIAGNOSIS, says=says),)), CLASS)
    assert "The class has no <code>&lt;b&gt;{x}</code>." in page


def test_texts_between_backticks_are_code() -> None:
    says = Message("Look at `self.outputs`, not `<b>`.")
    page = render_student(replace(RESULT, diagnoses=(structs.replace(DIAGNOSIS, says=says),)), CLASS)
    assert "Look at <code>self.outputs</code>, not <code>&lt;b&gt;</code>." in page


class Elements(HTMLParser):
    """Collects the names of a page's elements, and of those of their attributes that could act."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.acting: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        acting = {"src", "srcdoc", "style", "href", "xlink:href", "action"}
        self.acting += [name for name, _ in attrs if name.startswith("on") or name in acting]


def test_what_a_student_wrote_is_text(hostile: Report) -> None:
    for result in hostile.submissions:
        page = render_student(result, CLASS)
        assert page.isascii()
        elements = Elements(page)
        assert elements.acting == []
        assert not elements.names & {"script", "img", "iframe", "object", "embed", "link", "a", "form"}
        assert not set("\x00\x08\x1b\r\u202e") & set(unescape(page))


def test_the_same_result_gives_the_same_bytes() -> None:
    assert render_student(RESULT, CLASS) == render_student(RESULT, CLASS)


def test_the_page_holds_all_it_needs() -> None:
    page = render_student(RESULT, CLASS)
    assert page.startswith("<!doctype html>")
    assert not re.search(r"https?://|url\(|@import|<script|\sstyle=", page)


def test_html_of_one_submission_is_its_student_s_page() -> None:
    alone = replace(CLASS, submissions=(RESULT,))
    assert render_html(alone, Options()) == render_student(RESULT, CLASS)
    assert "alice" not in words(render_html(alone, Options(is_anonymous=True)))
    both = replace(CLASS, submissions=(RESULT, replace(RESULT, id="bob")))
    assert "Scores of 2 submissions" in render_html(both, Options())


def test_the_index_names_everybody_as_text_and_links_to_pages() -> None:
    rows = [
        IndexRow("<b>", "15 / 30", "graded", "b-1.html"),
        IndexRow("bob", "0 / 30", "not handed in", ""),
    ]
    page = render_index(rows, {"moodle-feedback.zip": (1, "Moodle: upload it.")}, CLASS)
    assert '<a href="b-1.html"><bdi>&lt;b&gt;</bdi></a>' in page
    assert "moodle-feedback.zip (1 page). Moodle: upload it." in words(page).replace(" (", " (")
    assert page.count("<a ") == 2
