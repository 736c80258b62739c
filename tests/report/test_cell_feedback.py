"""nbgrader's cells show findings as tables and as plain text, and students' text only as text."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

from grader.model import (
    ArrayValue,
    CriterionResult,
    Diagnosis,
    Excerpt,
    Feedback,
    Finding,
    Message,
    Place,
    Report,
    Status,
    SubmissionResult,
    SubmissionStatus,
)
from grader.nbgrader.feedback import comments, feedback, summary

FINDING = Finding(
    "law",
    Message("dz should be da ⊙ f′(z)."),
    {"dz": ArrayValue((2, 1), (1.0, 0.5), (0,))},
    {"da ⊙ f′(z)": ArrayValue((2, 1), (0.25, 0.5))},
)
LOST = CriterionResult("backward.dz", "dz is da ⊙ f′(z)", 0, 15, Status.FAILED, FINDING)
RESULT = SubmissionResult("a", "a.py", "", SubmissionStatus.GRADED, 0, 15, criteria=(LOST,))


class Tags(HTMLParser):
    """Collects the names of elements."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        assert {name for name, _ in attrs} <= {"class", "style"}


def test_a_matrix_is_a_table_and_what_differs_is_bold() -> None:
    html = feedback(RESULT, Feedback.FULL)["backward-dz"].html
    assert re.findall(r"<td[^>]*>(.*?)</td>", html) == [
        "<mark><strong>1</strong></mark>",
        "0.5",
        "0.25",
        "0.5",
    ]


def test_plain_text_has_the_same_values() -> None:
    assert feedback(RESULT, Feedback.FULL)["backward-dz"].text.splitlines() == [
        "✗ backward.dz: dz is da ⊙ f′(z) (failed)",
        "dz should be da ⊙ f′(z).",
        "Seen: dz = [[1], [0.5]]",
        "Should be: da ⊙ f′(z) = [[0.25], [0.5]]",
    ]


def test_a_comment_names_the_line_of_an_exception() -> None:
    place = Place("work.py", 3, "1 / 0")
    finding = Finding("law", Message("Layer.backward raised {type}.", {"type": "E"}), place=place)
    lost = replace(LOST, status=Status.ERROR, finding=finding)
    (comment,) = comments(replace(RESULT, criteria=(lost,)), Feedback.FULL).values()
    assert comment == "- `backward.dz` (error): Layer.backward raised E. In line 3 of work.py: 1 / 0"


MISTAKE = Diagnosis(
    "derivative-missing",
    "Layer.backward",
    ("backward.dz",),
    40,
    "dz = da",
    "dz = da ⊙ f′(z)",
    None,
    Place("work.py", 31, "dz = da"),
    Excerpt(30, ("# <b>mine</b>", "dz = da")),
)
DIAGNOSED = replace(RESULT, diagnoses=(MISTAKE,))


def test_a_mistake_stands_in_the_first_cell_that_it_explains_and_in_the_comment() -> None:
    cell = feedback(DIAGNOSED, Feedback.FULL)["backward-dz"]
    assert "&lt;b&gt;mine&lt;/b&gt;" in cell.html
    assert re.search(r"<mark><span[^>]*>  31</span>  dz = da</mark>", cell.html)
    assert "> 31  dz = da" in cell.text
    (comment,) = comments(DIAGNOSED, Feedback.FULL).values()
    assert comment.startswith("- Layer.backward, line 31: ")
    assert comment.endswith("Your code: `dz = da`. It should be: `dz = da ⊙ f′(z)`")


def test_points_alone_leave_a_cell_with_its_share() -> None:
    cell = feedback(DIAGNOSED, Feedback.SCORE)["backward-dz"]
    assert (cell.share, cell.text, cell.html, cell.parts) == (0.0, "", "", {})
    assert comments(DIAGNOSED, Feedback.SCORE) == {}


def test_the_page_has_the_mistake_at_its_top_and_does_not_repeat_the_comment() -> None:
    told = summary(DIAGNOSED, Feedback.FULL)
    assert "Lost by this: backward.dz" in told.mistakes
    assert told.comments == comments(DIAGNOSED, Feedback.FULL)


def test_training_that_fails_by_a_known_mistake_is_not_a_second_comment() -> None:
    training = CriterionResult("training.gradient_check", "training", 0, 5, Status.FAILED, FINDING)
    both = replace(DIAGNOSED, criteria=(LOST, training))
    assert set(comments(both, Feedback.FULL)) == {"layer"}
    assert feedback(both, Feedback.FULL)["training-gradient_check"].parts["is_repeated"]


def test_students_cannot_write_markup(hostile: Report) -> None:
    plain = {
        "div",
        "p",
        "strong",
        "em",
        "dl",
        "dt",
        "dd",
        "table",
        "tbody",
        "tr",
        "td",
        "mark",
        "code",
        "pre",
        "span",
    }
    for cell in feedback(hostile.submissions[0], Feedback.FULL).values():
        assert Tags(cell.html).names <= plain
        assert re.sub(r"[\n\t]", "", cell.text).isprintable()
