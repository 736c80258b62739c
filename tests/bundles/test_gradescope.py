"""On a machine like Gradescope's, the autograder gives each submission its score."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
import zipfile
from collections.abc import Sequence
from importlib.metadata import distribution
from pathlib import Path

import jsonschema
import pytest
from machine import LACKING, Document, Machine

from grader.bundles.autograder_archive import kit_files, pinned_requirements
from grader.resources import assignment_path, solution_path, utils_path

KIT = Path(sys.executable).parent / "perceptron-kit"
TESTS = Path(__file__).parents[1]
SCHEMA = json.loads((TESTS / "report" / "gradescope.schema.json").read_text())
RIGHT = (solution_path() / "perceptron.py").read_text()
WRONG = (TESTS / "submissions/wrong/updated-before-da_prev/in_place.py").read_text()
SKELETON = (assignment_path() / "perceptron.py").read_text()
FAKE = '{"score": 100, "tests": []}'
ATTACKS = f"""
import os, signal

FAKE = {FAKE!r}
ATTACKS = {{
    "list the source": lambda: os.listdir("/autograder/source").remove("setup.sh"),
    "read the exam": lambda: open("/autograder/source/kit/grader/exam/test_fit.py").read(),
    "read the solution": lambda: open("/autograder/source/kit/grader/_kit/solution/perceptron.py").read(),
    "read the script": lambda: open("/autograder/run_autograder").read(),
    "read the requirements": lambda: open("/autograder/source/requirements.txt").read(),
    "read the metadata": lambda: open("/autograder/submission_metadata.json").read(),
    "read the results": lambda: open("/autograder/results/results.json").read(),
    "write the results": lambda: open("/autograder/results/results.json", "w").write(FAKE),
    "write beside them": lambda: open("/autograder/results/.results.json.part", "w").write(FAKE),
    "remove the results": lambda: os.unlink("/autograder/results/results.json"),
    "change itself": lambda: open("/autograder/submission/perceptron.py", "w").write(""),
    "kill the parent": lambda: os.kill(os.getppid(), signal.SIGKILL),
    "kill everybody": lambda: os.kill(-1, signal.SIGKILL),
}}
for name, attack in ATTACKS.items():
    try:
        attack()
    except BaseException:
        print("stopped:", name)
    else:
        print("done:", name)
print(FAKE)
"""
NO_LANDLOCK = "landlock_create_ruleset"
NO_ISOLATION = "landlock_create_ruleset,chroot"
ON_GRADESCOPE = pytest.mark.skipif(LACKING != "", reason=LACKING)


def make(out: Path, *options: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command that makes the autograder."""
    line: list[str | Path] = [KIT, "gradescope", out, *options]
    return subprocess.run(line, capture_output=True, encoding="utf-8", timeout=120, check=False)


def made(out: Path, *options: str | Path) -> Path:
    run = make(out, *options)
    assert run.returncode == 0, run.stderr
    return out


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("archive") / "autograder.zip")


def assert_graded(document: Document, score: float, isolation: str | None = "strict") -> None:
    jsonschema.validate(document, SCHEMA)
    assert document["score"] == score
    assert sum(test["score"] for test in document["tests"]) == score
    assert document["extra_data"]["isolation"][:1] == ([] if isolation is None else [isolation])


def assert_not_graded(document: Document) -> None:
    jsonschema.validate(document, SCHEMA)
    assert {"score", "tests"}.isdisjoint(document)
    assert "has not been graded" in document["output"]
    # Students read it.
    assert not any(word in document["output"] for word in ("landlock", "Traceback", "--isolation"))


@pytest.fixture(
    scope="module",
    params=["borrowed environment", pytest.param("its own environment", marks=pytest.mark.slow)],
)
def machine(
    request: pytest.FixtureRequest, archive: Path, tmp_path_factory: pytest.TempPathFactory
) -> Machine:
    machine = Machine.with_archive(archive, tmp_path_factory.mktemp("machine"))
    if request.param == "borrowed environment":
        machine.borrow_environment()
    else:
        run = machine.set_up()
        assert run.returncode == 0, run.stdout + run.stderr
    return machine


@ON_GRADESCOPE
class TestOnGradescope:
    def test_a_right_submission_gets_the_full_score(self, machine: Machine) -> None:
        ended = machine.grade({"perceptron.py": RIGHT})
        assert ended.code == 0, ended.stderr
        assert_graded(ended.document, 100)
        assert "isolation: strict, landlock" in ended.stderr

    def test_a_wrong_one_loses_points_with_the_reason_and_the_same_again(self, machine: Machine) -> None:
        ended = machine.grade({"perceptron.py": WRONG})
        assert_graded(ended.document, 80)
        (lost,) = [test for test in ended.document["tests"] if test["name"].startswith("backward.da_prev")]
        assert "Should be: Wᵀ · dz" in lost["output"]
        assert machine.grade({"perceptron.py": WRONG}).text == ended.text

    @pytest.mark.parametrize(
        ("files", "why", "isolation"),
        [
            ({}, "there is no .py file and no notebook in it", None),
            ({"essay.pdf": "%PDF"}, "there is no .py file and no notebook in it, only essay.pdf", None),
            ({"perceptron.py": ""}, "the file is empty", "strict"),
        ],
        ids=["nothing", "something else", "an empty file"],
    )
    def test_an_unreadable_submission_gets_0_and_the_reason(
        self, machine: Machine, files: dict[str, str], why: str, isolation: str | None
    ) -> None:
        ended = machine.grade(files)
        assert ended.code == 0, ended.stderr
        assert_graded(ended.document, 0, isolation)
        assert why in ended.document["output"]

    def test_all_files_are_one_submission(self, machine: Machine) -> None:
        layer, network = RIGHT.split("class Perceptron")
        files = {
            "layer.py": layer,
            "network.py": f"from layer import *\nimport numpy as np\n\nclass Perceptron{network}",
            "experiments.py": "print('not this one')\n",
            "notes.txt": "x",
        }
        assert_graded(machine.grade(files).document, 100)

    def test_a_hostile_one_gets_what_it_has_earned(self, machine: Machine) -> None:
        ended = machine.grade({"perceptron.py": ATTACKS + SKELETON})
        assert ended.code == 0, ended.stderr
        assert_graded(ended.document, 0)
        printed = ended.document["output"]
        assert FAKE in printed
        assert "done:" not in printed
        assert printed.count("stopped:") == ATTACKS.count("lambda")

    def test_the_files_are_where_the_attacks_look(self, machine: Machine) -> None:
        assert {"kit", "setup.sh", "requirements.txt"} <= {path.name for path in machine.source.iterdir()}
        assert (machine.source / "kit/grader/exam/test_fit.py").is_file()
        assert (machine.source / "kit/grader/_kit/solution/perceptron.py").is_file()

    def test_without_landlock_the_isolation_is_user(self, machine: Machine) -> None:
        ended = machine.grade({"perceptron.py": ATTACKS + WRONG}, NO_LANDLOCK)
        assert_graded(ended.document, 80, "user")
        assert "done:" not in ended.document["output"]

    def test_without_any_isolation_there_is_no_score(self, machine: Machine) -> None:
        ended = machine.grade({"perceptron.py": RIGHT}, NO_ISOLATION)
        assert ended.code == 3
        assert_not_graded(ended.document)
        assert "landlock" in ended.stderr
        assert "chroot" in ended.stderr


SMALL_APT = """#!/usr/bin/env bash
echo "$*" >>/autograder/log
if [[ $* == update* ]]; then exit; fi
[[ " $* " == *" {there} {there}-venv "* ]] || exit 100
ln -s new_python "${{0%/*}}/{there}"
"""
OLD_PYTHON = "#!/usr/bin/env bash\nexit 1\n"
NEW_PYTHON = """#!/usr/bin/env bash
if [[ $1 == -c ]]; then echo "${0%/*}/../packages"; exit; fi
echo "${0##*/} $*" >>/autograder/log
if [[ $2 == venv ]]; then /bin/mkdir -p "$3/bin" "$3/packages"; ln -s "$0" "$3/bin/python"; fi
"""


@ON_GRADESCOPE
class TestSetUp:
    """On images whose Python is too old."""

    def set_up(
        self, archive: Path, folder: Path, commands: dict[str, str]
    ) -> tuple[subprocess.CompletedProcess[str], list[str]]:
        machine = Machine.with_archive(archive, folder)
        path = folder / "bin"
        path.mkdir()
        for name in ("bash", "cp", "ln"):
            (path / name).symlink_to(shutil.which(name) or name)
        for name, text in commands.items():
            (path / name).write_text(text)
            (path / name).chmod(0o755)
        run = machine.set_up(str(path))
        log = machine.folder / "log"
        return run, log.read_text().splitlines() if log.exists() else []

    @pytest.mark.parametrize("there", ["python3.12", "python3.11"])
    def test_the_newest_python_of_the_image_is_installed(
        self, archive: Path, tmp_path: Path, there: str
    ) -> None:
        commands = {
            "apt-get": SMALL_APT.format(there=there),
            "python3": OLD_PYTHON,
            "new_python": NEW_PYTHON,
        }
        run, log = self.set_up(archive, tmp_path, commands)
        assert run.returncode == 0, run.stderr
        assert log[0] == "update -qq"
        assert f"{there} -m venv /autograder/source/environment" in log
        *_, requirements, compiled, version = log
        assert requirements.endswith("-r /autograder/source/requirements.txt")
        assert compiled.startswith("python -m compileall -q ")
        assert version == "python -I -m grader.cli.kit --version"
        packages = tmp_path / "autograder/source/environment/packages"
        assert (packages / "grader/rubric.toml").is_file()

    def test_without_one_the_image_is_not_built(self, archive: Path, tmp_path: Path) -> None:
        run, log = self.set_up(archive, tmp_path, {"python3": OLD_PYTHON})
        assert (run.returncode, log) == (1, [])
        assert run.stderr == (
            "setup.sh: this image has no Python 3.11 or newer with venv; choose a newer base image\n"
        )


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "terminated"])
def test_what_was_judged_before_it_was_stopped_is_in_the_document_without_a_score(
    tmp_path: Path, end: signal.Signals
) -> None:
    root = tmp_path / "autograder"
    (root / "submission").mkdir(parents=True)
    (root / "results").mkdir()
    slow = f"{WRONG}\n\nPerceptron.fit = lambda *_arguments, **_options: __import__('time').sleep(100)\n"
    (root / "submission" / "perceptron.py").write_text(slow)
    results = root / "results" / "results.json"
    line: list[str | Path] = [KIT, "run-autograder", "--timeout", "100", root]
    with subprocess.Popen(line, stderr=subprocess.DEVNULL) as autograder:
        try:
            until = time.monotonic() + 60
            document: Document = {}
            while "6 of 11 criteria" not in document.get("output", "") and time.monotonic() < until:
                time.sleep(0.05)
                document = json.loads(results.read_text()) if results.exists() else {}
        finally:
            autograder.send_signal(end)
    assert autograder.returncode != 0
    document = json.loads(results.read_text())
    jsonschema.validate(document, SCHEMA)
    assert {"score", "tests"}.isdisjoint(document)
    verdicts = re.findall(r"^(\w+\.\w+): (\w+)$", document["output"], re.MULTILINE)
    names = ("shape", "dz", "weights", "biases", "da_prev", "update")
    assert dict(verdicts) == {
        f"backward.{name}": "failed" if name == "da_prev" else "passed" for name in names
    }


@pytest.mark.parametrize(
    ("level", "says"), [("score", None), ("verdict", ""), ("full", "The gradient returned")]
)
def test_students_are_told_no_more_than_the_level_allows(
    tmp_path: Path, level: str, says: str | None
) -> None:
    (tmp_path / "submission").mkdir()
    (tmp_path / "submission" / "perceptron.py").write_text(WRONG)
    subprocess.run([KIT, "run-autograder", "--feedback", level, tmp_path], check=True, capture_output=True)
    document = json.loads((tmp_path / "results" / "results.json").read_text())
    jsonschema.validate(document, SCHEMA)
    assert document["score"] == 80.0
    tests = {test["name"].partition(":")[0]: test["output"] for test in document["tests"]}
    if says is None:
        assert (tests, document["output"], document["extra_data"]["criteria"]) == ({}, "", {})
    else:
        assert tests["backward.da_prev"].startswith(says)
        assert bool(tests["backward.da_prev"]) == bool(says)


@ON_GRADESCOPE
def test_a_broken_environment_gives_no_score(archive: Path, tmp_path: Path) -> None:
    ended = Machine.with_archive(archive, tmp_path).grade({"perceptron.py": RIGHT})
    assert ended.code != 0
    assert_not_graded(ended.document)


@ON_GRADESCOPE
@pytest.mark.slow
def test_the_options_hold_for_every_submission(tmp_path: Path) -> None:
    rubric = tmp_path / "my points.toml"
    text = (TESTS.parent / "grader" / "rubric.toml").read_text()
    rubric.write_text(text.replace('"backward.dz" = 15', '"backward.dz" = 115'))
    options = ("--rubric", rubric, "--isolation", "user", "--seed", "7")
    machine = Machine.with_archive(made(tmp_path / "a.zip", *options), tmp_path)
    machine.borrow_environment()
    ended = machine.grade({"perceptron.py": RIGHT})
    assert_graded(ended.document, 200, "user")
    assert "--seed\n7\n" in (machine.source / "options.txt").read_text()


def test_the_seed_of_the_rubric_stays_in_it(tmp_path: Path) -> None:
    rubric = tmp_path / "own.toml"
    rubric.write_text("seed = 12345\n" + (TESTS.parent / "grader" / "rubric.toml").read_text())
    made(tmp_path / "a.zip", "--rubric", rubric)
    assert "--rubric" in options_in(tmp_path / "a.zip")
    assert "--seed" not in options_in(tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as file:
        assert file.read("rubric.toml") == rubric.read_bytes()


def test_the_isolation_that_stops_nobody_has_to_be_named(archive: Path, tmp_path: Path) -> None:
    assert "--isolation\nstrongest\n" in options_in(archive)
    assert "--isolation\nprocess\n" in options_in(made(tmp_path / "a.zip", "--isolation", "process"))


def test_the_level_of_feedback_is_in_the_archive(archive: Path, tmp_path: Path) -> None:
    assert "--feedback\nfull\n" in options_in(archive)
    assert "--feedback\nhint\n" in options_in(made(tmp_path / "a.zip", "--feedback", "hint"))


def test_the_language_is_in_the_archive(archive: Path, tmp_path: Path) -> None:
    finnish = made(tmp_path / "a.zip", "--lang", "fi")
    assert "--lang\nen\n" in options_in(archive)
    assert "--lang\nfi\n" in options_in(finnish)
    with zipfile.ZipFile(finnish) as file:
        assert "Tätä palautusta ei ole arvioitu" in json.loads(file.read("not_graded.json"))["output"]
        assert any(name.endswith("/fi/LC_MESSAGES/perceptron-kit.mo") for name in file.namelist())


def options_in(archive: Path) -> str:
    with zipfile.ZipFile(archive) as file:
        return file.read("options.txt").decode()


def test_the_archive_is_the_same_each_time(archive: Path, tmp_path: Path) -> None:
    assert made(tmp_path / "again.zip").read_bytes() == archive.read_bytes()
    with zipfile.ZipFile(archive) as file:
        assert file.namelist() == sorted(file.namelist())
        modes = {member.filename: member.external_attr >> 16 for member in file.infolist()}
        assert {member.date_time for member in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert {name for name, mode in modes.items() if mode & stat.S_IXUSR} == {"setup.sh", "run_autograder"}


def test_another_file_is_replaced_only_by_force(tmp_path: Path) -> None:
    out = tmp_path / "autograder.zip"
    out.write_text("mine")
    run = make(out)
    assert (run.returncode, out.read_text()) == (2, "mine")
    assert "already has autograder.zip, with other contents" in run.stderr
    assert "--force" in run.stderr
    made(out, "--force")
    assert "is up to date" in make(out).stdout
    assert [path.name for path in tmp_path.iterdir()] == ["autograder.zip"]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["autograder.tar"], "should end in .zip"),
        (["no/such/../a.zip", "--rubric", "none.toml"], "none.toml: the rubric cannot be read"),
        (["a.zip", "--isolation", "none"], "is not one of"),
    ],
)
def test_wrong_usage_is_refused(tmp_path: Path, options: Sequence[str], why: str) -> None:
    run = make(tmp_path / options[0], *options[1:])
    assert run.returncode == 2
    assert why in run.stderr
    assert list(tmp_path.iterdir()) == []


# --- Requirements ---------------------------------------------------------------------------------------

WITH = """
import sys
sys.path.append(sys.argv[1])
from grader.cli.kit import main
sys.argv = ["perceptron-kit", "run-autograder", sys.argv[2]]
main()
"""


@pytest.fixture(scope="module")
def only_pinned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of packages with the kit, the pinned requirements, and nothing else."""
    folder = tmp_path_factory.mktemp("packages")
    for line in pinned_requirements():
        installed = distribution(line.partition("==")[0])
        for name in {file.parts[0] for file in installed.files or [] if file.parts[0] != ".."}:
            if not (folder / name).exists():
                (folder / name).symlink_to(str(installed.locate_file(name)))
    (folder / "grader").symlink_to(TESTS.parent / "grader")
    return folder


@pytest.mark.parametrize("name", ["perceptron.py", "perceptron.ipynb", "work.zip"])
def test_grading_needs_only_what_is_pinned(tmp_path: Path, only_pinned: Path, name: str) -> None:
    (tmp_path / "submission").mkdir()
    if name == "work.zip":
        with zipfile.ZipFile(tmp_path / "submission" / name, "w") as file:
            file.writestr("perceptron.py", WRONG)
    else:
        shutil.copy(assignment_path() / name, tmp_path / "submission")
    line: list[str | Path] = [sys.executable, "-I", "-S", "-c", WITH, only_pinned, tmp_path]
    run = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stderr
    document = json.loads((tmp_path / "results" / "results.json").read_text())
    assert_graded(document, 80 if name == "work.zip" else 0)


def test_requirements_are_exact_versions() -> None:
    lines = pinned_requirements()
    assert lines == sorted(lines)
    assert all(line.count("==") == 1 and "/" not in line for line in lines)
    assert not any(line.startswith(("nbgrader", "notebook", "ipython", "jinja2")) for line in lines)


# --- The kit in the archive -----------------------------------------------------------------------------

AGAIN = """
import hashlib, sys
sys.path.insert(0, sys.argv[1])
from grader.bundles.autograder_archive import kit_files
for name, content in sorted(kit_files().items()): print(name, hashlib.sha256(content).hexdigest())
"""


def test_the_kit_that_is_installed_from_the_archive_makes_the_same_archive(tmp_path: Path) -> None:
    for name, content in kit_files().items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    line: list[str | Path] = [sys.executable, "-I", "-B", "-c", AGAIN, tmp_path]
    again = subprocess.run(line, capture_output=True, text=True, timeout=60, check=True).stdout
    expected = [
        f"{name} {hashlib.sha256(content).hexdigest()}" for name, content in sorted(kit_files().items())
    ]
    assert again.splitlines() == expected


def test_the_kit_in_the_archive_is_complete_and_has_no_rubbish() -> None:
    files = kit_files()
    package = TESTS.parent / "grader"
    assert files["grader/rubric.toml"] == (package / "rubric.toml").read_bytes()
    policy = "candidate/sandbox/wall/seccomp.toml"
    assert files[f"grader/{policy}"] == (package / policy).read_bytes()
    assert files["grader/_kit/utils.py"] == utils_path().read_bytes()
    assert files["grader/_kit/solution/perceptron.py"] == RIGHT.encode()
    assert files["grader/_kit/assignment/perceptron.py"] == SKELETON.encode()
    assert not [name for name in files if name.endswith(".pyc") or "/." in name]


# --- The scripts ----------------------------------------------------------------------------------------


@pytest.mark.skipif(
    not shutil.which("shellcheck") and os.environ.get("CI") != "true", reason="there is no shellcheck"
)
def test_shellcheck_has_nothing_to_say(archive: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(archive) as file:
        scripts = [file.extract(name, tmp_path) for name in ("setup.sh", "run_autograder")]
    line = ["shellcheck", *scripts, str(Path(__file__).with_name("as_autograder.sh"))]
    run = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stdout
