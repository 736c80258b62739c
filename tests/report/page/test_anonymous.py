"""An anonymous page does not show any name from an id, wherever it was written."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from class_reports import ONE, class_of, result, said, wrong

from grader.messages import finding_text
from grader.model import (
    CodeValue,
    CriterionResult,
    Diagnosis,
    ExceptionValue,
    Finding,
    Message,
    Place,
    PrintedValue,
    Report,
    Status,
    SubmissionResult,
    SubmissionStatus,
    TextValue,
    Value,
)
from grader.report.formats import Options
from grader.report.page import render_html
from grader.report.page.anonymous import anonymised
from grader.report.words import message_of


def one(report: Report) -> SubmissionResult:
    """Return the only submission, anonymised."""
    (found,) = anonymised(report).submissions
    return found


def words(criterion: CriterionResult) -> str:
    """Return the finding of a criterion in words."""
    assert criterion.finding is not None
    return finding_text(criterion.finding)


def test_ids_and_paths_are_gone() -> None:
    hidden = one(class_of(result("alice")))
    assert (hidden.id, hidden.path) == ("Submission 1", "Submission 1")
    assert "alice" not in repr(hidden)


def test_the_name_of_a_student_who_handed_in_nothing_is_gone() -> None:
    missing = result("50999", path="", message="nothing was handed in (Gerda Ghost)")
    missing = replace(missing, status=SubmissionStatus.UNREADABLE)
    assert message_of(one(class_of(missing))) == "nothing was handed in"


def test_own_names_are_gone_from_messages() -> None:
    message = "fit raised E in line 4 of alice_hw.py: class/Alice/alice_hw.py by ALICE"
    hidden = one(
        class_of(
            replace(
                result(
                    "alice",
                    said("fit.loss", message),
                    path="class/Alice/alice_hw.py",
                    message="alice_hw.py, line 3",
                ),
                diagnoses=(Diagnosis("d", "m", place=Place("alice_hw.py", 3, "# by Alice")),),
            )
        )
    )
    assert words(hidden.criteria[2]) == (
        "fit raised E in line 4 of submission.py: Submission 1 by Submission 1"
    )
    assert message_of(hidden) == "submission.py, line 3"
    assert hidden.diagnoses[0].place == Place("submission.py", 3, "# by Submission 1")


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("made by Alice", "made by Submission A"),
        ("SMITH, 1234567", "Submission A, Submission A"),
        ("thanks to bob_jones!", "thanks to Submission B_[name]!"),
        ("malice and bobsleigh", "malice and bobsleigh"),
        ("the course is ml2024", "the course is ml2024"),
    ],
)
def test_names_of_all_are_gone_from_what_was_printed(printed: str, shown: str) -> None:
    ids = [
        "Alice Smith_1234567_ml2024",
        "bob jones_ml2024",
        "carol jones_ml2024",
        "dave brown_ml2024",
        "eve_ml2024",
    ]
    report = anonymised(class_of(*(result(id_, output=printed, sha256=str(i)) for i, id_ in enumerate(ids))))
    order = {before: after.id for before, after in zip(_ordered(ids), report.submissions, strict=True)}
    expected = shown.replace("Submission A", order[ids[0]]).replace("Submission B", order[ids[1]])
    assert {found.output for found in report.submissions} == {expected}


def _ordered(ids: list[str]) -> list[str]:
    """Return the ids in the order of the anonymous report, found by scores of their own."""
    results = [replace(result(id_, sha256=str(i)), score=float(i)) for i, id_ in enumerate(ids)]
    return [ids[int(found.score or 0)] for found in anonymised(class_of(*results)).submissions]


def test_other_names_in_gradebooks_are_gone_too() -> None:
    text = "Nothing was handed in by Alice Liddell (al23x@example.org, 4711815)."
    entry = replace(
        result("s17", message=text, output="al23x"), aliases=("al23x@example.org", "Alice Liddell", "4711815")
    )
    hidden = one(class_of(entry))
    assert message_of(hidden) == "Nothing was handed in by Submission 1 (Submission 1, Submission 1)."
    assert (hidden.output, hidden.aliases) == ("Submission 1", ())


def test_a_small_number_stays_even_if_it_is_somebody_s_id() -> None:
    text = "fit raised ValueError in line 12 of work.py: W[12]"
    hidden = one(class_of(result("12", said("fit.loss", text, Status.ERROR), output="12 epochs")))
    assert words(hidden.criteria[2]) == text.replace("work.py", "submission.py")
    assert (hidden.id, hidden.output) == ("Submission 1", "12 epochs")


@pytest.mark.parametrize(
    "value",
    [
        PrintedValue("bob: 0.3"),
        ExceptionValue("E", "bob was here"),
        ExceptionValue("Bob", ""),
        CodeValue("layer.bob"),
        TextValue("an object of {kind}", {"kind": "Bob"}),
    ],
)
def test_names_are_gone_from_every_value_that_a_student_can_have_written(value: Value) -> None:
    lost = wrong("fit.loss", {"": value})
    report = anonymised(class_of(result("alice", lost), result("bob"), result("carol")))
    assert "bob" not in repr(report).casefold()


def test_names_are_gone_from_quoted_source_and_its_file() -> None:
    place = Place("alice_hw.py", 1, "bob(ALICE)")
    lost = replace(wrong("backward.dz"), finding=Finding("law", Message("It failed."), place=place))
    entry = result("alice", lost, path="class/Alice/alice_hw.py")
    report = anonymised(class_of(entry, result("bob"), result("carol")))
    assert not {"bob", "alice"} & set(re.findall("[a-z]+", repr(report).casefold()))


def test_sentences_of_the_exam_keep_their_words() -> None:
    lost = replace(wrong("backward.dz"), finding=Finding("law", Message("The weights do not move.")))
    hidden = one(class_of(result("weights", lost)))
    assert words(hidden.criteria[0]) == "The weights do not move."


def test_words_of_the_exam_stay_even_if_they_are_somebody_s_id() -> None:
    text = "The loss of fit is the perceptron's."
    hidden = one(class_of(result("perceptron", said("fit.loss", text), output=text)))
    assert (words(hidden.criteria[2]), hidden.output) == (text, text)


def test_the_order_does_not_reveal_the_alphabet() -> None:
    ids = [f"{letter}{letter}{letter}" for letter in "abcdefghijklmnop"]
    assert _ordered(ids) != ids
    # Nor can it be found out from the ids and a file of one's own: it changes with one file of another.
    files = [
        replace(result(id_, sha256="other" if i == 0 else str(i)), score=float(i))
        for i, id_ in enumerate(ids)
    ]
    assert [ids[int(found.score or 0)] for found in anonymised(class_of(*files)).submissions] != _ordered(ids)


def test_the_order_of_the_class_does_not_matter() -> None:
    results = [result(name, wrong("fit.loss", ONE)) for name in ("alice", "bob", "carol")]
    assert anonymised(class_of(*results)) == anonymised(class_of(*reversed(results)))


def test_equal_files_stay_equal_and_cannot_be_looked_up() -> None:
    report = anonymised(
        class_of(result("alice", sha256="f00d"), result("bob", sha256="f00d"), result("carol"))
    )
    assert len({found.sha256 for found in report.submissions}) == 2
    assert "f00d" not in repr(report)


def test_the_page_does_not_show_any_name() -> None:
    results = [
        result("alice", wrong("fit.loss", ONE), output="alice", sha256="f00d"),
        result("bob", wrong("fit.loss", ONE), output="bob", sha256="f00d"),
        result("carol", output="carol"),
    ]
    page = render_html(class_of(*results), Options(is_anonymous=True))
    assert [name for name in ("alice", "bob", "carol", "f00d", "work.py", "class/") if name in page] == []
    assert all(f"Submission {number}" in page for number in (1, 2, 3))
