"""``perceptron-kit doctor`` says what isolation this machine offers, and whether it withstands attacks."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import grader
from grader.candidate.isolation import Isolation
from grader.doctor.attacks import Attempt, attempts
from grader.report.terminal.attacks import render_attempt, render_kinds, render_layers, render_verdict

FOLDER = Path(grader.__file__).parent / "doctor"
HOSTILE_FILES = tomllib.loads((FOLDER / "hostile_files.toml").read_text(encoding="utf-8"))
ATTACKS = tomllib.loads((FOLDER / "attacks.toml").read_text(encoding="utf-8")) | HOSTILE_FILES
MAIN = "from grader.cli.kit import main; main()"
STOPPED_BY_LIMITS = {"exhaust-memory", "exhaust-files", "exhaust-output", "exhaust-processor"}
"""Attacks that limits alone stop."""


def doctor(isolation: str) -> tuple[int, str]:
    """Return the exit code and the output of the command."""
    ended = subprocess.run(
        [sys.executable, "-c", MAIN, "doctor", "--isolation", isolation],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        timeout=120,
        check=False,
    )
    return ended.returncode, ended.stdout


def test_every_attack_is_stopped_and_the_layer_is_named() -> None:
    code, shown = doctor("strict")
    assert code == 0, shown
    assert f"All {len(ATTACKS)} attacks were stopped." in shown
    for attack in ATTACKS.values():
        (line,) = [line for line in shown.splitlines() if line.startswith(f"  ✓ {attack['title']}  ")]
        assert any(layer in line for layer in ("landlock", "seccomp", "rlimits", "the grader")), line


@pytest.fixture(scope="module")
def unconfined() -> dict[str, Attempt]:
    return {attempt.id: attempt for attempt in attempts(Isolation.PROCESS)}


@pytest.mark.parametrize(
    "name", ["read-reference", "read-exam", "read-submission", "make", "connect", "spawn", "fork"]
)
def test_an_attack_that_nothing_stops_succeeds(unconfined: dict[str, Attempt], name: str) -> None:
    assert unconfined[name].stopped_by is None
    assert unconfined[name].got


@pytest.mark.parametrize("name", sorted(STOPPED_BY_LIMITS | HOSTILE_FILES.keys()))
def test_limits_alone_stop_what_uses_up_a_resource(unconfined: dict[str, Attempt], name: str) -> None:
    assert unconfined[name].stopped_by is not None


@pytest.mark.slow
def test_the_exit_code_is_1_if_an_attack_succeeds() -> None:
    code, shown = doctor("process")
    assert code == 1
    assert "NOT STOPPED" in shown
    assert "attacks were not stopped: do not grade untrusted submissions here." in shown


@pytest.mark.slow
def test_no_secret_of_the_examiner_is_shown_or_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_SECRET", "of-the-examiner")
    before = dict(os.environ)
    assert not any("of-the-examiner" in attempt.got for attempt in attempts(Isolation.PROCESS))
    assert dict(os.environ) == before


def test_each_isolation_is_shown_with_what_it_lacks() -> None:
    text = render_kinds({"strict": "landlock is missing here", "process": None}, "utf-8")
    assert "– --isolation strict\n      landlock is missing here\n  ✓ --isolation process" in text


def test_layers_attacks_and_the_outcome_are_shown_in_plain_words() -> None:
    layers = render_layers(["strict", "landlock:7", "seccomp"], "utf-8")
    assert "✓ landlock" in layers
    assert "here: landlock:7" in layers
    assert "– chroot" in layers
    assert render_attempt("fork", "seccomp (EPERM)", "", "ascii").isascii()
    assert "NOT STOPPED: a\\x1bb" in render_attempt("fork", None, "a\x1bb", "utf-8")
    assert render_verdict(3, 0) == "\nAll 3 attacks were stopped.\n"
