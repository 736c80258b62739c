"""The reports of results made by hand, compared with the files in golden/, a file for each form.

After a change that is meant, renew them and read the difference: python tests/report/test_reports.py
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from grader.model import CriterionResult, Diagnosis, Report, Status, SubmissionResult, SubmissionStatus
from grader.report.document import render_json
from grader.report.formats import FORMATS, Options, Template
from grader.report.lms.gradescope_results import render_failure, render_unfinished
from grader.report.terminal.report import Look, render_terminal

GOLDEN = Path(__file__).parent / "golden"
TEMPLATES = Path(__file__).parent / "templates"

CRITERIA = (
    CriterionResult("backward.shape", "da_prev, weights, biases have right shapes", 5, 5, Status.PASSED),
    CriterionResult(
        "backward.dz",
        "dz is da ⊙ f′(z), for every activation",
        0,
        15,
        Status.FAILED,
        "dz should be da ⊙ f′(z).\n"
        "Seen: dz = [[1]], as read off the movement of the biases\n"
        "Should be (for the sigmoid): dz = [[0.105]]\n"
        "On:\n"
        "  n_inputs = 1\n"
        "  activation = sigmoid\n"
        "  W = [[1, −0.125, 0.25], [2.5, −1.375, 0.5], [0.125, 0.875, −2]]\n"
        "  da = [[1]]",
        {"n_inputs": 1, "activation": "sigmoid", "W": [[1.0, -0.125, 0.25]], "da": [[1.0]]},
    ),
    CriterionResult(
        "fit.loss",
        "each epoch prints its mean loss",
        0,
        2.5,
        Status.ERROR,
        "fit raised ValueError in line 40 of work.py: raise ValueError('[red]no\x1b[2Jmarkup[/red]')",
        {"epochs": 2},
    ),
    CriterionResult(
        "fit.backpropagation",
        "every example goes back through all layers",
        0,
        10,
        Status.TIMEOUT,
        "fit did not answer in 10 seconds.",
    ),
    CriterionResult(
        "training.gradient_check",
        "a network agrees with finite differences",
        0,
        5,
        Status.SKIPPED,
        "Training a whole network counts once Layer.backward does a part of its work by itself.",
    ),
)
SKIPPED = tuple(
    CriterionResult(criterion.id, criterion.title, 0, criterion.max_points, Status.SKIPPED)
    for criterion in CRITERIA
)
GRADED = SubmissionResult(
    "alice",
    "class/alice/work.py",
    "a" * 64,
    SubmissionStatus.GRADED,
    5,
    37.5,
    ("process", "rlimits"),
    CRITERIA,
    (
        Diagnosis("derivative-missing", "Layer.backward", 31, "dz is da itself: f′(z) is left out."),
        Diagnosis("loss-not-printed", "Perceptron.fit", None, "Nothing was printed."),
    ),
    "\x1b[31mtraining\x1b[0m …\n" + "".join(f"step {number}\tdone\n" for number in range(9)),
    "Passed over when the file was run: work.py, line 3: raised ModuleNotFoundError",
)
UNREADABLE = SubmissionResult(
    "bob \u202e",
    "class/bob.ipynb",
    "b" * 64,
    SubmissionStatus.UNREADABLE,
    0,
    37.5,
    criteria=SKIPPED,
    message="line 1 of bob.ipynb is not valid Python ('(' was never closed): x = (\udc80",
)
UNGRADED = SubmissionResult(
    "李",
    "class/李.zip",
    "c" * 64,
    SubmissionStatus.UNGRADED,
    None,
    37.5,
    ("process",),
    message="The candidate's process could not be started: no memory is left.",
)
REPORT = Report("1.2.3", 7, 37.5, (GRADED, UNREADABLE, UNGRADED))


def formatted(name: str, *results: SubmissionResult, template: str = "", column: str | None = None) -> str:
    """Return results, or all of the report, in one of the formats."""
    content = (TEMPLATES / template).read_bytes() if template else b""
    options = Options(Template(template, content) if template else None, column)
    report = replace(REPORT, submissions=results) if results else REPORT
    return FORMATS[name].render(report, options)


LOOKS = {
    "terminal": Look(),
    "wide": Look(width=140),
    "narrow_ascii": Look(width=20, encoding="ascii"),
    "color": Look(color=True),
}
FORMS: Mapping[str, Callable[[], str]] = {
    "report.json": lambda: render_json(REPORT),
    "terminal.txt": lambda: render_terminal(REPORT, LOOKS["terminal"]),
    "wide.txt": lambda: render_terminal(REPORT, LOOKS["wide"]),
    "narrow_ascii.txt": lambda: render_terminal(REPORT, LOOKS["narrow_ascii"]),
    "color.txt": lambda: render_terminal(REPORT, LOOKS["color"]),
    "report.jsonl": lambda: formatted("jsonl"),
    "report.csv": lambda: formatted("csv"),
    "report.md": lambda: formatted("markdown"),
    "junit.xml": lambda: formatted("junit"),
    "results.json": lambda: formatted("gradescope", GRADED),
    "results_failure.json": lambda: render_failure("The machine has no memory left."),
    "results_unfinished.json": lambda: render_unfinished(GRADED.criteria[:4], 11),
    "classroom.txt": lambda: formatted("classroom", GRADED),
    "actions.txt": lambda: formatted("actions"),
    "canvas.csv": lambda: formatted("canvas", template="gradebook.csv", column="Perceptron"),
    "moodle.csv": lambda: formatted("moodle", template="worksheet.csv"),
}


def golden(name: str) -> str:
    return (GOLDEN / name).read_bytes().decode("utf-8")


@pytest.mark.parametrize("name", FORMS)
def test_a_report_is_as_it_was(name: str) -> None:
    assert FORMS[name]() == golden(name)


def test_every_golden_file_is_compared() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == set(FORMS)


@pytest.mark.parametrize(
    ("name", "width"), [("terminal.txt", 80), ("wide.txt", 100), ("narrow_ascii.txt", 40)]
)
def test_no_line_is_wider_than_its_terminal(name: str, width: int) -> None:
    from rich.cells import cell_len

    assert [line for line in golden(name).splitlines() if cell_len(line) > width] == []


@pytest.mark.parametrize("name", FORMS)
def test_nothing_that_a_submission_wrote_acts_on_a_terminal(name: str) -> None:
    ours = re.compile(r"\x1b\[[0-9;]*m") if name == "color.txt" else re.compile("(?!)")
    # Spreadsheets are told UTF-8 by the mark at the beginning, and end their lines in their own way.
    rest = ours.sub("", golden(name)).removeprefix("\ufeff").replace("\r\n", "\n").replace("\t", "")
    assert [character for character in rest if not character.isprintable() and character != "\n"] == []


def test_colors_change_no_word() -> None:
    assert re.sub(r"\x1b\[[0-9;]*m", "", golden("color.txt")) == golden("terminal.txt")


def test_a_terminal_without_unicode_gets_ascii() -> None:
    assert golden("narrow_ascii.txt").isascii()


def test_json_keeps_what_was_written_but_for_lone_surrogates() -> None:
    graded, unreadable, ungraded = json.loads(golden("report.json"))["submissions"]
    assert graded["output"] == GRADED.output
    assert [criterion["message"] for criterion in graded["criteria"]] == [c.message for c in CRITERIA]
    assert unreadable["message"] == UNREADABLE.message.replace("\udc80", "\\udc80")
    assert (ungraded["id"], ungraded["score"], ungraded["criteria"]) == ("李", None, [])


def renew() -> None:
    """Write all golden files anew."""
    GOLDEN.mkdir(exist_ok=True)
    for name, render in FORMS.items():
        (GOLDEN / name).write_bytes(render().encode("utf-8"))


if __name__ == "__main__":
    renew()
