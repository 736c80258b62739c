"""What grade does if the folders that it writes to are full, in use, or contain what they should not."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from classrooms import DEADLINE, KIT, Run, command, eventually, grade, right, start, write_class

from grader.cli.progress import ShownProgress
from grader.grading.local import grade_locally
from grader.model import Feedback
from grader.settings import Settings

SCORE = ("--feedback", "score", "--jobs", "2")
POOR = "class Layer: pass\n"

needs_root = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("mount") is None, reason="needs root, to mount a small file system"
)

Mount = Callable[..., Path]


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Mount]:
    """Return a function that mounts a file system of so many bytes, or with room for so many files."""
    mounted: list[Path] = []

    def mount(**limits: str) -> Path:
        folder = tmp_path / f"small{len(mounted)}"
        folder.mkdir()
        options = ",".join(["mode=1777", *(f"{name}={value}" for name, value in limits.items())])
        line = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        if subprocess.run(line, capture_output=True, check=False).returncode:
            pytest.skip("nothing can be mounted here")
        mounted.append(folder)
        return folder

    yield mount
    for folder in mounted:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_class(tmp_path / "class", {name: f"{POOR}print('{name}')\n" for name in "abcdefghij"})


def only_line(run: Run) -> str:
    (line,) = run.stderr.splitlines()
    return line.removeprefix("grade: ")


class TestResults:
    @needs_root
    def test_a_full_disk_says_how_many_are_saved_and_leaves_no_part(self, folder: Path, small: Mount) -> None:
        out = small(size="20k")
        run = grade(*SCORE, "--quiet", "--out", out, folder)
        kept = sorted(out.iterdir())
        assert run.returncode == 3
        assert 0 < len(kept) < 10
        assert all(json.loads(path.read_bytes())["digest"] for path in kept)
        said = only_line(run)
        assert "cannot be written (No space left on device); make room for the results" in said
        assert said.endswith(
            f"; {len(kept)} of 10 submissions are done and saved in {out}; the same command does the rest"
        )
        subprocess.run(["mount", "-o", "remount,size=1m", str(out)], check=True)
        again = grade(*SCORE, "--out", out, folder)
        assert again.returncode == 0
        assert f"{len(kept)} of 10 results are from an earlier run" in again.stderr

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with names")
    def test_a_pipe_by_the_name_of_a_result_is_replaced(self, folder: Path, tmp_path: Path) -> None:
        out = tmp_path / "results"
        out.mkdir()
        os.mkfifo(out / "a.json")
        os.mkfifo(out / ".b.json.part")
        assert grade(*SCORE, "--out", out, folder).returncode == 0
        assert {path.name for path in out.iterdir()} == {f"{name}.json" for name in "abcdefghij"}
        assert all(path.is_file() for path in out.iterdir())

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with names")
    def test_a_pipe_is_no_result_to_compare(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "a.json")
        assert KIT is not None
        run = subprocess.run(
            [KIT, "compare", str(tmp_path), str(tmp_path)], capture_output=True, timeout=DEADLINE, check=False
        )
        assert run.returncode == 2
        assert b"a.json is not a result that grade --out has saved" in run.stderr

    @pytest.mark.skipif(os.name != "posix", reason="there are no locks")
    def test_a_second_run_into_the_same_folder_is_refused_while_the_first_runs(self, tmp_path: Path) -> None:
        out, link = tmp_path / "results", tmp_path / "link"
        link.symlink_to(out)
        lasting = write_class(tmp_path / "lasting", {"a": "import time\ntime.sleep(60)\n" + right()})
        process = start(*SCORE, "--out", out, lasting)
        eventually((out / ".lock").exists)
        run = grade(*SCORE, "--out", link, lasting)
        assert (run.returncode, run.stdout) == (2, "")
        assert only_line(run) == (
            f"{link} is in use by process {process.pid} on {socket.gethostname()}; "
            "wait until it is done, or name another folder"
        )
        os.kill(process.pid, signal.SIGKILL)
        process.communicate(timeout=DEADLINE)
        poor = write_class(tmp_path / "poor", {"a": POOR})
        assert grade(*SCORE, "--out", out, poor).returncode == 0, "death lets go of it"
        assert [path.name for path in out.iterdir()] == ["poor.json"]

    def test_unreadable_submissions_are_new_only_once(self, tmp_path: Path) -> None:
        folder = write_class(tmp_path / "class", {"a": POOR, "b": "class Layer(:\n", "c": POOR, "d": POOR})
        out = tmp_path / "results"
        first = grade(*SCORE, "--out", out, folder)
        assert only_line(first) == "0 of 4 results are from an earlier run, 4 are new"
        second = grade(*SCORE, "--out", out, folder)
        assert only_line(second) == "4 of 4 results are from an earlier run, 0 are new"
        assert second.stdout == first.stdout
        (folder / "b.py").write_text("class Layer(\n", encoding="utf-8")
        third = grade(*SCORE, "--out", out, folder)
        assert only_line(third) == "3 of 4 results are from an earlier run, 1 are new"

    def test_replacing_the_result_of_another_file_is_reported(self, tmp_path: Path) -> None:
        out = tmp_path / "results"
        old = write_class(tmp_path / "old", {"bob": POOR}) / "bob.py"
        new = write_class(tmp_path / "new", {"bob": f"{POOR}print(1)\n"}) / "bob.py"
        assert grade(*SCORE, "--out", out, old).stderr.count("\n") == 1
        assert f"grade: bob in {out} was the result of {old}, and is now that of {new}\n" in (
            grade(*SCORE, "--out", out, new).stderr
        )


class TestTemporaryFiles:
    @staticmethod
    def grade_with(temporary: Path, *arguments: str | Path) -> Run:
        return subprocess.run(
            command(*SCORE, *arguments),
            env=os.environ | {"TMPDIR": str(temporary)},
            capture_output=True,
            encoding="utf-8",
            timeout=DEADLINE,
            check=False,
        )

    @needs_root
    @pytest.mark.parametrize("files", ["2", "4"])
    def test_a_folder_that_is_full_is_named_and_costs_nobody_points(
        self, folder: Path, small: Mount, files: str
    ) -> None:
        temporary = small(nr_inodes=files)
        run = self.grade_with(temporary, "--quiet", "--format", "json", "--jobs", "1", folder)
        results = json.loads(run.stdout)["submissions"] if run.stdout else []
        assert run.returncode == 3
        assert all(result["score"] is None for result in results)
        said = " ".join(result["message"] for result in results) or only_line(run)
        assert str(temporary) in said
        assert "the folder for temporary files, cannot be written to (No space left on device)" in said
        assert "set TMPDIR to another folder" in said
        assert list(temporary.iterdir()) == []

    @needs_root
    def test_a_folder_without_room_for_the_copy_of_a_user_is_named(self, folder: Path, small: Mount) -> None:
        temporary = small(size="1m")
        run = self.grade_with(temporary, "--quiet", "--isolation", "user", folder)
        assert run.returncode == 3
        said = only_line(run)
        assert said.startswith("the isolation needs a copy of Python and NumPy, which cannot be made (")
        assert f"({temporary}/perceptron-kit-" in said
        assert "No space left on device" in said
        assert list(temporary.iterdir()) == []

    @needs_root
    def test_without_any_folder_the_message_is_one_line(self) -> None:
        script = (
            "for name in /tmp /var/tmp /usr/tmp; do [ ! -d $name ] || "
            "{ mount --bind $name $name && mount -o remount,ro,bind $name; }; done; "
            'cd /proc; exec "$@"'
        )
        solution = Path(__file__).parents[2] / "solution" / "perceptron.py"
        run = in_a_mount_namespace(script, *command(*SCORE, solution))
        assert (run.returncode, only_line(run)) == (
            3,
            "the process that starts candidates cannot be started: no folder for temporary files can be written to; "
            "set TMPDIR to one that can",
        )


def in_a_mount_namespace(script: str, *line: str) -> Run:
    run = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, "sh", *line],
        env={name: value for name, value in os.environ.items() if name not in {"TMPDIR", "TEMP", "TMP"}},
        capture_output=True,
        encoding="utf-8",
        timeout=DEADLINE,
        check=False,
    )
    if "unshare" in run.stderr or "mount:" in run.stderr:
        pytest.skip(f"nothing can be mounted here: {run.stderr}")
    return run


@needs_root
@pytest.mark.parametrize("isolation", ["strict", "user", "process"])
def test_a_machine_without_proc_is_told_so(folder: Path, isolation: str) -> None:
    line = command(*SCORE, "--quiet", "--isolation", isolation, folder)
    run = in_a_mount_namespace('umount -l /proc; exec "$@"', *line)
    assert (run.returncode, run.stdout) == (3, "")
    assert only_line(run) == (
        "submissions cannot be examined without /proc, and it is not mounted here; mount it and try again"
    )


def test_the_time_left_depends_on_what_was_graded_and_not_on_cached_results(folder: Path) -> None:
    now = 0.0
    progress = ShownProgress(is_quiet=True, clock=lambda: now)
    progress.begin(25)
    (result,) = grade_locally([folder / "a.py"], Settings(feedback=Feedback.SCORE))
    for _ in range(20):
        now += 10.0
        progress.take(result, is_cached=True)
    assert progress.pace == ""
    now += 2.0
    progress.take(result, is_cached=False)
    assert progress.pace == "0.5 a second, 8 s left"
