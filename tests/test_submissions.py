"""Every submission of the corpora gets the verdict that its folder stands for (tests/submissions/README.md)."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.examiner import Settings, examine
from grader.model import Status, SubmissionResult, SubmissionStatus
from grader.resources import misconceptions_path
from grader.rubric import default_rubric

CORPORA = Path(__file__).parent / "submissions"
CATALOGUE = tomllib.loads(misconceptions_path().read_text(encoding="utf-8"))
TRAINING = {"training.gradient_check", "training.monotone_loss"}
TIMEOUT = 2.0

Examined = Callable[[Path], SubmissionResult]


def entries(folder: Path) -> list[Path]:
    """Return the submissions directly in ``folder``: files, notebooks and folders."""
    return sorted(
        entry for entry in folder.iterdir() if entry.suffix != ".md" and not entry.name.startswith(("_", "."))
    )


def named(paths: list[Path]) -> dict[str, Path]:
    return {str(path.relative_to(CORPORA)): path for path in paths}


RIGHT = named(entries(CORPORA / "right"))
WRONG = named([path for folder in sorted((CORPORA / "wrong").iterdir()) for path in entries(folder)])
NONSENSE = named(entries(CORPORA / "nonsense"))
PARTIAL = named(entries(CORPORA / "partial"))


@pytest.fixture(scope="module")
def examined() -> Examined:
    """Examine a submission; those of one folder are examined together, when the first of them is asked for."""
    results: dict[Path, SubmissionResult] = {}

    def examine_with_its_kind(path: Path) -> SubmissionResult:
        if path not in results:
            kind = next(group for group in (RIGHT, WRONG, NONSENSE, PARTIAL) if path in group.values())
            paths = [other for other in kind.values() if other.parent == path.parent]
            results.update(zip(paths, examine(paths, Settings(timeout=TIMEOUT)), strict=True))
        return results[path]

    return examine_with_its_kind


def criteria_in_first_lines(path: Path, word: str) -> set[str]:
    """Return the criteria listed in the comment ``# word: a, b`` at the top of a submission."""
    line = next(
        line for line in path.read_text(encoding="utf-8").splitlines()[:3] if line.startswith(f"# {word}:")
    )
    listed = {name.strip() for name in line.partition(":")[2].split(",")} - {"", "nothing"}
    assert listed <= set(default_rubric().points), listed
    return listed


def lost(result: SubmissionResult) -> dict[str, str]:
    return {c.id: f"{c.status}: {c.message}" for c in result.criteria if c.status is not Status.PASSED}


def test_the_corpora_are_large_enough() -> None:
    assert len(RIGHT) >= 25
    assert len(NONSENSE) >= 40


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_submission_gets_all_points(examined: Examined, name: str) -> None:
    result = examined(RIGHT[name])
    assert lost(result) == {}
    assert (result.status, result.score) == (SubmissionStatus.GRADED, 100.0), result.message


@pytest.mark.parametrize("entry", CATALOGUE)
def test_every_known_mistake_has_a_submission(entry: str) -> None:
    assert entries(CORPORA / "wrong" / entry)


@pytest.mark.parametrize("name", WRONG)
def test_a_known_mistake_costs_only_what_it_may(examined: Examined, name: str) -> None:
    result = examined(WRONG[name])
    may_cost = set(CATALOGUE[WRONG[name].parent.name]["costs"]) | TRAINING
    assert result.status is SubmissionStatus.GRADED, result.message
    assert lost(result), "a wrong submission got all points"
    assert set(lost(result)) <= may_cost, lost(result)


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_earns_nothing_beyond_what_is_right_in_it(examined: Examined, name: str) -> None:
    result = examined(NONSENSE[name])
    earned = {c.id for c in result.criteria if c.status is Status.PASSED}
    assert earned <= criteria_in_first_lines(NONSENSE[name], "earns")


@pytest.mark.parametrize("name", PARTIAL)
def test_a_method_that_hangs_or_ends_costs_only_its_own_criteria(examined: Examined, name: str) -> None:
    result = examined(PARTIAL[name])
    assert set(lost(result)) == criteria_in_first_lines(PARTIAL[name], "loses"), lost(result)
