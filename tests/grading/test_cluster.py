"""A Dask cluster gives the same reports as this machine, even if one of its workers is killed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest
from classrooms import DEADLINE, children, eventually, grade, right, start, write_class, wrong

from grader.grading.cluster import _task
from grader.version import code_digest, hypothesis_version, kit_version

SCORE = ("--feedback", "score")
ELSEWHERE = Path(__file__).parents[1] / "candidate" / "elsewhere.py"
WITHOUT_LANDLOCK = (
    sys.executable,
    str(ELSEWHERE),
    "landlock_create_ruleset,landlock_add_rule,landlock_restrict_self",
    "--",
)


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


class Cluster:
    """A real scheduler, and workers that are processes."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack
        self.address = f"tcp://127.0.0.1:{free_port()}"
        self._start("scheduler", "--host", "127.0.0.1", "--port", self.address.rpartition(":")[2])

    def add_worker(self, name: str, before: Sequence[str] = ()) -> subprocess.Popen[bytes]:
        options = ("--nthreads", "1", "--no-nanny", "--name", name, "--local-directory", str(self._folder))
        return self._start("worker", self.address, *options, before=before)

    def _start(self, what: str, *options: str, before: Sequence[str] = ()) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [*before, sys.executable, "-m", "dask", what, *options, "--no-dashboard"],
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._stack.callback(process.wait)
        self._stack.callback(process.kill)
        return process


@pytest.fixture(scope="module")
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, stack: ExitStack) -> Cluster:
    return Cluster(tmp_path_factory.mktemp("cluster"), stack)


@pytest.fixture(scope="module")
def workers(cluster: Cluster) -> list[subprocess.Popen[bytes]]:
    return [cluster.add_worker("one"), cluster.add_worker("two")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    texts = {
        f"s{number:02}": f"{right()}\nimport time\ntime.sleep(0.4)\nprint({number})\n" for number in range(10)
    }
    return write_class(tmp_path_factory.mktemp("class") / "class", {**texts, "bad": wrong()})  # fmt: skip


@pytest.fixture(scope="module")
def local(folder: Path) -> str:
    return grade("--format", "json", folder).stdout


@pytest.mark.usefixtures("workers")
def test_a_cluster_gives_the_same_bytes(cluster: Cluster, folder: Path, local: str) -> None:
    run = grade("--scheduler", cluster.address, "--format", "json", folder)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout == local


def test_a_worker_that_dies_costs_a_retry(
    cluster: Cluster, workers: list[subprocess.Popen[bytes]], folder: Path, local: str, tmp_path: Path
) -> None:
    out = tmp_path / "results"
    process = start("--scheduler", cluster.address, "--format", "json", "--out", out, folder)
    victim = workers[0]
    eventually(lambda: out.is_dir() and any(out.glob("*.json")))
    assert [line for line in children(victim.pid).values() if "grader.grading.pool" in line]
    os.kill(victim.pid, signal.SIGKILL)
    printed, said = process.communicate(timeout=DEADLINE)
    assert process.returncode == 0, said
    assert printed == local
    cluster.add_worker("three")


@pytest.mark.slow
def test_a_scheduler_that_does_not_answer_is_wrong_usage(folder: Path) -> None:
    run = grade("--scheduler", f"tcp://127.0.0.1:{free_port()}", folder)
    assert (run.returncode, run.stdout) == (2, "")
    (line,) = run.stderr.splitlines()
    assert "there is no Dask scheduler at tcp://127.0.0.1:" in line
    assert "start one with: dask scheduler" in line


def test_a_malformed_address_is_wrong_usage(folder: Path) -> None:
    run = grade("--scheduler", "nonsense://x", folder)
    assert run.returncode == 2
    assert len(run.stderr.splitlines()) == 1


def test_jobs_are_for_this_machine(folder: Path) -> None:
    assert grade("--scheduler", "tcp://x:1", "--jobs", "2", folder).returncode == 2


@pytest.mark.slow
def test_a_scheduler_without_workers_is_wrong_usage(folder: Path, tmp_path: Path) -> None:
    with ExitStack() as stack:
        lonely = Cluster(tmp_path, stack)
        port = int(lonely.address.rpartition(":")[2])
        eventually(lambda: listens(port))
        run = grade("--scheduler", lonely.address, folder)
    assert run.returncode == 2
    assert "has no workers; start some with: dask worker tcp://" in run.stderr


def listens(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize(
    ("kit", "code", "hypothesis", "reason"),
    [
        (
            "0.0.0",
            code_digest(),
            hypothesis_version(),
            f"it has perceptron-kit {kit_version()}, and 0.0.0 is needed",
        ),
        (
            kit_version(),
            "0",
            hypothesis_version(),
            f"its perceptron-kit {kit_version()} has other code; install the same one",
        ),
        (
            kit_version(),
            code_digest(),
            "6.1.0",
            f"it has Hypothesis {hypothesis_version()}, and 6.1.0 is needed",
        ),
    ],
    ids=["another version", "other code", "another Hypothesis"],
)
def test_an_unfit_worker_says_why(kit: str, code: str, hypothesis: str, reason: str) -> None:
    assert _task(kit, code, hypothesis)(b"") == reason


@pytest.mark.slow
def test_a_worker_that_cannot_isolate_submissions_is_not_used(folder: Path, tmp_path: Path) -> None:
    with ExitStack() as stack:
        cluster = Cluster(tmp_path, stack)
        cluster.add_worker("unfit", WITHOUT_LANDLOCK)
        run = grade("--scheduler", cluster.address, folder)
        assert run.returncode == 3
        assert "the isolation needs landlock" in run.stderr
        cluster.add_worker("fit")
        eventually(lambda: len(json.loads(workers_of(cluster.address))) == 2)
        run = grade("--scheduler", cluster.address, *SCORE, folder)
    assert run.returncode == 0
    assert "is not used: the isolation needs landlock" in run.stderr


def workers_of(address: str) -> str:
    code = (
        "import json, sys; from distributed import Client\n"
        "client = Client(sys.argv[1], timeout=10)\n"
        "print(json.dumps(list(client.scheduler_info()['workers'])))"
    )
    line = [sys.executable, "-c", code, address]
    return subprocess.run(line, capture_output=True, encoding="utf-8", timeout=60, check=True).stdout
