"""What a person and a program get from the command ``grade``, run as they run it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from grader.cli import output
from grader.cli.grading import exit_code
from grader.model import Message, Report, SubmissionResult, SubmissionStatus
from grader.report.formats import Options
from grader.resources import assignment_path, solution_path
from grader.rubric import default_rubric
from grader.version import kit_version

SOLUTION = solution_path() / "perceptron.py"
RUBRIC = Path(__file__).parents[2] / "grader" / "rubric.toml"
IGNORED = {"COLUMNS", "FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "LC_ALL", "PYTHONUTF8"}
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in IGNORED} | {
    "PYTHONIOENCODING": "utf-8"
}
DEADLINE = 60

Run = subprocess.CompletedProcess[str]


def command() -> str:
    """Return the command that was installed beside the interpreter that runs the tests."""
    path = shutil.which("grade", path=str(Path(sys.executable).parent))
    assert path is not None, f"there is no command grade beside {sys.executable}"
    return path


def grade(*arguments: str | Path) -> Run:
    line = [command(), *map(str, arguments)]
    return subprocess.run(
        line, env=ENVIRONMENT, capture_output=True, encoding="utf-8", timeout=DEADLINE, check=False
    )


def complaint(*arguments: str | Path) -> str:
    """Return the one line that refuses these arguments, without the name of the command."""
    ended = grade(*arguments)
    assert (ended.returncode, ended.stdout) == (2, "")
    (line,) = ended.stderr.splitlines()
    assert line.startswith("grade: ")
    return line.removeprefix("grade: ")


@pytest.mark.parametrize(
    "options", [("--regrade",), ("--fail-under", "101"), ("--rubric", "nosuch.toml"), ("--format", "schema")]
)
def test_one_submission_that_is_not_graded_leaves_nothing_behind(
    tmp_path: Path, options: Sequence[str]
) -> None:
    line = [command(), str(SOLUTION), *options]
    ended = subprocess.run(
        line, env=ENVIRONMENT | {"TMPDIR": str(tmp_path)}, capture_output=True, timeout=DEADLINE, check=False
    )
    assert ended.returncode == (0 if "schema" in options else 2)
    assert not [*tmp_path.iterdir()]


@pytest.fixture(scope="module")
def unreadable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A submission that is refused before any exam, which makes for a quick run."""
    path = tmp_path_factory.mktemp("unreadable") / "carol.py"
    path.write_text("class Layer:\n    def backward(self:\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory, unreadable: Path) -> Path:
    """The reference, the untouched assignment, and two that cannot be read: in a folder, and loose."""
    folder = tmp_path_factory.mktemp("course")
    (folder / "alice").mkdir()
    shutil.copy(SOLUTION, folder / "alice")
    shutil.copytree(assignment_path(), folder / "bob", ignore=shutil.ignore_patterns("__pycache__", ".*"))
    (folder / "carol").mkdir()
    shutil.copy(unreadable, folder / "carol")
    shutil.copy(unreadable, folder / "dave.py")
    return folder


@pytest.fixture(scope="module")
def as_json(course: Path) -> Run:
    return grade("--format", "json", course)


@pytest.fixture(scope="module")
def document(as_json: Run) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(as_json.stdout)
    return whole


def of(document: dict[str, Any], id_: str) -> dict[str, Any]:
    (result,) = (result for result in document["submissions"] if result["id"] == id_)
    return dict(result)


def test_the_reference_has_full_points() -> None:
    ended = grade(SOLUTION)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "100 / 100" in ended.stdout.splitlines()[0]
    for criterion, points in default_rubric().points.items():
        assert any(
            criterion in line and f"{points:g} / {points:g}" in line for line in ended.stdout.splitlines()
        )


def test_json_is_one_document_and_nothing_else(as_json: Run, document: dict[str, Any]) -> None:
    assert as_json.stderr == ""
    assert as_json.stdout == json.dumps(document, indent=2) + "\n"


def test_scores_do_not_change_the_exit_code(as_json: Run) -> None:
    assert as_json.returncode == 0


def test_json_has_the_fields_that_are_promised(document: dict[str, Any]) -> None:
    submissions = document.pop("submissions")
    assert document == {
        "schema": 2,
        "kit": kit_version(),
        "seed": 0,
        "language": "en",
        "max_score": 100.0,
    }
    promised = ["id", "path", "sha256", "status", "score", "max_score"]
    promised += ["message", "reasons", "isolation", "criteria", "diagnoses", "output"]
    for submission in submissions:
        assert list(submission) == promised
        assert submission["isolation"] or submission["status"] == "unreadable"
        assert [criterion["id"] for criterion in submission["criteria"]] == list(default_rubric().points)
        for criterion in submission["criteria"]:
            assert list(criterion) == [
                "id",
                "title",
                "points",
                "max_points",
                "status",
                "message",
                "finding",
            ]
    document["submissions"] = submissions


def test_the_submissions_of_a_folder_are_named_by_its_entries(course: Path, document: dict[str, Any]) -> None:
    assert [(result["id"], result["status"]) for result in document["submissions"]] == [
        ("alice", "graded"),
        ("bob", "graded"),
        ("carol", "unreadable"),
        ("dave", "unreadable"),
    ]
    assert of(document, "alice")["path"] == str(course / "alice" / "perceptron.py")


def test_a_score_is_the_sum_of_its_criteria(document: dict[str, Any]) -> None:
    for result in document["submissions"]:
        assert result["score"] == sum(criterion["points"] for criterion in result["criteria"])
    assert of(document, "alice")["score"] == 100.0


def test_the_untouched_assignment_earns_nothing(document: dict[str, Any]) -> None:
    bob = of(document, "bob")
    assert bob["score"] == 0.0
    for criterion in bob["criteria"]:
        assert criterion["status"] != "passed"
        assert criterion["message"]


def test_a_submission_that_cannot_be_read_has_0_and_the_reason(document: dict[str, Any]) -> None:
    carol = of(document, "carol")
    assert carol["score"] == 0.0
    assert "line 2 of carol.py is not valid Python" in carol["message"]
    assert "def backward(self:" in carol["message"]


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal to pretend")
def test_why_a_statement_was_not_run_is_in_the_message(tmp_path: Path) -> None:
    path = tmp_path / "eve.py"
    lines = ["class Layer: pass", "import os", "os._exit(3)", "1 / 0", "while True: pass", "print('late')"]
    path.write_text("\n".join(lines))
    (result,) = json.loads(grade("--format", "json", path).stdout)["submissions"]
    late = "the 3 s for all statements of the file were used up"
    skipped = "Skipped when the file was run: eve.py"
    assert result["message"].splitlines() == [
        f"{skipped}, line 3: ended the program, or needed too much memory",
        f"{skipped}, line 4: raised ZeroDivisionError",
        f"{skipped}, line 5: {late}",
        f"{skipped}, line 6: {late}",
    ]


def test_a_narrow_terminal_without_unicode_gets_a_report_that_fits(course: Path) -> None:
    poor = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "COLUMNS": "40", "TERM": "xterm", "NO_COLOR": "1"}
    code, content = at_a_terminal([command(), "--fail-under", "0.5", str(course / "bob")], ENVIRONMENT | poor)
    lines = content.decode("ascii").splitlines()
    assert code == 1, "0 of 100 is under 0.5"
    assert "0 / 100" in lines[0]
    assert any("dz" in line for line in lines)
    assert [line for line in lines if len(line) > 40] == []


def at_a_terminal(line: Sequence[str], environment: dict[str, str]) -> tuple[int, bytes]:
    """Run a command whose output goes to a terminal; return its exit code and what the terminal got."""
    ours, theirs = os.openpty()
    with subprocess.Popen(line, env=environment, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        content = b"".join(chunks(ours))
        os.close(ours)
        return process.wait(DEADLINE), content


def chunks(descriptor: int) -> Iterator[bytes]:
    """Yield what comes from a terminal until nobody holds its other end, which Linux calls an input error."""
    try:
        while chunk := os.read(descriptor, 65536):
            yield chunk
    except OSError:
        return


def test_a_score_that_is_reached_is_not_under_it(unreadable: Path) -> None:
    assert grade("--fail-under", "0", unreadable).returncode == 0


@pytest.mark.parametrize("locale", ["C.UTF-8", "fi_FI.UTF-8"])
def test_the_language_is_what_the_caller_says_and_never_the_locale_s(
    monkeypatch: pytest.MonkeyPatch, unreadable: Path, locale: str
) -> None:
    for name in ("LANG", "LANGUAGE", "LC_MESSAGES"):
        monkeypatch.setitem(ENVIRONMENT, name, locale)
    assert "It cannot be examined: line 2 of carol.py is not valid Python" in grade(unreadable).stdout
    finnish = grade("--lang", "fi", unreadable).stdout
    assert "Sitä ei voi arvioida: tiedoston carol.py rivi 2 ei ole kelvollista Pythonia" in finnish


def test_unreadable_submissions_are_under_any_score(unreadable: Path) -> None:
    ended = grade("--fail-under", "0.5", unreadable)
    assert (ended.returncode, ended.stderr) == (1, "")
    assert "0 / 100" in ended.stdout


def test_the_seed_and_the_rubric_of_the_caller_are_those_of_the_report(
    tmp_path: Path, unreadable: Path
) -> None:
    own = rubric(tmp_path, lambda text: text.replace('"backward.dz" = 15', '"backward.dz" = 2.5'))
    document = json.loads(grade("--format", "json", "--seed", "7", "--rubric", own, unreadable).stdout)
    assert (document["seed"], document["max_score"]) == (7, 87.5)
    (result,) = document["submissions"]
    assert result["max_score"] == 87.5
    assert {criterion["id"]: criterion["max_points"] for criterion in result["criteria"]}[
        "backward.dz"
    ] == 2.5


def test_the_seed_of_a_rubric_is_used_if_the_caller_names_none(tmp_path: Path, unreadable: Path) -> None:
    own = rubric(tmp_path, lambda text: f"seed = 12345\n{text}")
    assert json.loads(grade("--format", "json", "--rubric", own, unreadable).stdout)["seed"] == 12345
    named = grade("--format", "json", "--seed", "0", "--rubric", own, unreadable)
    assert json.loads(named.stdout)["seed"] == 0
    assert "seed: 12345" in grade("--rubric", own, unreadable).stdout


class TestAnotherHypothesis:
    """It is named if the examples are drawn by it: those of the default seed are not."""

    @pytest.fixture
    def graded(self, tmp_path: Path, unreadable: Path) -> Callable[..., Run]:
        claimed = tmp_path / "hypothesis-6.1.0.dist-info"
        claimed.mkdir()
        (claimed / "METADATA").write_text("Metadata-Version: 2.1\nName: hypothesis\nVersion: 6.1.0\n")

        def graded(*arguments: str) -> Run:
            return subprocess.run(
                [command(), *arguments, str(unreadable)],
                env=ENVIRONMENT | {"PYTHONPATH": str(tmp_path)},
                capture_output=True,
                encoding="utf-8",
                timeout=DEADLINE,
                check=False,
            )

        return graded

    def test_it_is_named_for_a_seed_of_the_callers_own(self, graded: Callable[..., Run]) -> None:
        as_json = graded("--format", "json", "--seed", "7")
        assert as_json.stderr == ""
        assert json.loads(as_json.stdout)["kit"] == f"{kit_version()} (hypothesis 6.1.0)"
        shown = graded("--quiet", "--seed", "7")
        assert (shown.returncode, shown.stderr) == (0, "")
        what = "(hypothesis 6.1.0): other versions of it may draw other examples"
        assert what in " ".join(shown.stdout.split())

    def test_it_is_not_for_the_default_seed(self, graded: Callable[..., Run]) -> None:
        as_json = graded("--format", "json")
        assert (as_json.returncode, as_json.stderr) == (0, "")
        assert json.loads(as_json.stdout)["kit"] == kit_version()
        assert "hypothesis" not in graded().stdout


def rubric(folder: Path, change: Callable[[str], str]) -> Path:
    """Write the default rubric with a change in it."""
    text = RUBRIC.read_text(encoding="utf-8")
    assert change(text) != text
    path = folder / "own.toml"
    path.write_text(change(text), encoding="utf-8")
    return path


def test_missing_students_are_in_the_report_and_those_outside_the_roster_are_named(
    tmp_path: Path, unreadable: Path
) -> None:
    folder = tmp_path / "class"
    for name in ("carol", "caroll"):
        (folder / name).mkdir(parents=True)
        shutil.copy(unreadable, folder / name)
    listed = tmp_path / "roster.csv"
    listed.write_text("SIS Login ID,name\ncarol,Carol\ncarrol,Carrol\n", encoding="utf-8")
    ended = grade("--format", "json", "--fail-under", "1", "--roster", listed, folder)
    assert ended.returncode == 1
    missing = of(json.loads(ended.stdout), "carrol")
    assert (missing["status"], missing["score"], missing["path"]) == ("unreadable", 0.0, "")
    assert missing["message"] == "nothing was handed in (Carrol)"
    assert ended.stderr == (
        f"grade: not in the roster {listed}: caroll (is it carrol (Carrol), who handed in nothing?)\n"
    )


def test_a_student_who_handed_in_nothing_is_named_in_the_table_of_scores(
    course: Path, tmp_path: Path
) -> None:
    listed = tmp_path / "roster.csv"
    listed.write_text("id,name\nalice,Alice\n50999,Zoë Quill\n", encoding="utf-8")
    ended = grade("--feedback", "score", "--roster", listed, course)
    (row,) = [
        line for line in ended.stdout.splitlines() if line.startswith("50999") and "  0 / 100  n" in line
    ]
    assert row.endswith("0 / 100  nothing was handed in (Zoë Quill)")


def test_paths_are_not_wrapped_in_a_report_for_a_program(tmp_path: Path, unreadable: Path) -> None:
    folder = tmp_path / "a folder with a name" / ("of many letters" * 5)
    folder.mkdir(parents=True)
    shutil.copy(unreadable, folder)
    ended = grade(folder / "carol.py")
    assert ended.stdout.splitlines()[:2] == ["carol  0 / 100", f"  {folder / 'carol.py'}"]


def test_perceptron_kit_alone_prints_its_help() -> None:
    kit = shutil.which("perceptron-kit", path=str(Path(sys.executable).parent))
    assert kit is not None
    alone, asked = (
        subprocess.run([kit, *options], capture_output=True, encoding="utf-8", timeout=DEADLINE, check=False)
        for options in ([], ["--help"])
    )
    assert (alone.returncode, alone.stderr) == (0, "")
    assert alone.stdout == asked.stdout
    wrong = subprocess.run([kit, "nonsense"], capture_output=True, timeout=DEADLINE, check=False)
    assert wrong.returncode == 2


def test_a_wrong_roster_is_wrong_usage(tmp_path: Path, unreadable: Path) -> None:
    listed = tmp_path / "roster.csv"
    listed.write_text("id,name\ncarol,Ng, Carol\n", encoding="utf-8")
    assert complaint("--roster", listed, unreadable).startswith(f"line 2 of the roster {listed} has 3 cells")


def test_no_argument_is_wrong_usage() -> None:
    assert complaint() == "no submission was named; try grade submission/, or grade --help"


def test_an_archive_that_is_cut_is_wrong_usage(tmp_path: Path) -> None:
    path = tmp_path / "class.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for student in ("ann", "ben", "cat"):
            archive.add(SOLUTION, f"{student}/perceptron.py")
    path.write_bytes(path.read_bytes()[:-20])
    assert complaint(path) == (
        f"{path}: the archive is broken: its end is missing. Download it again; nothing was graded"
    )


def test_a_path_that_does_not_exist_is_wrong_usage(tmp_path: Path) -> None:
    missing = tmp_path / "nobody"
    assert complaint(SOLUTION, missing).startswith(f"{missing} does not exist; name a file")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--nonsense", "."], "--nonsense"),
        (["--show-repair", "--feedback", "hint", "."], "--show-repair needs --feedback full, and not hint"),
        (["--format", "xml", "."], "'xml'"),
        (["--anonymous", "."], "--format html"),
        (["--seed", "-1", "."], "--seed"),
        (["--timeout", "nan", "."], "--timeout"),
        (["--memory", "much", "."], "--memory"),
        (["--fail-under", "101", "."], "--fail-under 101 is more than the maximum score, 100"),
        (["--rubric", "nowhere.toml", "."], "nowhere.toml"),
        (["--roster", "nowhere.csv", "."], "nowhere.csv cannot be opened"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_options_are_named(arguments: list[str], named: str) -> None:
    assert named in complaint(*arguments)


@pytest.mark.parametrize(
    ("old", "new", "line", "why"),
    [
        ('"backward.dz" = 15', '"backward.dzz" = 15', 6, "'backward.dzz' is not a criterion"),
        ('"backward.dz" = 15', '"backward.dz" = -15', 6, "the points of backward.dz must be"),
        ('"backward.dz" = 15\n', "", 4, "[points] has no points for backward.dz"),
    ],
    ids=["unknown", "negative", "missing"],
)
def test_a_wrong_rubric_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, why: str
) -> None:
    own = rubric(tmp_path, lambda text: text.replace(old, new))
    assert complaint("--rubric", own, SOLUTION).startswith(f"{own}, line {line}: {why}")


def test_the_version_is_that_of_the_distribution() -> None:
    ended = grade("--version")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == f"grade of perceptron-kit {kit_version()}\n"


def test_the_help_has_every_option_and_examples() -> None:
    ended = grade("--help")
    assert (ended.returncode, ended.stderr) == (0, "")
    for option in (
        "format",
        "anonymous",
        "seed",
        "rubric",
        "roster",
        "timeout",
        "memory",
        "fail-under",
        "version",
        "help",
    ):
        assert f"--{option} " in ended.stdout
    _, _, examples = ended.stdout.partition("Examples:\n")
    assert examples.count("  grade ") >= 3


def test_a_reader_that_has_gone_stops_the_command_silently(unreadable: Path) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    with os.fdopen(theirs, "wb") as nobody:
        ended = subprocess.run(
            [command(), str(unreadable)],
            env=ENVIRONMENT,
            stdout=nobody,
            stderr=subprocess.PIPE,
            timeout=DEADLINE,
            check=False,
        )
    assert (ended.returncode, ended.stderr) == (128 + 13, b""), "the code of a shell after SIGPIPE"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
def test_a_report_that_cannot_be_written_has_exit_code_3(unreadable: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            [command(), str(unreadable)],
            env=ENVIRONMENT,
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            timeout=DEADLINE,
            check=False,
        )
    assert ended.returncode == 3
    (line,) = ended.stderr.splitlines()
    assert line == "grade: standard output cannot be written: No space left on device"


@pytest.mark.parametrize("format_", ["terminal", "json", "html"])
def test_a_submission_without_a_score_has_exit_code_3(
    format_: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ungraded = SubmissionResult(
        "dave",
        "dave.py",
        "0",
        SubmissionStatus.UNGRADED,
        None,
        100.0,
        reasons=(Message.verbatim("The machine has no processes left."),),
    )
    report = output.write(format_, [ungraded], Report("1", 0, 100.0), Options())
    assert exit_code(report, 50.0) == 3
    out, err = capsys.readouterr()
    assert "The machine has no processes left." in " ".join(out.split())
    assert err == ""
