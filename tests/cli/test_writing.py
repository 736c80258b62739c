"""Results leave ``grade`` in the form that was asked for, and nothing but them is on standard output."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from grader.report.formats import FORMATS

TEMPLATES = Path(__file__).parents[1] / "report" / "templates"
GRADEBOOK, WORKSHEET = TEMPLATES / "gradebook.csv", TEMPLATES / "worksheet.csv"
DEADLINE = 60
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "GITHUB_STEP_SUMMARY"}


def grade(*arguments: str | Path, **environment: str) -> tuple[int, str, list[str]]:
    """Return the exit code, standard output as it was written, and the lines of standard error."""
    command = shutil.which("grade", path=str(Path(sys.executable).parent))
    assert command is not None
    ended = subprocess.run(
        [command, *map(str, arguments)],
        env=ENVIRONMENT | {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"} | environment,
        capture_output=True,
        timeout=DEADLINE,
        check=False,
    )
    return ended.returncode, ended.stdout.decode("utf-8"), ended.stderr.decode("utf-8").splitlines()


def complaint(*arguments: str | Path) -> str:
    code, out, (line,) = grade(*arguments)
    assert (code, out) == (2, "")
    return line


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three that are refused before any exam, which makes for quick runs."""
    folder = tmp_path_factory.mktemp("course")
    for name in ("alice", "bob", "李"):
        (folder / name).mkdir()
        (folder / name / "work.py").write_text("class Layer:\n    def backward(self:\n", encoding="utf-8")
    return folder


def test_csv_is_utf_8_whatever_the_locale(course: Path) -> None:
    code, out, err = grade("--format", "csv", course)
    assert (code, err) == (0, [])
    assert out.startswith("\ufeffid,path,")
    assert "\r\n李" in out


def test_a_gradebook_is_filled(course: Path) -> None:
    code, out, err = grade("--format", "canvas", "--template", GRADEBOOK, "--column", "Perceptron", course)
    assert code == 0
    assert [line.split(",")[-3:] for line in out.splitlines()[3:]] == [
        ["0", "60", "60"],
        ["0", "", ""],
        ["0", "", ""],
    ]
    assert err == [
        f"grade: scores out of 100 are scaled to 20, the points possible in {GRADEBOOK}",
        f"grade: alice: 1.00 in {GRADEBOOK} is replaced by 0",
        f"grade: no score for 2 of the 5 students in {GRADEBOOK}; their rows are left out",
    ]


def test_a_worksheet_is_filled(course: Path) -> None:
    code, out, err = grade("--format", "moodle", "--template", WORKSHEET, course / "alice")
    assert code == 0
    assert out.startswith("\ufeffID,")
    assert out.count("perceptron-kit: 0 / 100") == 1
    assert err == [f"grade: scores out of 100 are scaled to 37.5, the maximum grade in {WORKSHEET}"]


def test_a_wrong_template_is_refused_before_anything_is_graded(course: Path) -> None:
    slow = course.parent / "no_such_exam.py"
    slow.write_text("class Layer: pass\n", encoding="utf-8")
    line = complaint("--format", "canvas", "--template", WORKSHEET, slow)
    assert (
        line == f"grade: {WORKSHEET} looks like a grading worksheet of Moodle; use --format moodle to fill it"
    )


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--format", "canvas"], "this format needs --template FILE: the gradebook that Canvas exports"),
        (["--format", "moodle", "--template", "nowhere.csv"], "nowhere.csv: the template cannot be read"),
        (["--format", "csv", "--template", str(GRADEBOOK)], "--template is not used by --format csv"),
        (["--template", str(GRADEBOOK)], "--template is not used by --format terminal"),
        (["--format", "csv", "--column", "x"], "--column is not used by --format csv"),
        (["--format", "canvas", "--template", str(GRADEBOOK)], "name one with --column: Quiz (11), Perc"),
        (["--format", "gradescope"], "--format gradescope is for one submission, but there are several"),
        (["--format", "classroom"], "--format classroom is for one submission, but there are several"),
    ],
    ids=lambda value: " ".join(value).replace(str(GRADEBOOK), "FILE") if isinstance(value, list) else "",
)
def test_options_that_do_not_go_together_are_refused(course: Path, arguments: list[str], why: str) -> None:
    assert why in complaint(*arguments, course)


@pytest.mark.parametrize("name", ["gradescope", "classroom"])
def test_one_submission_is_one_document(course: Path, name: str) -> None:
    code, out, err = grade("--format", name, course / "bob")
    assert (code, err) == (0, [])
    assert out.endswith("\n")


def test_the_schema_needs_no_submission_and_fits(course: Path) -> None:
    code, out, err = grade("--format", "schema")
    assert (code, err) == (0, [])
    jsonschema.validate(json.loads(grade("--format", "json", course)[1]), json.loads(out))


def test_actions_get_a_summary_if_the_environment_names_its_file(course: Path, tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("before\n", encoding="utf-8")
    code, out, err = grade("--format", "actions", course, GITHUB_STEP_SUMMARY=str(summary))
    assert (code, err) == (0, [])
    assert out.splitlines()[0] == "::notice title=alice::0 / 100"
    text = summary.read_text(encoding="utf-8")
    assert text.startswith("before\n# Results\n")
    assert "| `李` | 0 / 100 | unreadable |" in text
    assert grade("--format", "actions", course)[:2] == (code, out), "where it names none"


def test_a_summary_that_cannot_be_written_is_named(course: Path, tmp_path: Path) -> None:
    code, out, (line,) = grade("--format", "actions", course, GITHUB_STEP_SUMMARY=str(tmp_path))
    assert (code, out) == (3, "")
    assert line.startswith(f"grade: the summary of the step cannot be written to {tmp_path}: ")


def test_the_help_has_every_format() -> None:
    _, out, _ = grade("--help")
    _, _, listed = out.partition("Formats:\n")
    for name in ("terminal", *FORMATS):
        assert f"    {name} " in listed
