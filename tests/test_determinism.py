"""The same submission gets the same score and criteria, byte for byte, whatever is around it.

Other interpreters are compared by tests/certify_versions.py, which is not part of the suite.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from in_process import grade_paths

import grader
from grader.model import Report, SubmissionResult
from grader.report.document import document
from grader.resources import assignment_path, solution_path, utils_path
from grader.settings import Settings

SUBMISSION = Path(__file__).parent / "submissions" / "wrong" / "gradient-ascent" / "both.py"
"""It loses three criteria, each by a search for the simplest numbers."""
PACKAGE = Path(grader.__file__).parent
SESSIONS, COPIES = 2, 10

GRADE = "import sys; from grader.cli.grade import main; sys.argv[0] = 'grade'; main()"
SURROUNDINGS = [
    {"PYTHONHASHSEED": "4242", "TZ": "Asia/Kathmandu", "LC_ALL": "C", "OPENBLAS_NUM_THREADS": "2"},
    {"PYTHONHASHSEED": "random", "TZ": "America/St_Johns", "LC_ALL": "tr_TR.UTF-8", "PYTHONOPTIMIZE": "1"},
]


def verdict(result: SubmissionResult) -> bytes:
    """Return the score and the criteria as the report has them."""
    (entry,) = document(Report("", 0, result.max_score, (result,)))["submissions"]
    return json.dumps([entry["score"], entry["criteria"]]).encode()


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copies")
    for number in range(COPIES):
        (folder / f"student {number}").mkdir()
        shutil.copy(SUBMISSION, folder / f"student {number}")
    return folder


@pytest.fixture(scope="module")
def verdicts(copies: Path) -> list[bytes]:
    return [verdict(result) for _ in range(SESSIONS) for result in grade_paths([copies], Settings())]


def test_twenty_examinations_in_one_process_agree(verdicts: list[bytes]) -> None:
    assert len(verdicts) == 20
    assert set(verdicts) == {verdicts[0]}


def test_the_submission_puts_the_search_to_work(verdicts: list[bytes]) -> None:
    score, criteria = json.loads(verdicts[0])
    shrunk = [criterion for criterion in criteria if (criterion["finding"] or {}).get("facts")]
    assert score == 75.0
    assert len(shrunk) == 3


def test_a_conftest_above_the_kit_is_not_run(verdicts: list[bytes], tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "site" / "grader", ignore=shutil.ignore_patterns("__pycache__"))
    for path in (solution_path(), assignment_path()):
        shutil.copytree(path, tmp_path / "site" / path.name)
    shutil.copy(utils_path(), tmp_path / "site")
    (tmp_path / "conftest.py").write_text("raise SystemExit('run by the examiner')", encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-c", GRADE, "--format", "json", str(SUBMISSION)],
        env=os.environ | {"PYTHONPATH": str(tmp_path / "site")},
        cwd=tmp_path,
        capture_output=True,
        timeout=60,
        check=True,
    )
    (entry,) = json.loads(ended.stdout)["submissions"]
    assert json.dumps([entry["score"], entry["criteria"]]).encode() == verdicts[0]


@pytest.mark.parametrize("surroundings", SURROUNDINGS, ids=lambda surroundings: surroundings["TZ"])
def test_a_new_process_in_other_surroundings_agrees(
    verdicts: list[bytes], tmp_path: Path, surroundings: dict[str, str]
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", GRADE, "--format", "json", str(SUBMISSION)],
        env=os.environ | surroundings,
        cwd=tmp_path,
        capture_output=True,
        timeout=60,
        check=True,
    )
    (entry,) = json.loads(ended.stdout)["submissions"]
    assert json.dumps([entry["score"], entry["criteria"]]).encode() == verdicts[0]
