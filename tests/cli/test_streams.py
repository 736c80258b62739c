"""What a command does if its standard streams are full, closed, or gone while it works."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest
from classrooms import DEADLINE, KIT, are_gone, children, command, eventually, right, write_class

FULL = Path("/dev/full")
SCORE = ("--feedback", "score", "--jobs", "2")
POOR = "class Layer: pass\n"
LASTS = right() + "\nimport time\ntime.sleep(0.6)\n"
"""Takes long enough to be disturbed."""
OUTPUT_IS_FULL = "standard output cannot be written: No space left on device"
OUTPUT_IS_CLOSED = "standard output is closed; send it to a file, or to /dev/null"

needs_full = pytest.mark.skipif(not FULL.exists(), reason="needs the device that is always full")


@pytest.fixture(scope="module")
def poor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class that is so large that its progress is told in lines."""
    folder = tmp_path_factory.mktemp("poor") / "class"
    return write_class(folder, {f"s{number:02}": f"{POOR}print({number})\n" for number in range(20)})


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A submission that is refused before any exam, which makes for a quick run."""
    path = tmp_path_factory.mktemp("broken") / "carol.py"
    path.write_text("class Layer(:\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def undisturbed(poor: Path) -> bytes:
    run = subprocess.run(
        command("--format", "json", *SCORE, poor), capture_output=True, timeout=DEADLINE, check=True
    )
    assert run.stderr.count(b"are done") > 2, "progress is told"
    return run.stdout


@pytest.fixture(params=["buffered", pytest.param("unbuffered", marks=pytest.mark.slow)])
def environment(request: pytest.FixtureRequest) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return own | {"PYTHONUNBUFFERED": "1"} if request.param == "unbuffered" else own


def with_closed(line: list[str], *numbers: int) -> subprocess.CompletedProcess[str]:
    """Run a command with some of its standard streams closed, as a shell does for ``>&-``."""
    closing = " ".join(f"{number}>&-" for number in numbers)
    return subprocess.run(
        ["sh", "-c", f'exec "$@" {closing}', "sh", *line],
        capture_output=True,
        encoding="utf-8",
        timeout=DEADLINE,
        check=False,
    )


class TestStandardErrorThatCannotBeWritten:
    """Only the messages are lost."""

    @needs_full
    def test_a_full_disk(self, poor: Path, undisturbed: bytes, environment: dict[str, str]) -> None:
        with FULL.open("wb") as full:
            run = subprocess.run(
                command("--format", "json", *SCORE, poor),
                stdout=subprocess.PIPE,
                stderr=full,
                env=environment,
                timeout=DEADLINE,
                check=False,
            )
        assert (run.returncode, run.stdout) == (0, undisturbed)

    def test_a_reader_that_has_gone(self, poor: Path, undisturbed: bytes) -> None:
        ours, theirs = os.pipe()
        os.close(ours)
        with os.fdopen(theirs, "wb") as nobody:
            run = subprocess.run(
                command("--format", "json", *SCORE, poor),
                stdout=subprocess.PIPE,
                stderr=nobody,
                timeout=DEADLINE,
                check=False,
            )
        assert (run.returncode, run.stdout) == (0, undisturbed)

    def test_closed(self, poor: Path, undisturbed: bytes) -> None:
        run = with_closed(command("--format", "json", *SCORE, poor), 2)
        assert (run.returncode, run.stdout) == (0, undisturbed.decode())

    def test_a_terminal_that_is_gone(self, poor: Path, undisturbed: bytes) -> None:
        ours, theirs = os.openpty()
        with subprocess.Popen(
            command("--format", "json", *SCORE, poor),
            stdout=subprocess.PIPE,
            stderr=theirs,
            env=os.environ | {"TERM": "xterm"},
        ) as process:
            os.close(theirs)
            assert os.read(ours, 1), "the bar is there"
            os.close(ours)
            printed, _ = process.communicate(timeout=DEADLINE)
        assert (process.returncode, printed) == (0, undisturbed)

    @pytest.mark.parametrize(
        ("arguments", "code"), [(["nowhere.py"], 2), (["--nonsense"], 2), (["--help"], 0)]
    )
    def test_it_changes_no_exit_code(self, arguments: list[str], code: int) -> None:
        assert with_closed(command(*arguments), 2).returncode == code
        if FULL.exists():
            with FULL.open("wb") as full:
                run = subprocess.run(
                    command(*arguments), stdout=subprocess.DEVNULL, stderr=full, timeout=DEADLINE, check=False
                )
            assert run.returncode == code


def every_command(broken: Path, folder: Path) -> Iterator[list[str]]:
    assert KIT is not None
    for format_ in ("terminal", "json", "csv", "html", "schema"):
        yield command("--format", format_, broken)
    yield command("--help")
    yield command("--version")
    yield [KIT, "--help"]
    yield [KIT, "doctor", "--isolation", "process"]
    yield [KIT, "generate-assignment", "--out", str(folder / "assignment")]
    yield [KIT, "gradescope", str(folder / "autograder.zip")]
    yield [KIT, "classroom", str(folder / "classroom")]
    yield [KIT, "nbgrader", str(folder / "course")]
    report = folder / "report.json"
    report.write_text(
        json.dumps(
            {"schema": 2, "kit": "", "seed": 0, "language": "en", "max_score": 1.0, "submissions": []}
        ),
        encoding="utf-8",
    )
    for format_ in ("terminal", "json"):
        yield [KIT, "compare", "--format", format_, str(report), str(report)]


@needs_full
def test_an_output_that_is_full_is_one_clear_line_and_exit_code_3(
    broken: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    for line in every_command(broken, tmp_path):
        with FULL.open("wb") as full:
            run = subprocess.run(
                line,
                stdout=full,
                stderr=subprocess.PIPE,
                env=environment,
                encoding="utf-8",
                timeout=DEADLINE,
                check=False,
            )
        assert (run.returncode, run.stderr) == (3, f"{Path(line[0]).name}: {OUTPUT_IS_FULL}\n"), line


def test_an_output_that_is_closed_is_one_clear_line_and_exit_code_3(broken: Path, tmp_path: Path) -> None:
    for line in every_command(broken, tmp_path):
        run = with_closed(line, 1)
        assert (run.returncode, run.stdout) == (3, "")
        assert run.stderr == f"{Path(line[0]).name}: {OUTPUT_IS_CLOSED}\n", line
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"], "and nothing is done"


def test_no_stream_at_all_is_exit_code_3(broken: Path) -> None:
    assert with_closed(command(broken), 0, 1, 2).returncode == 3


def test_a_reader_of_the_help_that_has_gone_stops_the_command_silently() -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    with os.fdopen(theirs, "wb") as nobody:
        run = subprocess.run(
            command("--help"), stdout=nobody, stderr=subprocess.PIPE, timeout=DEADLINE, check=False
        )
    assert (run.returncode, run.stderr) == (128 + 13, b""), "the code of a shell after SIGPIPE"


class TestHangup:
    """The terminal is closed, or the connection to the machine is lost."""

    ISOLATION = "user" if os.geteuid() == 0 else "strict"

    @pytest.fixture
    def lasting(self, tmp_path: Path) -> Path:
        return write_class(tmp_path / "class", {f"s{number}": f"{LASTS}# {number}\n" for number in range(8)})

    @pytest.fixture
    def temporary(self, tmp_path: Path) -> Path:
        folder = tmp_path / "temporary"
        folder.mkdir()
        # As /tmp: with --isolation user, one without rights reads what it may in there.
        folder.chmod(0o1777)
        return folder

    def line(self, out: Path, lasting: Path) -> list[str]:
        return command(*SCORE, "--isolation", self.ISOLATION, "--out", out, lasting)

    def test_it_stops_as_interrupted_and_leaves_nothing_behind(
        self, lasting: Path, temporary: Path, tmp_path: Path
    ) -> None:
        out = tmp_path / "results"
        with subprocess.Popen(
            self.line(out, lasting),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=os.environ | {"TMPDIR": str(temporary)},
            encoding="utf-8",
        ) as process:
            eventually(lambda: list(out.glob("*.json")))
            family = list(children(process.pid))
            # A shell that ends and the kernel may each send one.
            process.send_signal(signal.SIGHUP)
            process.send_signal(signal.SIGHUP)
            _, said = process.communicate(timeout=DEADLINE)
        done = len(list(out.glob("*.json")))
        assert process.returncode == 128 + 1
        assert said == (
            f"grade: interrupted; {done} of 8 submissions are done and saved in {out}; "
            "the same command does the rest\n"
        )
        eventually(lambda: are_gone(family), 20)
        assert list(temporary.iterdir()) == []

    def test_it_does_the_same_if_the_terminal_is_gone(
        self, lasting: Path, temporary: Path, tmp_path: Path
    ) -> None:
        out = tmp_path / "results"
        ours, theirs = os.openpty()

        def at_the_terminal() -> None:
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        with subprocess.Popen(
            self.line(out, lasting),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=os.environ | {"TMPDIR": str(temporary), "TERM": "xterm"},
            preexec_fn=at_the_terminal,  # noqa: PLW1509 - the tests have no threads
        ) as process:
            os.close(theirs)
            eventually(lambda: list(out.glob("*.json")))
            family = list(children(process.pid))
            os.close(ours)
            assert process.wait(DEADLINE) == 128 + 1
        eventually(lambda: are_gone(family), 20)
        assert list(temporary.iterdir()) == []
        assert all(json.loads(path.read_bytes())["result"]["score"] == 100.0 for path in out.iterdir())

    @pytest.mark.slow
    @pytest.mark.skipif(shutil.which("nohup") is None, reason="needs nohup")
    def test_nohup_keeps_it_running(self, lasting: Path, tmp_path: Path) -> None:
        out = tmp_path / "results"
        with subprocess.Popen(
            ["nohup", *self.line(out, lasting)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            eventually(lambda: list(out.glob("*.json")))
            process.send_signal(signal.SIGHUP)
            assert process.wait(DEADLINE) == 0
        assert len(list(out.glob("*.json"))) == 8
