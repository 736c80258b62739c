"""The reports of results made by hand equal the files in golden/, a file for each form.

After a change on purpose, renew them and read the difference: python tests/report/test_reports.py
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from grader.messages import finding_text
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
    Value,
)
from grader.report.formats import FORMATS, Options, Template
from grader.report.lms.gradescope_results import render_failure, render_unfinished
from grader.report.terminal.submissions import Look, render_closing, render_submission
from grader.report.words import message_of

GOLDEN = Path(__file__).parent / "golden"
TEMPLATES = Path(__file__).parent / "templates"

FACTS: dict[str, Value] = {
    "n_inputs": NumberValue(3),
    "n_neurons": NumberValue(3),
    "activation": CodeValue("sigmoid"),
    "W": ArrayValue((3, 3), (1, -0.125, 0.25, 2.5, -1.375, 0.5, 0.125, 0.875, -2)),
    "b": ArrayValue((3, 1), (0.5, 0, -1)),
    "da": ArrayValue((3, 1), (1, 1, 1)),
}
CRITERIA = (
    CriterionResult("backward.shape", "da_prev, weights, biases have right shapes", 5, 5, Status.PASSED),
    CriterionResult(
        "backward.dz",
        "dz is da ⊙ f′(z), for every activation",
        0,
        15,
        Status.FAILED,
        Finding(
            "dz_is_da_times_the_derivative",
            Message("dz should be da ⊙ f′(z). It was read off the movement of the biases."),
            {"dz": ArrayValue((3, 1), (1, 0.235, -12.5), (0, 2))},
            {"da ⊙ f′(z)": ArrayValue((3, 1), (0.105, 0.235, 0.25))},
            FACTS,
        ),
    ),
    CriterionResult(
        "backward.update",
        "parameters move by the rate, downhill",
        0,
        10,
        Status.FAILED,
        Finding(
            "parameters_move_downhill",
            Message("The {name} did not move by −learning_rate times their gradient.", {"name": "weights"}),
            {
                "weights": ArrayValue((2, 3), (0.5, 0.25, 0, 1, -1, 1e10), (5,)),
                "biases": TextValue("an array of shape {shape}", {"shape": "(2,)"}),
            },
            {
                "weights": ArrayValue((2, 3), (0.5, 0.25, 0, 1, -1, 0.0625)),
                "biases": ArrayValue((2,), (0.5, 0.75)),
            },
            {"learning_rate": NumberValue(0.25)},
        ),
    ),
    CriterionResult(
        "backward.da_prev",
        "da_prev is Wᵀ · dz",
        0,
        15,
        Status.FAILED,
        Finding(
            "da_prev_is_the_transposed_weights_times_dz",
            Message("backward did not return da_prev."),
            {"da_prev": NothingValue()},
            {"Wᵀ · dz": ArrayValue((1, 1), (2,))},
        ),
    ),
    CriterionResult(
        "fit.epochs",
        "fit takes the given number of epochs",
        0,
        5,
        Status.FAILED,
        Finding("fit_takes_all_epochs", Message("fit took {count} steps.", {"count": 3})),
    ),
    CriterionResult(
        "fit.loss",
        "each epoch prints its mean loss",
        0,
        2.5,
        Status.FAILED,
        Finding(
            "each_epoch_prints_its_mean_loss",
            Message("The loss of epoch {epoch} is wrong.", {"epoch": 2}),
            {"": PrintedValue("Loss at epoch 2: [red]no\x1b[2Jmarkup[/red]")},
            {"": PrintedValue("Loss at epoch 2: 0.693")},
            {"layers": CodeValue("2 → 3 → 1"), "epochs": NumberValue(2)},
        ),
    ),
    CriterionResult(
        "fit.output_gradient",
        "da of the last layer is the loss's slope",
        0,
        10,
        Status.ERROR,
        Finding(
            "the_output_gradient_is_the_derivative_of_the_loss",
            Message("fit raised an exception."),
            {"": ExceptionValue("NameError", "name '[red]inputs\u202e' is not defined")},
            place=Place(
                "work.py", 40, "da = -labels[i] / self.layers[-1].output + (1 - labels[i]) / (1 - inputs)"
            ),
        ),
    ),
    CriterionResult(
        "fit.backpropagation",
        "every example goes back through all layers",
        0,
        10,
        Status.TIMEOUT,
        Finding("fit_goes_back", Message("fit did not answer in {seconds} seconds.", {"seconds": 10})),
    ),
    CriterionResult(
        "training.gradient_check",
        "a network agrees with finite differences",
        0,
        5,
        Status.SKIPPED,
        Finding(
            "gradient_check",
            Message(
                "Training a whole network counts only if Layer.backward does a part of its work by itself."
            ),
        ),
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
    77.5,
    ("process", "rlimits"),
    CRITERIA,
    (
        Diagnosis(
            *(
                "derivative-missing",
                "Layer.backward",
                ("backward.dz",),
                40,
                "dz = da",
                "dz = da ⊙ f′(z)",
                None,
            ),
            *(
                Place("work.py", 31, "dz = da"),
                Excerpt(30, ("def backward(self, da, learning_rate):", "    dz = da")),
            ),
        ),
        Diagnosis("unknown", "Perceptron.fit", ("fit.loss",), says=Message("Nothing was printed.")),
    ),
    "\x1b[31mtraining\x1b[0m …\n" + "".join(f"step {number}\tdone\n" for number in range(9)),
    (
        Message(
            "Skipped when the file was run: {file}, line {line}: {reason}",
            {
                "file": "work.py",
                "line": 3,
                "reason": Message("raised {type}", {"type": "ModuleNotFoundError"}),
            },
        ),
    ),
)
UNREADABLE = SubmissionResult(
    "bob \u202e",
    "class/bob.ipynb",
    "b" * 64,
    SubmissionStatus.UNREADABLE,
    0,
    77.5,
    criteria=SKIPPED,
    reasons=(
        Message.verbatim("line 1 of bob.ipynb is not valid Python ('(' was never closed): x = (\udc80"),
    ),
)
UNGRADED = SubmissionResult(
    "李",
    "class/李.zip",
    "c" * 64,
    SubmissionStatus.UNGRADED,
    None,
    77.5,
    ("process",),
    reasons=(Message.verbatim("The candidate's process could not be started: no memory is left."),),
)
REPORT = Report("1.2.3", 7, 77.5, (GRADED, UNREADABLE, UNGRADED))


def formatted(name: str, *results: SubmissionResult, template: str = "", column: str | None = None) -> str:
    """Return results, or all of the report, in one of the formats."""
    content = (TEMPLATES / template).read_bytes() if template else b""
    options = Options(Template(template, content) if template else None, column)
    report = replace(REPORT, submissions=results) if results else REPORT
    return FORMATS[name].render(report, options)


def render_terminal(report: Report, look: Look) -> str:
    """Return all that `grade` writes to a terminal."""
    parts = [render_submission(result, look) for result in report.submissions]
    return "".join([*parts, render_closing(report, look)])


LOOKS = {
    "terminal": Look(),
    "wide": Look(width=140),
    "narrow_ascii": Look(width=20, encoding="ascii"),
    "color": Look(color=True),
}
FORMS: Mapping[str, Callable[[], str]] = {
    "report.json": lambda: formatted("json"),
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
    "results_unfinished.json": lambda: render_unfinished(GRADED.criteria[:8], 11),
    "classroom.txt": lambda: formatted("classroom", GRADED),
    "actions.txt": lambda: formatted("actions"),
    "canvas.csv": lambda: formatted("canvas", template="gradebook.csv", column="Perceptron"),
    "moodle.csv": lambda: formatted("moodle", template="worksheet.csv"),
}


def golden(name: str) -> str:
    return (GOLDEN / name).read_bytes().decode("utf-8")


@pytest.mark.parametrize("name", FORMS)
def test_every_report_equals_its_golden_file(name: str) -> None:
    assert FORMS[name]() == golden(name)


def test_every_golden_file_is_used() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == set(FORMS)


@pytest.mark.parametrize(
    ("name", "width"), [("terminal.txt", 80), ("wide.txt", 100), ("narrow_ascii.txt", 40)]
)
def test_no_line_is_wider_than_its_terminal(name: str, width: int) -> None:
    from rich.cells import cell_len

    assert [line for line in golden(name).splitlines() if cell_len(line) > width] == []


@pytest.mark.parametrize("name", FORMS)
def test_no_text_of_a_submission_controls_a_terminal(name: str) -> None:
    ours = re.compile(r"\x1b\[[0-9;]*m") if name == "color.txt" else re.compile("(?!)")
    # Spreadsheets are told UTF-8 by the mark at the beginning, and end their lines in their own way.
    rest = ours.sub("", golden(name)).removeprefix("\ufeff").replace("\r\n", "\n").replace("\t", "")
    assert [character for character in rest if not character.isprintable() and character != "\n"] == []


def test_colors_do_not_change_the_text() -> None:
    assert re.sub(r"\x1b\[[0-9;]*m", "", golden("color.txt")) == golden("terminal.txt")


def test_a_terminal_without_unicode_gets_ascii() -> None:
    assert golden("narrow_ascii.txt").isascii()


def test_json_keeps_every_text_except_lone_surrogates() -> None:
    graded, unreadable, ungraded = json.loads(golden("report.json"))["submissions"]
    assert graded["output"] == GRADED.output
    assert [criterion["message"] for criterion in graded["criteria"]] == [
        "" if c.finding is None else finding_text(c.finding).replace("\udc80", "\\udc80") for c in CRITERIA
    ]
    assert unreadable["message"] == message_of(UNREADABLE).replace("\udc80", "\\udc80")
    assert (ungraded["id"], ungraded["score"], ungraded["criteria"]) == ("李", None, [])


def test_a_matrix_on_a_terminal_has_aligned_columns_and_marks_what_differs() -> None:
    lines = golden("terminal.txt").splitlines()
    start = next(i for i, line in enumerate(lines) if "Seen: dz" in line)
    assert [line.rstrip() for line in lines[start : start + 4]] == [
        "    Seen: dz = [   1*    ]   Should be: da ⊙ f′(z) = [ 0.105 ]",
        "               [   0.235 ]                           [ 0.235 ]",
        "               [ -12.5*  ]                           [ 0.25  ]",
        "    Numbers with * are wrong.",
    ]


def test_nothing_is_marked_if_every_number_is_wrong() -> None:
    finding = Finding("law", Message("No."), {"dz": ArrayValue((2,), (1, 2), (0, 1))})
    lost = CriterionResult("backward.dz", "", 0, 15, Status.FAILED, finding)
    shown = render_terminal(replace(REPORT, submissions=(replace(GRADED, criteria=(lost,)),)), Look())
    assert "Seen: dz = [ 1  2 ]" in shown
    assert "*" not in shown


def test_a_matrix_that_does_not_fit_beside_its_name_stands_below_it() -> None:
    lines = golden("narrow_ascii.txt").splitlines()
    start = lines.index("    Should be: weights =")
    assert lines[start + 1 : start + 3] == [
        "                 [ 0.5   0.25  0      ]",
        "                 [ 1    -1     0.0625 ]",
    ]


@pytest.mark.parametrize("format_", ["terminal", "markdown", "html", "gradescope", "actions"])
def test_a_student_who_handed_in_nothing_is_not_called_unreadable(format_: str) -> None:
    missing = replace(
        UNREADABLE, id="50999", path="", reasons=(Message.verbatim("nothing was handed in (Gerda Ghost)"),)
    )
    if format_ == "terminal":
        shown = render_terminal(replace(REPORT, submissions=(missing, missing)), Look())
        assert "0 submissions; 2 students handed in nothing" in shown
    else:
        shown = formatted(format_, missing)
    assert "othing was handed in (Gerda Ghost)" in shown
    assert "cannot be examined" not in shown
    assert ">unreadable<" not in shown
    assert "| unreadable |" not in shown


def test_an_exception_has_its_text_and_the_line_with_its_number() -> None:
    for name in ("terminal.txt", "report.md", "actions.txt"):
        text = golden(name)
        assert "NameError: name '[red]inputs\\u202e' is not defined" in text
        assert "In line 40 of work.py: da = -labels[i]" in text.replace("%3A", ":")


def test_an_annotation_points_to_the_line_of_the_exception() -> None:
    (line,) = (line for line in golden("actions.txt").splitlines() if "fit.output_gradient" in line)
    assert line.startswith("::error file=class/alice/work.py,line=40,title=")


def renew() -> None:
    """Write all golden files anew."""
    GOLDEN.mkdir(exist_ok=True)
    for name, render in FORMS.items():
        (GOLDEN / name).write_bytes(render().encode("utf-8"))


if __name__ == "__main__":
    renew()
