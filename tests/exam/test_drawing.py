"""The exam's examples come from its seed and from nothing else."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.exam.laws.training import destinations
from grader.exam.questions.cached import cache_file, cached
from grader.exam.questions.cases import column
from grader.exam.questions.certificates import falls_in_any_order, is_smooth
from grader.exam.questions.drawing import FAMILIES, draw_questions
from grader.exam.questions.questions import FILE, Questions, document, questions
from grader.settings import Settings

DIGEST = "1cef7db37554d1ad86f0f490240369bfa65e0cde702622c0af7f50a8d5990df5"
"""Of the examples of seed 0. If it changes, every score may change."""
PRINT_DIGEST = (
    "from grader.exam.questions.questions import document; import hashlib;"
    "from grader.settings import Settings;"
    "from grader.exam.questions.drawing import draw_questions;"
    "print(hashlib.sha256(document(draw_questions(Settings.seed)).encode()).hexdigest())"
)
STORED = hashlib.sha256(FILE.read_bytes()).hexdigest()


def digest(exam: Questions) -> str:
    families = tuple(list(getattr(exam, name)) for name in FAMILIES)
    return hashlib.sha256(repr(families).encode()).hexdigest()


def digest_in_a_new_process(before: str = "", **environment: str) -> str:
    code = f"{before}\n{PRINT_DIGEST}"
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True
    )
    return run.stdout.strip()


def test_the_examples_of_seed_0_are_the_known_ones() -> None:
    assert digest(questions(0)) == DIGEST


def test_the_stored_examples_are_those_that_would_be_drawn() -> None:
    assert FILE.read_text(encoding="ascii") == document(draw_questions(Settings.seed))


def test_modules_that_happen_to_be_loaded_change_nothing() -> None:
    assert digest_in_a_new_process("import rich.console, nbformat; MINE = [123456789, 0.987654321]") == STORED


def test_the_hash_seed_and_the_locale_change_nothing() -> None:
    assert digest_in_a_new_process(PYTHONHASHSEED="77", LC_ALL="C", TZ="Asia/Tokyo") == STORED


def test_another_seed_gives_another_exam() -> None:
    assert digest(questions(1)) != DIGEST


def test_every_family_has_what_its_mistakes_need_to_show() -> None:
    for seed in range(20):
        given, unseen, fit = (FAMILIES[name](seed, 1) for name in ("given", "unseen", "fit"))
        everything = {(m, n) for m in range(1, 6) for n in range(1, 6)}
        for name in ("relu", "sigmoid"):
            assert {case.size for case in given if case.activation == name} == everything
        assert {case.size for case in unseen} == everything
        assert len({case.activation for case in unseen}) == 5
        assert any(len(case.steps) > 1 for case in given), "more than one call"
        assert {len(case.sizes) for case in fit} == {1, 2, 3, 4}
        for case in (*given, *unseen):
            for numbers in (numbers for step in case.steps for numbers in (step.da, step.inputs)):
                assert len(numbers) == 1 or len(set(map(abs, numbers))) > 1, "numbers all of one size"
        assert all(case.epochs != case.examples for case in fit)
        assert all(set(case.labels) == {0.0, 1.0} for case in fit)


def test_some_gradient_comes_back_in_every_call() -> None:
    for seed in range(8):
        for case in FAMILIES["given"](seed, 1):
            for step in case.steps:
                dz = column(step.da) * case.function.derivative(case.z(step))
                assert (case.weight_matrix.T @ dz).any()


def test_the_networks_are_the_same_for_every_seed() -> None:
    first, other = questions(0), questions(1)
    assert (first.gradient, first.monotone) == (other.gradient, other.monotone)


def test_the_networks_are_certified() -> None:
    assert all(is_smooth(case) for case in questions(0).gradient)
    assert all(falls_in_any_order(case, random_orders=2000) for case in questions(0).monotone)
    assert {len(case.layers) for case in questions(0).gradient} == {1, 2, 3, 4}


def test_every_family_has_gradients_that_clipping_shows() -> None:
    for seed in range(5):
        for case in FAMILIES["given"](seed, 1):
            assert all(abs(number) <= 16.0 for step in case.steps for number in step.da)
        large = [
            step for case in FAMILIES["given"](seed, 1) for step in case.steps if max(map(abs, step.da)) > 5.0
        ]
        assert len(large) >= 20


def test_the_gradient_check_knows_every_order_of_the_examples() -> None:
    for case in questions(0).gradient:
        assert len(destinations(case, lambda _loss, theta, _rate: theta)) == (2 if len(case.rows) == 2 else 6)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_each_chain_of_test_layers_has_a_layer_with_several_inputs(seed: int) -> None:
    assert all(any(n_inputs > 1 for n_inputs, _ in case.sizes) for case in questions(seed).fit)


class TestCache:
    """The cases of another seed are drawn once."""

    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        return tmp_path

    def draw(self, seed: int) -> Questions:
        self.drawn = getattr(self, "drawn", 0) + 1
        return draw_questions(seed)

    def test_the_second_run_finds_what_the_first_has_drawn(self) -> None:
        first, second = cached(7, self.draw), cached(7, self.draw)
        assert (digest(first), self.drawn) == (digest(second), 1)

    @pytest.mark.parametrize(
        "damage", [lambda text: text[:-9], lambda text: text.replace(b"0.5", b"0.25", 1)]
    )
    def test_a_file_that_was_changed_is_drawn_again(self, damage: Callable[[bytes], bytes]) -> None:
        first = cached(7, self.draw)
        cache_file(7).write_bytes(damage(cache_file(7).read_bytes()))
        assert (digest(cached(7, self.draw)), self.drawn) == (digest(first), 2)

    def test_another_version_of_hypothesis_draws_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        before = cache_file(7)
        monkeypatch.setattr("grader.exam.questions.cached.hypothesis_version", lambda: "6.1.0")
        assert cache_file(7) != before

    def test_a_folder_that_cannot_be_written_to_is_no_error(self, folder: Path) -> None:
        (folder / "perceptron-kit").write_text("a file")
        assert cached(7, self.draw).seed == 7

    def test_no_hypothesis_is_imported_for_what_is_cached(self) -> None:
        code = (
            "import sys; from grader.exam.questions.questions import questions; questions(7);"
            "print('hypothesis' in sys.modules)"
        )
        line = [sys.executable, "-c", code]
        runs = [subprocess.run(line, check=True, capture_output=True, text=True).stdout for _ in range(2)]
        assert [run.strip() for run in runs] == ["True", "False"]
