"""Every submission of the corpora gets the verdict that its folder stands for (tests/submissions/README.md)."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from in_process import grade_paths

import grader
from grader.messages import finding_text
from grader.model import Feedback, Status, SubmissionResult, SubmissionStatus
from grader.report.words import message_of
from grader.rubric import default_rubric
from grader.settings import Settings

CORPORA = Path(__file__).parent / "submissions"
CATALOGUE = tomllib.loads(Path(grader.__file__).with_name("misconceptions.toml").read_text(encoding="utf-8"))
TRAINING = {"training.gradient_check", "training.monotone_loss"}
SHORT_TIMEOUT = 2.0
"""Seconds, for submissions of which some never answer."""

BATCH = 12

Examined = Callable[[str], SubmissionResult]


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


OFTEN = {
    *RIGHT,
    *{path.parent: name for name, path in reversed(WRONG.items())}.values(),
    *list(NONSENSE)[::4],
    *list(PARTIAL)[::4],
}
"""The right ones, one of each known mistake, and some of the rest. To examine all of them is slow."""


def parameters(corpus: dict[str, Path]) -> list[object]:
    return [name if name in OFTEN else pytest.param(name, marks=pytest.mark.slow) for name in corpus]


def batches(corpus: dict[str, Path]) -> dict[str, list[Path]]:
    """Return, for each submission, those of its folder that are examined with it."""
    by_folder: dict[tuple[Path, bool], list[Path]] = {}
    for name, path in corpus.items():
        by_folder.setdefault((path.parent, name in OFTEN), []).append(path)
    batched: dict[str, list[Path]] = {}
    for paths in by_folder.values():
        for start in range(0, len(paths), BATCH):
            batch = paths[start : start + BATCH]
            batched |= dict.fromkeys(named(batch), batch)
    return batched


BATCHES = {
    name: batch for corpus in (RIGHT, WRONG, NONSENSE, PARTIAL) for name, batch in batches(corpus).items()
}


@pytest.fixture(scope="module")
def examined() -> Examined:
    """Examine a submission, with those of its batch when the first of them is asked for."""
    results: dict[Path, SubmissionResult] = {}

    def examine_with_its_batch(name: str) -> SubmissionResult:
        path = CORPORA / name
        if path not in results:
            batch = BATCHES[name]
            settings = Settings(
                feedback=Feedback.VERDICT,
                timeout=Settings().timeout if path in RIGHT.values() else SHORT_TIMEOUT,
            )
            results.update(zip(batch, grade_paths(batch, settings), strict=True))
        return results[path]

    return examine_with_its_batch


def criteria_in_first_lines(path: Path, word: str) -> set[str]:
    """Return the criteria listed in the comment ``# word: a, b`` at the top of a submission."""
    line = next(
        line for line in path.read_text(encoding="utf-8").splitlines()[:3] if line.startswith(f"# {word}:")
    )
    listed = {name.strip() for name in line.partition(":")[2].split(",")} - {"", "nothing"}
    assert listed <= set(default_rubric().points), listed
    return listed


def lost(result: SubmissionResult) -> dict[str, str]:
    return {
        c.id: f"{c.status}: {'' if c.finding is None else finding_text(c.finding)}"
        for c in result.criteria
        if c.status is not Status.PASSED
    }


def test_the_corpora_are_large_enough() -> None:
    assert len(RIGHT) >= 25
    assert len(NONSENSE) >= 40


# A class for each corpus: pytest-xdist gives a class to one worker, which examines a batch once.


class TestRight:
    @pytest.mark.parametrize("name", RIGHT)
    def test_a_right_submission_gets_all_points(self, examined: Examined, name: str) -> None:
        result = examined(name)
        assert lost(result) == {}
        assert (result.status, result.score) == (SubmissionStatus.GRADED, 100.0), message_of(result)


class TestWrong:
    @pytest.mark.parametrize("entry", CATALOGUE)
    def test_every_known_mistake_has_a_submission(self, entry: str) -> None:
        assert entries(CORPORA / "wrong" / entry)

    @pytest.mark.parametrize("name", parameters(WRONG))
    def test_a_known_mistake_costs_only_what_it_may(self, examined: Examined, name: str) -> None:
        result = examined(name)
        may_cost = set(CATALOGUE[WRONG[name].parent.name]["costs"]) | TRAINING
        assert result.status is SubmissionStatus.GRADED, message_of(result)
        assert lost(result), "a wrong submission got all points"
        assert set(lost(result)) <= may_cost, lost(result)


class TestNonsense:
    @pytest.mark.parametrize("name", parameters(NONSENSE))
    def test_nonsense_earns_nothing_beyond_what_is_right_in_it(self, examined: Examined, name: str) -> None:
        result = examined(name)
        earned = {c.id for c in result.criteria if c.status is Status.PASSED}
        assert earned <= criteria_in_first_lines(NONSENSE[name], "earns")


class TestPartial:
    @pytest.mark.parametrize("name", parameters(PARTIAL))
    def test_a_method_that_hangs_or_ends_costs_only_its_own_criteria(
        self, examined: Examined, name: str
    ) -> None:
        result = examined(name)
        assert set(lost(result)) == criteria_in_first_lines(PARTIAL[name], "loses"), lost(result)
