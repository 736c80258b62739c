"""The exam is pytest: ``pytest grader/exam --submission PATH`` runs it by hand."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader.resources import solution_path

ROOT = Path(__file__).parents[2]
WRONG = ROOT / "tests" / "submissions" / "wrong" / "updated-before-da_prev" / "in_place.py"
ENVIRONMENT = {
    name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COLUMNS"))
}

Run = subprocess.CompletedProcess[str]


def by_hand(*arguments: str | Path) -> Run:
    options = ["-p", "no:cacheprovider"]
    line = [sys.executable, "-m", "pytest", *options, "grader/exam", *map(str, arguments)]
    environment = ENVIRONMENT | {"PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        line, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", timeout=60, check=False
    )


def test_the_reference_passes_every_law() -> None:
    ended = by_hand("--submission", solution_path() / "perceptron.py", "-q")
    assert ended.returncode == pytest.ExitCode.OK, ended.stdout
    last = ended.stdout.splitlines()[-1]
    assert " passed in " in last
    assert int(last.split()[0]) >= 11, "there are eleven criteria"


@pytest.fixture(scope="module")
def wrong() -> Run:
    return by_hand("--submission", WRONG)


def test_a_known_mistake_fails_the_law_that_it_breaks(wrong: Run) -> None:
    assert wrong.returncode == pytest.ExitCode.TESTS_FAILED
    lines = [line for line in wrong.stdout.splitlines() if line.startswith("FAILED ")]
    failed = [line.partition("::")[2].partition(" - ")[0] for line in lines]
    assert failed == [
        "test_da_prev_is_the_transposed_weights_times_dz[in_place]",
        "test_an_epoch_agrees_with_central_differences[in_place]",
    ]


def test_a_law_that_fails_says_what_was_seen_and_on_which_numbers(wrong: Run) -> None:
    _, _, failure = wrong.stdout.partition(" test_da_prev_is_the_transposed_weights_times_dz[in_place] ")
    for label in ("\nSeen: ", "\nShould be: ", "\nOn:\n  n_inputs = "):
        assert label in failure


def test_a_law_that_fails_shows_no_code_of_the_grader(wrong: Run) -> None:
    assert "Traceback" not in wrong.stdout + wrong.stderr
    assert "\nE  " not in wrong.stdout
    assert "\n>  " not in wrong.stdout
    shown = wrong.stdout.partition("= FAILURES =")[2].partition("= short test summary info =")[0]
    assert shown
    assert "grader/" not in shown
    assert ".py:" not in shown


def test_without_a_submission_the_usage_is_wrong() -> None:
    ended = by_hand()
    assert ended.returncode == pytest.ExitCode.USAGE_ERROR
    assert "the exam needs a submission: pytest grader/exam --submission PATH" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_submission_that_does_not_exist_is_wrong_usage(tmp_path: Path) -> None:
    ended = by_hand("--submission", tmp_path / "nobody.py")
    assert ended.returncode == pytest.ExitCode.USAGE_ERROR
    assert f"{tmp_path / 'nobody.py'} does not exist" in ended.stderr
    assert "Traceback" not in ended.stderr
