"""The command perceptron-kit compare, on folders of results and on reports."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from classrooms import DEADLINE, KIT, Run

from grader.grading.cache import Cache
from grader.model import Report, Submission, SubmissionResult, SubmissionStatus
from grader.report.document import render_json
from grader.report.formats import Options
from grader.settings import Settings


def compare(*arguments: str | Path) -> Run:
    assert KIT is not None
    line = [KIT, "compare", *map(str, arguments)]
    return subprocess.run(line, capture_output=True, encoding="utf-8", timeout=DEADLINE, check=False)


def results(**scores: float) -> list[SubmissionResult]:
    return [
        SubmissionResult(id_, f"{id_}.py", "", SubmissionStatus.GRADED, score, 100.0)
        for id_, score in scores.items()
    ]


@pytest.fixture
def old(tmp_path: Path) -> Path:
    for result in results(alice=80.0, bob=70.0):
        Cache(tmp_path / "old").save(Submission(result.id, result.path, {}), Settings(), result)
    return tmp_path / "old"


@pytest.fixture
def new(tmp_path: Path) -> Path:
    path = tmp_path / "new.json"
    path.write_text(
        render_json(Report("1", 0, 100.0, tuple(results(alice=85.5, bob=70.0))), Options()), "utf-8"
    )
    return path


def test_a_change_ends_with_1(old: Path, new: Path) -> None:
    run = compare(old, new)
    assert (run.returncode, run.stderr) == (1, "")
    assert run.stdout.splitlines() == [
        "alice  80 / 100 → 85.5 / 100  (+5.5)",
        "",
        "1 changed, 1 unchanged, 0 new, 0 gone",
    ]


def test_no_change_ends_with_0(old: Path, new: Path) -> None:
    for path in (old, new):
        run = compare(path, path)
        assert (run.returncode, run.stdout) == (0, "0 changed, 2 unchanged, 0 new, 0 gone\n")


def test_json_is_for_programs(old: Path, new: Path) -> None:
    run = compare("--format", "json", old, new)
    assert run.returncode == 1
    assert json.loads(run.stdout)["changed"][0]["difference"] == 5.5


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("{", "is not a report of grade --format json: it is not JSON"),
        ("[]", "is not a report of grade --format json: Expected `object`, got `array`"),
        ('{"schema": 9}', "its schema is 9, and this kit reads 2"),
    ],
)
def test_another_kind_of_file_is_wrong_usage(old: Path, tmp_path: Path, content: str, complaint: str) -> None:
    (tmp_path / "odd.json").write_text(content)
    run = compare(old, tmp_path / "odd.json")
    assert (run.returncode, run.stdout) == (2, "")
    assert complaint in run.stderr
    assert len(run.stderr.splitlines()) == 1


def test_a_folder_without_results_is_wrong_usage(old: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "there are no results in" in compare(tmp_path / "empty", old).stderr
    assert "cannot be read" in compare(tmp_path / "nobody", old).stderr


def test_a_changed_result_is_wrong_usage(old: Path, new: Path) -> None:
    (old / "alice.json").write_text((old / "alice.json").read_text().replace("80.0", "99.0"))
    run = compare(old, new)
    assert run.returncode == 2
    assert "alice.json is not a result that grade --out has saved" in run.stderr
