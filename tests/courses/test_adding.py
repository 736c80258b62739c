"""``perceptron-kit nbgrader`` adds the exercise to a course, and touches nothing else in it."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from traitlets.config import Config

from grader.cli.kit import main
from grader.errors import UsageError
from grader.nbgrader import configure
from grader.nbgrader.preprocessors import SandboxGrade
from grader.nbgrader.source import derive_source
from grader.rubric import default_rubric, load_rubric

DEFAULT = Path(__file__).parents[2] / "grader" / "rubric.toml"
Add = Callable[..., str]

FILES = {
    "TASK.md",
    "check.py",
    "checks",
    "criteria.py",
    "diagram.svg",
    "perceptron.ipynb",
    "pytest.ini",
    "requirements.txt",
    "test_perceptron.py",
    "utils.py",
}


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def add(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Add]:
    """Return a function that runs the command on a course, and returns what it says."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}

    def run(course: Path, *options: str, code: int = 0) -> str:
        monkeypatch.setattr(sys, "argv", ["perceptron-kit", "nbgrader", str(course), *options])
        with pytest.raises(SystemExit) as ended:
            main()
        said = "".join(capsys.readouterr())
        assert ended.value.code == code, said
        return said

    yield run
    for number, handler in handlers.items():
        signal.signal(number, handler)


def test_a_new_course_has_the_source_and_the_configuration(tmp_path: Path, add: Add) -> None:
    said = add(tmp_path / "course")
    assert {path.name for path in (tmp_path / "course/source/perceptron").iterdir()} == FILES
    assert "configure(get_config())" in said
    assert "configure(get_config())" in (tmp_path / "course/nbgrader_config.py").read_text()
    assert "nbgrader generate_assignment perceptron" in said


def test_a_second_run_changes_nothing_and_says_so(tmp_path: Path, add: Add) -> None:
    add(tmp_path / "course")
    before = contents(tmp_path)
    said = add(tmp_path / "course")
    assert contents(tmp_path) == before
    assert "wrote" not in said
    assert "The exercise is already in" in said


def test_a_course_is_in_the_language_of_its_configuration(tmp_path: Path, add: Add) -> None:
    add(tmp_path)
    add(tmp_path, "--lang", "fi", "--force")
    before = contents(tmp_path)
    assert "The exercise is already in" in add(tmp_path, "--lang", "fi")
    assert contents(tmp_path) == before
    assert b'configure(get_config(), language="fi")' in before["nbgrader_config.py"]
    assert (
        "# backward.biases: vakiotermit muuttuvat suuntaan dz"
        in before["source/perceptron/perceptron.ipynb"].decode()
    )
    config = Config()
    configure(config, "fi")
    assert SandboxGrade(config=config).language == "fi"


@pytest.mark.parametrize(
    "config",
    [
        "c = get_config()\nc.CourseDirectory.course_id = 'ml'",
        "c = get_config()\nfrom nbgrader.preprocessors import Execute, SaveAutoGrades\n"
        "c.Autograde.autograde_preprocessors = [Execute, SaveAutoGrades]\n",
        "# nothing but a remark\n",
        "",
    ],
)
def test_our_lines_follow_the_existing_configuration(tmp_path: Path, add: Add, config: str) -> None:
    (tmp_path / "nbgrader_config.py").write_text(config)
    add(tmp_path)
    text = (tmp_path / "nbgrader_config.py").read_text()
    assert text.startswith(config)
    add(tmp_path)
    assert (tmp_path / "nbgrader_config.py").read_text() == text
    assert add(tmp_path, "--check").startswith("Nothing is missing")


OURS = [
    "grader.nbgrader.preprocessors.SandboxGrade",
    "SaveAutoGrades",
    "grader.nbgrader.preprocessors.SaveComments",
]


@pytest.mark.parametrize(
    "steps",
    [
        ["Execute", "SaveAutoGrades"],
        [OURS[0], "Execute", "SaveAutoGrades"],
        [OURS[2], OURS[0], "SaveAutoGrades"],
        OURS,
    ],
    ids=["nbgrader's own", "both", "comments first", "ours"],
)
def test_nbgrader_neither_runs_notebooks_nor_clears_our_comments_whatever_the_list(steps: list[str]) -> None:
    config = Config(Autograde={"autograde_preprocessors": ["Mine", *steps]})
    configure(config)
    assert config.Autograde.autograde_preprocessors == ["Mine", *OURS]


@pytest.mark.parametrize(
    ("steps", "missing"), [(["SaveAutoGrades"], "Execute"), (["Execute"], "SaveAutoGrades")]
)
def test_a_list_without_a_step_that_we_need_is_refused(steps: list[str], missing: str) -> None:
    with pytest.raises(
        UsageError, match=f"autograde_preprocessors lacks {missing}; add it in nbgrader_config.py"
    ):
        configure(Config(Autograde={"autograde_preprocessors": steps}))


def test_check_names_what_is_missing_and_writes_nothing(tmp_path: Path, add: Add) -> None:
    add(tmp_path)
    (tmp_path / "source/perceptron/utils.py").unlink()
    (tmp_path / "source/perceptron/criteria.py").write_text("def grade(criterion): ...\n")
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    before = contents(tmp_path)
    said = add(tmp_path, "--check", code=1)
    assert "source/perceptron/utils.py is missing" in said
    assert "source/perceptron/criteria.py is not what the kit would write" in said
    assert "nbgrader_config.py does not make nbgrader grade the exercise in the sandbox" in said
    assert contents(tmp_path) == before


def test_check_names_the_option_that_replaces_what_differs(
    tmp_path: Path, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(tmp_path)
    (tmp_path / "source/perceptron/utils.py").write_text("# my own\n")
    monkeypatch.chdir(tmp_path)
    said = add(Path(), "--check", code=1)
    assert (
        said
        == f"{tmp_path}/source/perceptron/utils.py is not what the kit would write; --force replaces it\n"
    )


def test_an_instructors_own_file_stays_unless_force_is_given(tmp_path: Path, add: Add) -> None:
    add(tmp_path)
    utils = tmp_path / "source/perceptron/utils.py"
    written = utils.read_bytes()
    utils.write_text("# my own\n")
    assert "utils.py, which differs; --force replaces it" in add(tmp_path)
    assert utils.read_text() == "# my own\n"
    assert "replaced" in add(tmp_path, "--force")
    assert utils.read_bytes() == written


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ("c = get_config(\n", "SyntaxError"),
        ("raise KeyError('x')\n", "KeyError"),
    ],
)
def test_a_configuration_that_cannot_be_run_stays_as_it_is(
    tmp_path: Path, add: Add, config: str, reason: str
) -> None:
    (tmp_path / "nbgrader_config.py").write_text(config)
    said = add(tmp_path, code=2)
    assert reason in said
    assert "fix it first" in said
    assert len(said.splitlines()) == 1
    assert contents(tmp_path) == {"nbgrader_config.py": config.encode()}


def test_of_a_course_that_cannot_be_written_one_line_says_so(tmp_path: Path, add: Add) -> None:
    (tmp_path / "source").write_text("a file")
    assert "source/perceptron/TASK.md cannot be written" in add(tmp_path, code=2)


def test_the_cells_have_the_points_of_a_rubric(tmp_path: Path, add: Add) -> None:
    text = "\n".join(f'"{id_}" = {number}' for number, id_ in enumerate(default_rubric().points))
    (tmp_path / "rubric.toml").write_text(f"[points]\n{text}\n")
    add(tmp_path / "course", "--rubric", str(tmp_path / "rubric.toml"))
    notebook = json.loads((tmp_path / "course/source/perceptron/perceptron.ipynb").read_text())
    described = [cell["metadata"].get("nbgrader", {}) for cell in notebook["cells"]]
    points = {cell["grade_id"]: cell["points"] for cell in described if cell.get("grade")}
    rubric = load_rubric(tmp_path / "rubric.toml")
    assert points == {id_.replace(".", "-"): points for id_, points in rubric.points.items() if points}
    assert notebook == json.loads(derive_source(rubric)["perceptron.ipynb"])


def test_the_seed_of_a_rubric_is_not_written_where_students_see_it(tmp_path: Path, add: Add) -> None:
    own = tmp_path / "rubric.toml"
    own.write_text("seed = 271828\n" + DEFAULT.read_text())
    said = add(tmp_path / "course", "--rubric", str(own))
    assert f"add to {tmp_path}/course/nbgrader_config.py: c.SandboxGrade.seed = 271828\n" in said
    assert not any(b"271828" in content for content in contents(tmp_path / "course").values())


def test_generate_assignment_writes_the_same_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        sys,
        "argv",
        ["perceptron-kit", "generate-assignment", "--nbgrader", "--out", str(tmp_path / "source")],
    )
    with pytest.raises(SystemExit) as ended:
        main()
    count = len(derive_source(default_rubric()))
    assert (ended.value.code, f"Wrote {count} of {count} files" in capsys.readouterr().out) == (0, True)
    assert contents(tmp_path / "source") == derive_source(default_rubric())
