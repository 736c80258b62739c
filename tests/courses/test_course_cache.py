"""``nbgrader autograde`` uses what ``grade`` has cached in a course, and nobody can hand in results."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from courses import run

from grader.files import write_files
from grader.grading.cache import Cache
from grader.intake import read_folder
from grader.model import Status, Submission
from grader.nbgrader.configuration import CONFIG_FILE, lines
from grader.nbgrader.course_cache import cache_for, cache_of
from grader.nbgrader.source import derive_source
from grader.resources import assignment_path
from grader.rubric import default_rubric
from grader.settings import Settings


def cache(course: Path) -> Cache:
    return Cache(cache_of(course))


def submission(folder: Path, name: str, student: str) -> Submission:
    entry = read_folder(folder, student, name)
    assert isinstance(entry, Submission)
    return entry


def test_autograde_finds_what_grade_has_cached(tmp_path: Path) -> None:
    (tmp_path / CONFIG_FILE).write_text(lines("en"))
    folder = tmp_path / "submitted/ann/perceptron"
    write_files(folder, derive_source(default_rubric()), force=False)
    said = run("grade", "submitted", folder=tmp_path).stderr
    assert f"results are saved in {tmp_path / '.perceptron-kit'}" in said
    entry = submission(folder, "perceptron.ipynb", "ann")
    found = cache(tmp_path).find(entry, Settings())
    assert found is not None
    assert found.score == 100.0
    assert cache(tmp_path).find(entry, Settings(seed=1)) is None


def test_grade_does_not_trust_results_that_were_handed_in(tmp_path: Path) -> None:
    handed_in = tmp_path / "unpacked"
    (handed_in / "submitted").mkdir(parents=True)
    (handed_in / CONFIG_FILE).write_text(lines("en"))
    shutil.copy(assignment_path() / "perceptron.py", handed_in / "submitted")
    command = ("grade", "--format", "json", "unpacked/submitted/perceptron.py")
    run(*command, folder=tmp_path)

    entry = submission(handed_in / "submitted", "perceptron.py", "perceptron")
    result = cache(handed_in).find(entry, Settings())
    assert result is not None, "grade has cached nothing that could be forged"
    criteria = tuple(replace(c, points=c.max_points, status=Status.PASSED) for c in result.criteria)
    forged = replace(result, score=100.0, criteria=criteria)
    cache(handed_in).save(entry, Settings(), forged)
    assert cache(handed_in).find(entry, Settings()) == forged

    (again,) = json.loads(run(*command, folder=tmp_path).stdout)["submissions"]
    assert again["score"] == 0.0


@pytest.mark.parametrize(
    ("config", "path"),
    [
        (None, "submitted/ann"),
        ("c = get_config()\n", "submitted/ann"),
        (lines("en"), "elsewhere/ann"),
    ],
)
def test_outside_a_course_with_the_exercise_there_is_no_cache(
    tmp_path: Path, config: str | None, path: str
) -> None:
    if config is not None:
        (tmp_path / CONFIG_FILE).write_text(config)
    (tmp_path / path).mkdir(parents=True)
    assert cache_for([tmp_path / path]) is None
