"""A saved result is found again if grading would give the same one, and not otherwise."""

from __future__ import annotations

import dataclasses
import json
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from grader.candidate.isolation import Isolation
from grader.errors import UsageError
from grader.grading import cache as module
from grader.grading.cache import Cache, result_key
from grader.model import (
    ArrayValue,
    CriterionResult,
    Feedback,
    Finding,
    Message,
    Status,
    Submission,
    SubmissionResult,
    SubmissionStatus,
)
from grader.resources import utils_path
from grader.rubric import Rubric, default_rubric
from grader.settings import Settings

FILES = {"perceptron.py": b"class Layer: ...", "helper.py": b"x = 1"}
ALICE = Submission(
    "alice",
    "class/alice",
    FILES,
    {name: f"class/alice/{name}" for name in FILES},
)
FINDING = Finding("law", Message("no\udc80"), facts={"W": ArrayValue((1, 1), (1.0,))})
RESULT = SubmissionResult(
    "alice",
    "class/alice/perceptron.py",
    "a" * 64,
    SubmissionStatus.GRADED,
    85.0,
    100.0,
    ("landlock:7",),
    (CriterionResult("backward.dz", "dz", 0.0, 15.0, Status.FAILED, FINDING),),
    output="ü\x1b",
)
KEY = result_key(ALICE, Settings())
HEAVIER = Rubric(dict(default_rubric().points) | {"fit.loss": 6.0})


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    cache = Cache(tmp_path / "results")
    cache.save(ALICE, Settings(), RESULT)
    return cache


def only_file(folder: Path) -> Path:
    (path,) = (folder / "results").iterdir()
    return path


def test_a_saved_result_comes_back(cache: Cache) -> None:
    assert cache.find(ALICE, Settings()) == RESULT


def test_a_result_comes_back_with_the_path_of_the_submission_at_hand(cache: Cache) -> None:
    paths = {name: f"elsewhere/alice.zip/{name}" for name in FILES}
    moved = replace(ALICE, path="elsewhere/alice.zip", paths=paths, aliases=("1234",))
    assert cache.find(moved, Settings()) == replace(
        RESULT, path="elsewhere/alice.zip/perceptron.py", aliases=("1234",)
    )


@pytest.mark.parametrize(
    "change",
    [
        {"main": "perceptron.py"},
        {"files": FILES | {"perceptron.py": b"class Layer: pass"}},
        {"files": FILES | {"helper.py": b"x = 2"}},
        {"files": {"perceptron.py": FILES["perceptron.py"]}},
        {"files": {"other.py": FILES["perceptron.py"], "helper.py": FILES["helper.py"]}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_other_code_has_another_key(change: dict[str, object]) -> None:
    assert result_key(replace(ALICE, **change), Settings()) != KEY  # type: ignore[arg-type]


OTHER_SETTINGS = {
    "seed": Settings(seed=1),
    "timeout": Settings(timeout=9.0),
    "total_timeout": Settings(total_timeout=59.0),
    "memory": Settings(memory=2**29),
    "rubric": Settings(rubric=HEAVIER),
    "isolation": Settings(isolation=Isolation.PROCESS),
    "feedback": Settings(feedback=Feedback.SCORE),
    "pictures": Settings(pictures=True),
    "pictures_of_classes": Settings(pictures_of_classes=False),
    "show_repair": Settings(show_repair=True),
}


@pytest.mark.parametrize("name", OTHER_SETTINGS)
def test_other_settings_have_another_key(name: str) -> None:
    assert result_key(ALICE, OTHER_SETTINGS[name]) != KEY


def test_no_setting_is_forgotten() -> None:
    assert {field.name for field in dataclasses.fields(Settings)} == set(OTHER_SETTINGS)


@pytest.mark.parametrize("what", ["version", "kit_version", "code_digest"])
def test_another_kit_or_numpy_has_another_key(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    monkeypatch.setattr(module, what, lambda *_names: "0")
    assert result_key(ALICE, Settings()) != KEY


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the checkout's code."""
    copy, root = tmp_path_factory.mktemp("checkout"), utils_path().parent
    for folder in ("grader", "assignment"):
        shutil.copytree(root / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(utils_path(), copy)
    return copy


def digest_in(checkout: Path) -> str:
    line = [sys.executable, "-B", "-c", "from grader.version import code_digest; print(code_digest())"]
    return subprocess.run(line, cwd=checkout, capture_output=True, text=True, check=True, timeout=60).stdout


def digest_with_a_change_in(checkout: Path, name: str) -> str:
    path = checkout / name
    content = path.read_bytes()
    path.write_bytes(content + b"\n")
    try:
        return digest_in(checkout)
    finally:
        path.write_bytes(content)


@pytest.mark.parametrize(
    "name",
    [
        "assignment/perceptron.ipynb",
        "grader/candidate/sandbox/runtime/choosing.py",
        "grader/candidate/sandbox/wall/filters/x86_64.bpf",
        "grader/candidate/sandbox/runtime/worker.py",
        "grader/candidate/sandbox/wall/seccomp.toml",
        "grader/criteria.toml",
        "grader/exam/questions/questions.json",
        "grader/exam/test_backward.py",
        "grader/grading/outcomes.py",
        "grader/settings.py",
        "grader/rubric.toml",
        "utils.py",
    ],
)
def test_saved_results_are_void_if_a_file_changes_that_scores_depend_on(checkout: Path, name: str) -> None:
    assert digest_with_a_change_in(checkout, name) != digest_in(checkout)


@pytest.mark.parametrize(
    "name",
    [
        "assignment/TASK.md",
        "grader/assignment/derivation.py",
        "grader/bundles/autograder_archive.py",
        "grader/candidate/README.md",
        "grader/cli/grade.py",
        "grader/doctor/attacks.toml",
        "grader/intake/platforms/upload_names.py",
        "grader/misconceptions.toml",
        "grader/nbgrader/feedback.html.jinja",
        "grader/report/lms/moodle.toml",
        "grader/report/page/templates/page.html",
        "grader/report/terminal/submissions.py",
        "grader/assignment/templates/criteria.py",
    ],
)
def test_saved_results_outlive_changes_that_no_score_depends_on(checkout: Path, name: str) -> None:
    assert digest_with_a_change_in(checkout, name) == digest_in(checkout)


def test_results_of_other_settings_or_names_are_not_found(cache: Cache) -> None:
    assert cache.find(ALICE, Settings(seed=1)) is None
    assert cache.find(replace(ALICE, id="bob"), Settings()) is None
    assert Cache(Path("nowhere")).find(ALICE, Settings()) is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda _text: "",
        lambda text: text[:-40],
        lambda text: text.replace("85.0", "100.0"),
        lambda _text: json.dumps([]),
        lambda text: json.dumps(json.loads(text) | {"result": None}),
        lambda _text: "[" * 100_000,
        lambda _text: "\xff",
    ],
)
def test_a_damaged_file_is_not_used(cache: Cache, tmp_path: Path, damage: Callable[[str], str]) -> None:
    path = only_file(tmp_path)
    path.write_text(damage(path.read_text()), encoding="utf-8")
    assert cache.find(ALICE, Settings()) is None
    cache.save(ALICE, Settings(), RESULT)
    assert cache.find(ALICE, Settings()) == RESULT


def test_a_file_under_another_name_is_not_used(cache: Cache, tmp_path: Path) -> None:
    path = only_file(tmp_path)
    path.rename(path.with_name("bob.json"))
    assert cache.find(replace(ALICE, id="bob"), Settings()) is None


def test_a_result_without_a_score_is_not_saved_and_replaces_none(cache: Cache, tmp_path: Path) -> None:
    ungraded = replace(
        RESULT,
        path="elsewhere/alice.py",
        status=SubmissionStatus.UNGRADED,
        score=None,
        reasons=(Message.verbatim("no memory"),),
    )
    before = only_file(tmp_path).read_bytes()
    cache.save(replace(ALICE, id="bob"), Settings(), ungraded)
    cache.save(ALICE, Settings(), ungraded)
    assert only_file(tmp_path).read_bytes() == before
    assert cache.replaced == []


ODD_NAMES = [
    "Alice", "ALICE", "李", "a/b", "../up", ".", "..", "", ".hidden", "con", "x" * 300, "a b", "a\nb",
    "e\u0301", "\u00e9", "\udc80", "alice-" + "0" * 16, "a.json", "*",
]  # fmt: skip


def test_every_name_has_a_file_of_its_own(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "results")
    called = [replace(ALICE, id=name) for name in ["alice", *ODD_NAMES]]
    for submission in called:
        cache.save(submission, Settings(), replace(RESULT, id=submission.id))
    found = [cache.find(submission, Settings()) for submission in called]
    assert [result.id for result in found if result is not None] == ["alice", *ODD_NAMES]
    files = list((tmp_path / "results").iterdir())
    assert {path.parent for path in tmp_path.rglob("*.json")} == {tmp_path / "results"}
    assert len({path.name.lower() for path in files}) == len(ODD_NAMES) + 1
    assert (tmp_path / "results" / "alice.json") in files


def test_others_are_results_of_submissions_that_are_not_named(tmp_path: Path, cache: Cache) -> None:
    cache.save(replace(ALICE, id="Bob"), Settings(), replace(RESULT, id="Bob"))
    (tmp_path / "results" / "notes.txt").write_text("mine")
    assert cache.others(["Bob"]) == ["alice.json"]
    assert cache.others(["alice", "Bob"]) == []
    assert Cache(tmp_path / "nothing").others(["alice"]) == []


@pytest.mark.usefixtures("cache")
def test_files_are_as_readable_as_any_other(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("")
    assert stat.S_IMODE(only_file(tmp_path).stat().st_mode) == stat.S_IMODE(
        (tmp_path / "plain").stat().st_mode
    )


def test_a_folder_that_cannot_be_written_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        Cache(tmp_path / "file").save(ALICE, Settings(), RESULT)
