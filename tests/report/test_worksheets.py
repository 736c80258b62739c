"""Scores get into the rows of the right students of a gradebook or a worksheet, and nothing else changes."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Sequence
from decimal import Decimal
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path

import pytest

import grader.report.lms.moodle
from grader.errors import UsageError
from grader.model import CriterionResult, Finding, Message, Report, Status, SubmissionResult, SubmissionStatus
from grader.report.formats import FORMATS, Options, Template
from grader.report.words import message_of

TEMPLATES = Path(__file__).parent / "templates"
GRADEBOOK = (TEMPLATES / "gradebook.csv").read_text(encoding="utf-8")
WORKSHEET = (TEMPLATES / "worksheet.csv").read_bytes().decode("utf-8")
LANGUAGES = tomllib.loads(
    Path(grader.report.lms.moodle.__file__).with_name("moodle.toml").read_text(encoding="utf-8")
)

LEFT_OUT = "no score for 4 of the 5 students in table.csv; their rows are left out"

Table = list[list[str]]


def graded(id_: str, score: float | None, *aliases: str, message: str = "") -> SubmissionResult:
    status = SubmissionStatus.UNGRADED if score is None else SubmissionStatus.GRADED
    lost = CriterionResult(
        "backward.dz",
        "dz is da ⊙ f′(z)",
        0,
        15,
        Status.FAILED,
        Finding("", Message("{text}", {"text": message})),
    )
    return SubmissionResult(
        id_, f"{id_}.py", "", status, score, 100, criteria=(lost,) if message else (), aliases=aliases
    )


def filled(
    format_: str, template: str | bytes, results: Sequence[SubmissionResult], column: str | None = "22"
) -> tuple[Table, list[str], str]:
    """Return the table that comes out, what was said besides, and the text."""
    said: list[str] = []
    content = template if isinstance(template, bytes) else template.encode()
    options = Options(Template("table.csv", content), column, said.append)
    text = FORMATS[format_].render(Report("", 0, 100, tuple(results)), options)
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter, strict=True)
    return list(reader), said, text


def canvas(
    *results: SubmissionResult, template: str | bytes = GRADEBOOK, column: str | None = "22"
) -> tuple[Table, list[str], str]:
    return filled("canvas", template, results, column)


def moodle(
    *results: SubmissionResult, template: str | bytes = WORKSHEET, column: str | None = None
) -> tuple[Table, list[str], str]:
    return filled("moodle", template, results, column)


def scores(table: Table, column: int) -> dict[str, str]:
    """Return the scores of a gradebook's students by name."""
    return {row[0]: row[column] for row in table[1:] if row[0].strip() not in {"", "Points Possible"}}


def refusal(format_: str, template: str | bytes, column: str | None = None) -> str:
    with pytest.raises(UsageError) as error:
        filled(format_, template, (), column)
    line = str(error.value)
    assert "\n" not in line
    return line


# Canvas


@pytest.mark.parametrize(
    "id_",
    ["102", "=1+1", "bob", "BOB ", "Hatter, Bob", "Bob Hatter", "bob_hatter"],
    ids=["ID", "SIS User ID", "SIS Login ID", "case", "sortable name", "name", "name of a folder"],
)
def test_canvas_students_are_found(id_: str) -> None:
    table, said, _ = canvas(graded(id_, 50))
    assert scores(table, 7) == {"Hatter, Bob": "10"}
    assert said == ["scores out of 100 are scaled to 20, the points possible in table.csv", LEFT_OUT]


def test_an_alias_finds_a_student_too() -> None:
    table, _, _ = canvas(graded("hatterbob_102", 50, "102", "hatterbob"))
    assert scores(table, 7) == {"Hatter, Bob": "10"}


def test_an_identifier_counts_more_than_a_name() -> None:
    two = GRADEBOOK + '"Hatter, Bob",106,005,bob2,B,,,,,\n'
    table, said, _ = canvas(graded("Bob Hatter_106", 50, "106", "Bob Hatter"), template=two)
    assert [row[1] for row in table[3:]] == ["106"]
    assert [line for line in said if "rows are left out" not in line] == [
        "scores out of 100 are scaled to 20, the points possible in table.csv"
    ]


def test_a_name_that_two_have_is_reported() -> None:
    two = GRADEBOOK + '"Hatter, Bob",106,005,bob2,B,,,,,\n'
    table, said, _ = canvas(graded("Bob Hatter", 50), template=two)
    assert scores(table, 7) == {}
    assert "Bob Hatter fits rows 5 and 9 of table.csv; its score is in none of them: 50 / 100" in said


def test_a_row_that_two_submissions_fit_is_reported() -> None:
    table, said, _ = canvas(graded("bob", 50), graded("102", 70), graded("alice", 90))
    assert scores(table, 7) == {"Liddell, Alice": "18"}
    assert (
        "row 5 of table.csv fits several submissions, and has none of their scores: bob (50 / 100), 102 (70 / 100)"
        in said
    )


def test_a_submission_that_fits_no_row_is_reported() -> None:
    table, said, _ = canvas(graded("nobody", 77))
    assert scores(table, 7) == {}
    assert said[0].startswith("nobody is not in table.csv (tried: ID, SIS User ID, ")
    assert said[0].endswith(": 77 / 100")


def test_points_possible_is_not_a_student() -> None:
    table, said, _ = canvas(graded("Points Possible", 77))
    assert table[2][7] == "20.00"
    assert said[0].startswith("Points Possible is not in")


def test_only_students_with_a_score_are_given_to_canvas() -> None:
    table, said, _ = canvas(graded("alice", 0), graded("li", None))
    assert scores(table, 7) == {"Liddell, Alice": "0"}
    assert "li has no score; nothing is changed for it in table.csv" in said


def test_everything_else_in_a_gradebook_stays() -> None:
    before = list(csv.reader(StringIO(GRADEBOOK)))
    table, _, text = canvas(graded("alice", 50), graded("hare", 50))
    after = [row for row in before if row[0] not in {"Hatter, Bob", "李", "Student, Test"}]
    for row in after[3:]:
        row[7] = "10"
    assert table == after
    assert text.startswith("Student,ID,SIS User ID")


def test_a_score_that_is_replaced_is_named() -> None:
    _, said, _ = canvas(graded("alice", 50))
    assert "alice: 1.00 in table.csv is replaced by 10" in said
    assert [line for line in said if "is replaced" not in line] == canvas(graded("alice", 5))[1], "1.00 is 1"


@pytest.mark.parametrize(("cell", "why"), [("EX", "is excused"), ("N/A", "is not assigned this")])
def test_students_who_need_no_score_get_none(cell: str, why: str) -> None:
    table, said, _ = canvas(graded("bob", 50), template=GRADEBOOK.replace("bob,A,,,", f"bob,A,,,{cell}"))
    assert scores(table, 7) == {}
    assert f"bob {why}, according to table.csv; the score is not in it: 50 / 100" in said


@pytest.mark.parametrize(
    ("possible", "score", "written"),
    [
        ("100.00", 85, "85"),
        ("100", 33.335, "33.34"),
        ("7", 50, "3.5"),
        ("30.00", 33.333, "10"),
        ("1", 0.4, "0"),
    ],
)
def test_scores_are_scaled_to_the_points_possible(possible: str, score: float, written: str) -> None:
    table, said, _ = canvas(graded("bob", score), template=GRADEBOOK.replace("20.00", possible))
    assert scores(table, 7) == {"Hatter, Bob": written}
    assert len(said) == (Decimal(possible) != 100) + 1
    assert said[-1] == LEFT_OUT


def test_a_gradebook_with_semicolons_and_decimal_commas_keeps_them() -> None:
    german = (
        "\ufeffStudent;ID;SIS Login ID;Section;Perceptron (22)\r\n    Points Possible;;;;7,50\r\n"
        '"Liddell, Alice";101;alice;"a;b";\r\n'
    )
    _, _, text = canvas(graded("alice", 50), template=german)
    assert text == german.replace('"a;b";', '"a;b";3,75').replace('"Liddell, Alice"', "Liddell, Alice")


def test_first_and_last_names_in_columns_of_their_own_are_names() -> None:
    own = "LastName,FirstName,ID,SIS Login ID,Section,Perceptron (22)\nLiddell,Alice,101,al,A,\n"
    table, said, _ = canvas(graded("Alice Liddell", 50), template=own)
    assert table[1][5] == "50"
    assert said == ["table.csv has no points possible; scores are out of 100"]


def test_an_only_assignment_need_not_be_named() -> None:
    table, _, _ = canvas(graded("alice", 50), template=GRADEBOOK.replace("Quiz (11)", "Quiz"), column=None)
    assert scores(table, 7) == {"Liddell, Alice": "10"}


@pytest.mark.parametrize("column", ["Perceptron", "22", "Perceptron (22)"])
def test_an_assignment_has_a_title_and_a_number(column: str) -> None:
    assert scores(canvas(graded("bob", 50), column=column)[0], 7) == {"Hatter, Bob": "10"}


@pytest.mark.parametrize(
    ("change", "column", "why"),
    [
        (
            ("Quiz", "Quiz"),
            None,
            "table.csv has several assignments; name one with --column: Quiz (11), Perceptron (22)",
        ),
        (("Quiz", "Quiz"), "Essay", "table.csv has no assignment 'Essay'; it has Quiz (11), Perceptron (22)"),
        (("Quiz", "Perceptron"), "Perceptron", "several assignments 'Perceptron'; give --column the number"),
        (
            ("Quiz (11),Perceptron (22)", "Quiz,Perceptron"),
            "Perceptron",
            "make the assignment in Canvas first",
        ),
        (("20.00", "0.00"), "22", "the points possible in Perceptron (22) are '0.00'"),
        (("20.00", "(read only)"), "22", "the points possible in Perceptron (22) are '(read only)'"),
        (("Section", "Abschnitt"), "22", "no columns Student, ID and Section"),
    ],
    ids=["several", "unknown", "twice", "without numbers", "no points", "read only", "no gradebook"],
)
def test_a_gradebook_that_cannot_be_filled_is_refused(
    change: tuple[str, str], column: str | None, why: str
) -> None:
    assert why in refusal("canvas", GRADEBOOK.replace(*change), column)


# Moodle


@pytest.mark.parametrize(
    ("id_", "aliases"),
    [
        ("102", ()),
        ("Teilnehmer/in102", ()),
        ("Bob Hatter", ()),
        ("bob@example.org", ()),
        ("Bob Hatter_102", ("102", "Bob Hatter")),
    ],
    ids=["number", "identifier", "name", "email", "as downloaded"],
)
def test_moodle_participants_are_found(id_: str, aliases: tuple[str, ...]) -> None:
    table, said, _ = moodle(graded(id_, 50, *aliases))
    assert [row[5] for row in table[1:]] == ["", "18,75", "12,25"]
    assert said == ["scores out of 100 are scaled to 37.5, the maximum grade in table.csv"]


def test_a_number_in_a_name_is_not_a_participant() -> None:
    table, said, _ = moodle(graded("student102", 50))
    assert [row[5] for row in table[1:]] == ["", "", "12,25"]
    assert said[0].startswith("student102 is not in table.csv (tried: identifier, participant number, ")


def test_everything_else_in_a_worksheet_stays() -> None:
    table, _, text = moodle(graded("101", 100), graded("103", None), graded("nobody", 3))
    before = list(csv.reader(StringIO(WORKSHEET.removeprefix("\ufeff"))))
    before[1][5], before[1][10] = "37,5", table[1][10]
    assert table == before
    assert text.startswith("\ufeffID,")
    assert "\r\nTeilnehmer/in101," in text


def test_comments_of_others_are_kept_and_ours_are_renewed() -> None:
    _, _, once = moodle(graded("101", 10, message="first"), graded("103", 20, message="second"))
    table, said, _ = moodle(
        graded("101", 40, message="third"), graded("103", 20, message="second"), template=once
    )
    assert "third" in table[1][10]
    assert "first" not in table[1][10]
    assert table[3][10] == "<p>Gut.</p>"
    assert "row 4 of table.csv has comments already, which are kept" in said
    assert "101: 3,75 in table.csv is replaced by 15" in said


class Page(HTMLParser):
    """Collects the elements and the text of a piece of HTML."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, attributes))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_feedback_says_what_was_lost_and_is_harmless(hostile: Report) -> None:
    message = message_of(hostile.submissions[0])
    table, _, _ = moodle(graded("101", 50, message=message))
    page = Page(table[1][10])
    assert {element for element, _ in page.elements} == {"p", "pre", "strong"}
    assert all(attributes == [] for _, attributes in page.elements)
    assert "<img src=x onerror=alert(1)>" in page.text
    assert "50 / 100" in page.text
    assert not table[1][10].startswith(("=", "+", "-", "@"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_worksheet_may_be_in_another_language(language: str) -> None:
    roles = LANGUAGES[language]
    header = {role: roles[role][0] for role in roles}
    cells = {"identifier": "P 5", "name": "Ann", "maximum": "10.00"}
    file = StringIO()
    csv.writer(file).writerows([header.values(), [cells.get(role, "") for role in header]])
    table, _, _ = moodle(graded("5", 50, message="why"), template=file.getvalue())
    row = dict(zip(header, table[1], strict=True))
    assert row["grade"] == "5"
    assert "why" in row["feedback"]
    assert {role for role, cell in row.items() if cell} == {*cells, "grade", "feedback"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_names_each_column_once(language: str) -> None:
    titles = [title for titles in LANGUAGES[language].values() for title in titles]
    assert len(titles) == len(set(titles))
    assert set(LANGUAGES[language]) == set(LANGUAGES["English"])


def test_a_worksheet_without_comments_gets_scores() -> None:
    plain = "Identifier,Grade,Maximum grade,Last modified (grade)\nParticipant 5,,100.00,-\n"
    table, _, _ = moodle(graded("5", 50), template=plain)
    assert table[1] == ["Participant 5", "50", "100.00", "-"]


def test_a_cell_may_be_very_long() -> None:
    essay = "so it goes, " * 20_000
    plain = f'Identifier,Grade,Maximum grade,Online text,Last modified (grade)\nParticipant 5,,100.00,"{essay}",-\n'
    options = Options(Template("table.csv", plain.encode()))
    text = FORMATS["moodle"].render(Report("", 0, 100, (graded("5", 50),)), options)
    assert text.removeprefix("\ufeff") == plain.replace("5,,", "5,50,")


def test_a_row_without_a_maximum_gets_no_score() -> None:
    broken = WORKSHEET.replace('"37,50",Ja,"Montag, 2. November 2026, 10:00"', ",Ja,-")
    table, said, _ = moodle(graded("101", 50), template=broken)
    assert table[1][5] == ""
    assert said == [
        "row 2 of table.csv has no maximum grade above 0; the score of 101 is not in it: 50 / 100"
    ]


def test_a_scale_is_refused() -> None:
    scale = WORKSHEET.replace("Bestwertung", "Skala")
    assert refusal("moodle", scale).startswith("table.csv has no column called Bestwertung (in German); ")


ICELANDIC = "Auðkenni,Fullt nafn,Einkunn,Hæsta einkunn,Síðast breytt\nÞátttakandi 5,Anna,,10.00,-\n"
"""A worksheet in a language that the kit does not know."""


def test_the_column_of_grades_is_enough_in_an_unknown_language() -> None:
    assert "for another language, name the column of grades with --column" in refusal("moodle", ICELANDIC)
    table, _, _ = moodle(graded("5", 50), template=ICELANDIC, column="einkunn")
    assert table[1] == ["Þátttakandi 5", "Anna", "5", "10.00", "-"]


def test_a_named_column_must_be_there() -> None:
    assert refusal("moodle", ICELANDIC, "Grade").startswith(
        "table.csv has no column 'Grade'; it has Auðkenni, "
    )


def test_a_named_column_may_be_the_usual_one() -> None:
    assert moodle(graded("102", 50), column="Bewertung")[0] == moodle(graded("102", 50))[0]


def test_a_named_column_before_a_scale_is_refused() -> None:
    scale = ICELANDIC.replace("10.00", "ágætt")
    assert "with points and not a scale" in refusal("moodle", scale, "Einkunn")


# Both


@pytest.mark.parametrize("format_", ["canvas", "moodle"])
@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "table.csv is empty"),
        (b"\xff\xfe\x00", "table.csv is not UTF-8 text"),
        (b'a,"b', "table.csv is not a table of values"),
        (b"PK\x03\x04", "table.csv has no column"),
        (b"\n", "table.csv has no column"),
    ],
    ids=["empty", "encoding", "quotes", "archive", "blank"],
)
def test_any_other_file_is_refused(format_: str, content: bytes, why: str) -> None:
    assert refusal(format_, content).startswith(why)


@pytest.mark.parametrize(
    ("format_", "template", "said"),
    [
        (
            "canvas",
            WORKSHEET,
            "table.csv looks like a grading worksheet of Moodle; use --format moodle to fill it",
        ),
        ("moodle", GRADEBOOK, "table.csv looks like a gradebook of Canvas; use --format canvas to fill it"),
    ],
)
def test_the_other_platforms_template_is_recognized(format_: str, template: str, said: str) -> None:
    assert refusal(format_, template) == said


@pytest.mark.parametrize("format_", ["canvas", "moodle"])
def test_a_template_is_needed(format_: str) -> None:
    with pytest.raises(UsageError, match="this format needs --template FILE: the gr"):
        FORMATS[format_].render(Report("", 0, 100, ()), Options())


def test_messages_about_a_hostile_name_are_harmless(hostile: Report) -> None:
    _, said, _ = canvas(graded(hostile.submissions[0].id, 50))
    assert [line for line in said if not line.isprintable()] == []
