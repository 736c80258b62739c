"""What grade does with a whole class: with any number of jobs, a second time, and when it is disturbed."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from classrooms import (
    CORPORA,
    Run,
    are_gone,
    children,
    command,
    eventually,
    grade,
    report,
    right,
    start,
    write_class,
    wrong,
)

SCORE = ("--feedback", "score")
LASTS = right() + "\nimport time\ntime.sleep(0.6)\n"
"""Takes long enough to be disturbed."""


POOR = "class Layer: pass\n"


def texts(count: int, text: str) -> dict[str, str]:
    return {f"s{number:02}": f"{text}\nprint({number})\n" for number in range(count)}


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Right, wrong, hostile and broken ones."""
    folder = tmp_path_factory.mktemp("mixed") / "class"
    hostile = (CORPORA / "hostile" / "patch_builtins.py").read_text(encoding="utf-8")
    dies = (CORPORA / "hostile" / "exhaust_exits.py").read_text(encoding="utf-8")
    write_class(
        folder,
        {**texts(3, right()), "bad": wrong(), "broken": "class Layer(:", "dies": dies, "hostile": hostile},
    )
    (folder / "empty.zip").write_bytes(b"no archive")
    return folder


@pytest.fixture(scope="module")
def alone(mixed: Path) -> Run:
    return grade("--format", "json", "--jobs", "1", mixed)


def test_the_number_of_jobs_changes_no_byte(mixed: Path, alone: Run) -> None:
    assert grade("--format", "json", "--jobs", "3", mixed).stdout == alone.stdout
    assert grade("--format", "json", mixed).stdout == alone.stdout
    assert alone.returncode == 0
    assert {entry["status"] for entry in report(alone)} == {"graded", "unreadable"}


def test_the_neighbours_change_no_byte(alone: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text(wrong(), encoding="utf-8")
    (by_itself,) = report(grade("--format", "json", tmp_path / "bad.py"))
    (among_others,) = [entry for entry in report(alone) if entry["id"] == "bad"]
    assert by_itself["criteria"] == among_others["criteria"]


def test_score_feedback_gives_the_same_points_and_verdicts(mixed: Path, alone: Run) -> None:
    brief, full = report(grade("--format", "json", *SCORE, mixed)), report(alone)
    for short, long in zip(brief, full, strict=True):
        assert short["score"] == long["score"]
        assert [c["status"] for c in short["criteria"]] == [c["status"] for c in long["criteria"]]
        assert not any((c["finding"] or {}).get("facts") for c in short["criteria"])


def remarks(run: Run | subprocess.CompletedProcess[str]) -> list[str]:
    return run.stderr.splitlines()


class TestOut:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        return write_class(tmp_path / "class", {"a": right(), "b": wrong(), "c": POOR, "d": right()})

    def test_a_second_run_grades_only_what_has_changed(self, folder: Path, tmp_path: Path) -> None:
        out = tmp_path / "results"
        first = grade("--format", "json", *SCORE, "--out", out, folder)
        assert remarks(first) == ["grade: 0 of 4 results are from an earlier run, 4 are new"]
        files = {path.name: path.read_bytes() for path in out.iterdir()}
        assert set(files) == {"a.json", "b.json", "c.json", "d.json"}

        second = grade("--format", "json", *SCORE, "--out", out, folder)
        assert remarks(second) == ["grade: 4 of 4 results are from an earlier run, 0 are new"]
        assert second.stdout == first.stdout

        (folder / "b.py").write_text(right() + "# fixed\n", encoding="utf-8")
        (folder / "d.py").unlink()
        third = grade("--format", "json", *SCORE, "--out", out, folder)
        assert remarks(third) == [
            "grade: 2 of 3 results are from an earlier run, 1 are new",
            f"grade: {out} also has results of submissions that are not here: d.json",
        ]
        assert [entry["score"] for entry in report(third)] == [100.0, 100.0, 0.0]
        after = {path.name: path.read_bytes() for path in out.iterdir()}
        assert {name for name in files if files[name] != after[name]} == {"b.json"}

    def test_regrade_grades_everything_again(self, folder: Path, tmp_path: Path) -> None:
        for _ in range(2):
            run = grade(*SCORE, "--out", tmp_path / "results", "--regrade", folder)
            assert remarks(run) == ["grade: 0 of 4 results are from an earlier run, 4 are new"]

    def test_quiet_writes_nothing_to_standard_error(self, folder: Path, tmp_path: Path) -> None:
        run = grade("--quiet", *SCORE, "--out", tmp_path / "results", folder)
        assert (run.returncode, run.stderr) == (0, "")

    def test_a_folder_that_cannot_be_written_is_wrong_usage(self, folder: Path, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        run = grade("--out", tmp_path / "file" / "results", folder)
        assert (run.returncode, run.stdout) == (2, "")
        assert "cannot be written" in run.stderr

    def test_regrade_needs_out(self, folder: Path) -> None:
        run = grade("--regrade", folder)
        assert run.returncode == 2
        assert run.stderr.startswith("grade: --regrade needs --out DIR")


def test_progress_is_shown_in_lines(tmp_path: Path) -> None:
    folder = write_class(tmp_path / "class", texts(24, POOR))
    lines = remarks(grade(*SCORE, folder))
    assert 3 <= len(lines) <= 9
    assert all(line.startswith("grade: ") and " of 24 are done; " in line for line in lines)
    assert all(line.endswith("mean score 0.0") for line in lines)
    assert remarks(grade("--quiet", *SCORE, folder)) == []


def test_a_terminal_shows_a_bar_that_is_gone_in_the_end(tmp_path: Path) -> None:
    folder = write_class(tmp_path / "class", texts(5, right()))
    ours, theirs = os.openpty()
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen(
        command(*SCORE, folder), stdout=subprocess.DEVNULL, stderr=theirs, env=environment
    ) as process:
        os.close(theirs)
        shown = b""
        while process.poll() is None or shown[-1:] == b"":
            try:
                shown += os.read(ours, 65536)
            except OSError:
                break
    os.close(ours)
    text = shown.decode()
    assert process.returncode == 0
    assert "5/5" in text
    assert "mean score 100.0" in text
    assert text.endswith(("\x1b[2K", "\x1b[?25h")) or "\x1b[2K" in text.rpartition("5/5")[2]


def python_processes(root: int, name: str) -> list[int]:
    return [pid for pid, line in children(root).items() if name in line]


def busy(out: Path, least: int = 1) -> Callable[[], bool]:
    """Return whether some results are there already."""
    return lambda: out.is_dir() and len(list(out.glob("*.json"))) >= least


COUNT = 8


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_class(tmp_path_factory.mktemp("disturbed") / "class", texts(COUNT, LASTS))


@pytest.fixture(scope="module")
def undisturbed(lasting: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    out = tmp_path_factory.mktemp("undisturbed") / "results"
    assert grade("--quiet", *SCORE, "--out", out, lasting).returncode == 0
    return files(out)


def files(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.iterdir()}


class TestDisturbed:
    """If any one process is killed in the middle of a class, the files are the same as without that."""

    @pytest.mark.parametrize("victim", ["worker", "forking parent", "candidate"])
    def test_a_process_of_a_worker_is_killed(
        self, lasting: Path, undisturbed: dict[str, bytes], tmp_path: Path, victim: str
    ) -> None:
        out = tmp_path / "results"
        process = start("--format", "json", *SCORE, "--jobs", "2", "--out", out, lasting)
        eventually(busy(out))
        os.kill(eventually(lambda: self.find(process.pid, victim)), signal.SIGKILL)
        printed, said = process.communicate(timeout=120)
        assert process.returncode == 0, said
        assert "0 of 8 results are from an earlier run, 8 are new" in said
        assert {entry["score"] for entry in json.loads(printed)["submissions"]} == {100.0}
        assert files(out) == undisturbed

    @staticmethod
    def find(root: int, victim: str) -> int | None:
        if victim == "worker":
            return next(iter(python_processes(root, "grader.grading.pool")), None)
        servers = python_processes(root, "sandbox/start.py")
        own = {pid: children(pid) for pid in servers}
        if victim == "forking parent":
            return next((pid for pid in servers if own[pid]), None)
        # What a forking parent has forked, and has forked nothing itself.
        return next((pid for below in own.values() for pid in below if not children(pid)), None)

    def test_all_processes_are_stopped_for_longer_than_the_timeouts(
        self, lasting: Path, undisturbed: dict[str, bytes], tmp_path: Path
    ) -> None:
        out = tmp_path / "results"
        process = start("--format", "json", *SCORE, "--jobs", "2", "--out", out, lasting)
        eventually(busy(out))
        family = [process.pid, *children(process.pid)]
        for number, pause in ((signal.SIGSTOP, 4.0), (signal.SIGCONT, 0.0)):
            for pid in family:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
            time.sleep(pause)
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said
        assert files(out) == undisturbed

    def test_the_command_itself_is_killed(
        self, lasting: Path, undisturbed: dict[str, bytes], tmp_path: Path
    ) -> None:
        out = tmp_path / "results"
        process = start(*SCORE, "--jobs", "2", "--out", out, lasting)
        eventually(busy(out, 2))
        family = list(children(process.pid))
        assert len(family) >= 4
        os.kill(process.pid, signal.SIGKILL)
        process.communicate(timeout=60)
        eventually(lambda: are_gone(family), 20)
        done = len(list(out.glob("*.json")))
        again = grade(*SCORE, "--out", out, lasting)
        assert f"{done} of {COUNT} results are from an earlier run" in again.stderr
        assert files(out) == undisturbed

    def test_ctrl_c_stops_cleanly(self, lasting: Path, undisturbed: dict[str, bytes], tmp_path: Path) -> None:
        out = tmp_path / "results"
        process = start(*SCORE, "--quiet", "--jobs", "2", "--out", out, lasting)
        eventually(busy(out))
        family = list(children(process.pid))
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=60)
        done = len(list(out.glob("*.json")))
        assert process.returncode == 130
        assert said == (
            f"grade: interrupted; {done} of {COUNT} submissions are done and saved in {out}; "
            "the same command does the rest\n"
        )
        eventually(lambda: are_gone(family), 20)
        assert grade("--quiet", *SCORE, "--out", out, lasting).returncode == 0
        assert files(out) == undisturbed


@pytest.mark.parametrize(
    ("end", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "SIGTERM"]
)
@pytest.mark.parametrize("where", ["module", "backward"])
def test_stopping_while_one_submission_is_graded_is_clean_and_immediate(
    tmp_path: Path, where: str, end: signal.Signals, code: int
) -> None:
    hang = {
        "module": "\nwhile True: pass\n",
        "backward": "\nLayer.backward = lambda *_: any(iter(int, 1))\n",
    }
    folder = write_class(tmp_path / "class", {"a": right() + hang[where]})
    process = start("--timeout", "600", folder / "a.py")
    family = eventually(lambda: len(found := list(children(process.pid))) >= 2 and found)
    # The process that holds the submission has gone into its loop.
    busy = 1.5 if where == "backward" else 0.75
    eventually(lambda: any(processor_seconds(pid) > busy for pid in children(process.pid)))
    os.killpg(process.pid, end)
    printed, said = process.communicate(timeout=60)
    assert (process.returncode, printed) == (code, "")
    assert said.startswith("grade: interrupted; ")
    assert len(said.splitlines()) == 1
    eventually(lambda: are_gone(family), 20)


def processor_seconds(pid: int) -> float:
    """Return the processor time of a process; 0 if it has gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return int(fields[11]) / os.sysconf("SC_CLK_TCK")
