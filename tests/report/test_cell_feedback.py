"""nbgrader's cells show findings as tables and as plain text, and students' text only as text."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

from grader.model import (
    ArrayValue,
    CriterionResult,
    Feedback,
    Finding,
    Message,
    Place,
    Report,
    Status,
    SubmissionResult,
    SubmissionStatus,
)
from grader.nbgrader.feedback import comments, feedback

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
