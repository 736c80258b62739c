"""The visible checks agree with the exam, over the corpora of right and wrong submissions."""

from __future__ import annotations

from pathlib import Path

import pytest
from in_process import grade_entries
from released import STEPS, TRAINING, not_right, released, run

from grader.candidate.launcher import ForkingParent
from grader.intake import Entries, find_submissions
from grader.model import Feedback, Status
from grader.settings import Settings

pytestmark = pytest.mark.slow

CORPORA = Path(__file__).parents[1] / "submissions"
BATCH = 50
"""So many submissions are graded in one session of the exam."""
MAIN_FILES = {"package": "train.py"}
"""Folders whose main file imports the classes."""


def main_file(entry: Path) -> Path:
    """Return the file of a submission that defines ``Perceptron``."""
    if entry.is_file():
        return entry
    if entry.name in MAIN_FILES:
        return entry / MAIN_FILES[entry.name]
    files = [path for path in sorted(entry.rglob("*")) if path.suffix in (".py", ".ipynb")]
    return [
        path for path in files if "class Perceptron" in path.read_text(encoding="utf-8", errors="replace")
    ][-1]


def entries(folder: Path) -> dict[str, Path]:
    paths = sorted(
        path for path in folder.iterdir() if path.suffix != ".md" and not path.name.startswith(("_", "."))
    )
    return {str(path.relative_to(CORPORA)): path for path in paths}


RIGHT = entries(CORPORA / "right")
WRONG = {
    name: path for folder in sorted((CORPORA / "wrong").iterdir()) for name, path in entries(folder).items()
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return released(tmp_path_factory.mktemp("released"))


@pytest.fixture(scope="module")
def lost() -> dict[str, set[str]]:
    """Return the steps of the criteria that each wrong submission loses."""
    settings = Settings(feedback=Feedback.VERDICT)
    submissions = [Entries(find_submissions([path]))[0] for path in WRONG.values()]
    with ForkingParent(settings.isolation) as parent:
        results = [
            result
            for start in range(0, len(submissions), BATCH)
            for result in grade_entries(submissions[start : start + BATCH], parent, settings)
        ]
    return {
        name: {c.id.partition(".")[2] for c in result.criteria if c.status is not Status.PASSED}
        for name, result in zip(WRONG, results, strict=True)
    }


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_submission_passes_all_checks(folder: Path, name: str) -> None:
    run_ = run(folder, "check.py", main_file(RIGHT[name]))
    assert run_.returncode == 0, run_.stdout + run_.stderr


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_fails_a_check_of_a_criterion_that_it_costs_and_none_before(
    folder: Path, lost: dict[str, set[str]], name: str
) -> None:
    wrong = not_right(run(folder, "check.py", main_file(WRONG[name])).stdout)
    assert wrong - TRAINING <= lost[name] - TRAINING
    if lost[name] - TRAINING:
        first = next(step for step in STEPS if step in wrong)
        assert first in lost[name] - TRAINING
