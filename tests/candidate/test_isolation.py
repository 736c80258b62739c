"""Every kind of isolation holds if its layers are available, and is refused if one that it needs is missing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import elsewhere
import pytest
from candidates import candidate_of, load, printed

from grader.candidate.isolation import Isolation
from grader.candidate.launcher import ForkingParent
from grader.resources import exam_path, solution_path, utils_path

LANDLOCK = "landlock_create_ruleset,landlock_add_rule,landlock_restrict_self"
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
WALLS = [Isolation.STRICT, pytest.param(Isolation.USER, marks=AS_ROOT)]


@pytest.fixture(scope="module", params=WALLS)
def walled(request: pytest.FixtureRequest) -> Iterator[ForkingParent]:
    with ForkingParent(request.param) as parent:
        yield parent


@pytest.fixture(scope="module")
def bare() -> Iterator[ForkingParent]:
    with ForkingParent(Isolation.PROCESS) as parent:
        yield parent


IMPORT_ALL = """
import importlib, sys
def fails(name):
    try:
        importlib.import_module(name)
    except BaseException:
        return True
names = set(sys.stdlib_module_names) - {"antigravity", "this", "idlelib"}
names |= {f"numpy.{name}" for name in ("linalg", "fft", "random", "polynomial", "ma", "testing", "ctypeslib")}
print([name for name in sorted(names) if not name.startswith("_test") and fails(name)])
"""


def test_all_of_python_and_numpy_can_still_be_imported(walled: ForkingParent, bare: ForkingParent) -> None:
    assert printed(walled, IMPORT_ALL) == printed(bare, IMPORT_ALL)


@pytest.mark.parametrize(
    "path",
    [
        solution_path() / "perceptron.py",
        exam_path() / "test_backward.py",
        utils_path(),
        Path(__file__),
        Path(pytest.__file__),
        "/etc/passwd",
        "/proc/self/maps",
        "/proc/self/mem",
        "/proc/self/environ",
        "/proc/1/cmdline",
        "/dev/null",
        "/sys/kernel/mm/transparent_hugepage/enabled",
    ],
    ids=str,
)
def test_only_pythons_own_files_can_be_read(walled: ForkingParent, path: str) -> None:
    (failed,) = load(walled, f"open({str(path)!r}, 'rb').read(1)").skipped
    assert failed.raised is not None
    assert failed.raised.type in {"PermissionError", "FileNotFoundError"}


def test_the_code_of_the_sandbox_cannot_be_read_either(walled: ForkingParent) -> None:
    text = """
    import sys
    frame = sys._getframe()
    files = set()
    while frame:
        files.add(frame.f_code.co_filename)
        frame = frame.f_back
    def opens(file):
        try:
            open(file).close()
        except OSError:
            return False
        return True
    print(sorted(file for file in files if opens(file)))
    """
    assert printed(walled, text) == "[]"


def test_only_the_worker_of_the_kit_is_in_memory(walled: ForkingParent) -> None:
    text = """
    import gc, sys
    kits = [name for name in sys.modules if name.partition(".")[0] in ("grader", "hypothesis", "pytest", "worker")]
    texts = [o for o in gc.get_objects() if isinstance(o, dict) and "da_prev_tells_dz" in o]
    print(kits, texts, sys.argv, sys.orig_argv)
    """
    assert printed(walled, text) == "[] [] ['work.py'] []"


def test_threads_are_allowed(walled: ForkingParent) -> None:
    text = """
    from concurrent.futures import ThreadPoolExecutor
    with ThreadPoolExecutor(4) as pool:
        print(sum(pool.map(abs, range(-10, 0))))
    """
    assert printed(walled, text) == "55"


def test_an_event_loop_runs_without_a_socket(walled: ForkingParent) -> None:
    text = """
    import asyncio
    async def twice(number):
        return await asyncio.get_running_loop().run_in_executor(None, lambda: 2 * number)
    async def total():
        return sum(await asyncio.gather(*map(twice, range(5))))
    print(asyncio.run(total()), asyncio.run(total()))
    """
    assert printed(walled, text) == "20 20"


@AS_ROOT
def test_threads_are_limited_if_the_candidate_has_a_user_of_its_own(walled: ForkingParent) -> None:
    text = """
    import threading
    threading.stack_size(64 * 1024)
    wait = threading.Event()
    count = 0
    try:
        while count < 1000:
            threading.Thread(target=wait.wait, daemon=True).start()
            count += 1
    except RuntimeError:
        wait.set()
    print(count)
    """
    with closing(candidate_of(walled, text, memory=2048 * 1024 * 1024)) as candidate:
        assert 100 < int(candidate.load().output) <= 512


def test_a_candidates_changes_to_itself_end_with_it(walled: ForkingParent) -> None:
    load(walled, "import numpy, builtins, sys\nnumpy.zeros = builtins.len = None\nsys.modules['json'] = None")
    assert printed(walled, "import json, numpy\nprint(len(numpy.zeros(3)), json.dumps(1))") == "3 1"


def test_a_candidate_that_kills_all_it_can_kills_nobody_else(walled: ForkingParent) -> None:
    text = """
    import os, signal
    for target in (os.getppid(), 0, -1, 1):
        try:
            os.kill(target, signal.SIGKILL)
        except OSError as error:
            print(error.errno)
    """
    assert printed(walled, text).split() == ["1"] * 4
    assert printed(walled, "print('alive')") == "alive"


def test_the_layers_are_reported(walled: ForkingParent) -> None:
    with closing(candidate_of(walled, "")) as candidate:
        candidate.rehearse()
    kind, *layers = candidate.layers
    names = {layer.partition(":")[0] for layer in layers}
    assert {"strict": {"landlock", "seccomp", "rlimits"}, "user": {"chroot", "uid", "seccomp"}}[kind] <= names


def test_a_lower_limit_that_is_already_set_stays() -> None:
    code = "from grader.cli.grade import main; main()"
    command = [sys.executable, "-c", code, str(solution_path() / "perceptron.py")]
    limited = ["sh", "-c", 'ulimit -t 60; exec "$@"', "sh", *command]
    ended = subprocess.run(limited, capture_output=True, encoding="utf-8", timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "100 / 100" in ended.stdout


@pytest.fixture(scope="module")
def everybodys() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="perceptron-kit-tests-"))
    try:
        yield elsewhere.everybodys_python(folder)
    finally:
        shutil.rmtree(folder)


NOBODYS_ROOT = ["unshare", "--user", "--map-root-user"]
ROOT, ORDINARY = None, elsewhere.ORDINARY
WHERE = {
    "root": (ROOT, [], "", "strict", {"landlock", "uid", "capabilities", "seccomp"}),
    "root of a user namespace": (ROOT, NOBODYS_ROOT, "", "strict", {"landlock", "capabilities", "seccomp"}),
    "ordinary": (ORDINARY, [], "", "strict", {"landlock", "capabilities", "seccomp", "namespaces"}),
    "ordinary in a user namespace": (ORDINARY, NOBODYS_ROOT, "", "strict", {"landlock", "seccomp"}),
    "ordinary without namespaces": (ORDINARY, [], "unshare", "strict", {"landlock", "seccomp"}),
    "root without Landlock": (ROOT, [], LANDLOCK, "user", {"chroot", "uid", "capabilities", "seccomp"}),
}


@AS_ROOT
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has these layers")
@pytest.mark.slow
class TestElsewhere:
    @pytest.mark.parametrize(("user", "before", "denied", "isolation", "layers"), WHERE.values(), ids=WHERE)
    def test_the_wall_holds(
        self,
        everybodys: Path,
        user: int | None,
        before: Sequence[str],
        denied: str,
        isolation: str,
        layers: set[str],
    ) -> None:
        where = {"user": user, "before": before, "denied": denied}
        doctor = elsewhere.run(everybodys, "kit", "doctor", "--isolation", isolation, **where)  # type: ignore[arg-type]
        assert doctor.returncode == 0, doctor.stdout + doctor.stderr
        options = ["--format", "json", "--isolation", isolation]
        graded = elsewhere.run(everybodys, "grade", *options, "submission", **where)  # type: ignore[arg-type]
        (result,) = json.loads(graded.stdout)["submissions"]
        assert (graded.returncode, result["score"]) == (0, 100.0)
        kind, *up = result["isolation"]
        assert kind == isolation
        assert layers <= {layer.partition(":")[0] for layer in up}
        assert bool(denied == LANDLOCK) != any(layer.startswith("landlock:") for layer in up)

    @pytest.mark.parametrize(
        ("user", "before", "denied", "isolation", "said"),
        [
            (ROOT, [], LANDLOCK, "strict", ["landlock", "--isolation user", "--isolation process"]),
            (ROOT, [], "landlock_restrict_self", "strict", ["landlock"]),
            (ORDINARY, [], "", "user", ["uid", "not run by root"]),
            (ROOT, NOBODYS_ROOT, "", "user", ["uid"]),
            (ROOT, [], "chroot", "user", ["chroot", "CAP_SYS_CHROOT"]),
            (ROOT, [], "capset", "strict", ["capabilities"]),
        ],
        ids=[
            "no Landlock",
            "Landlock half there",
            "user as nobody",
            "user as nobody's root",
            "no chroot",
            "capabilities stay",
        ],
    )
    def test_a_missing_layer_stops_grade_and_says_what_to_do(
        self,
        everybodys: Path,
        user: int | None,
        before: Sequence[str],
        denied: str,
        isolation: str,
        said: Sequence[str],
    ) -> None:
        where = {"user": user, "before": before, "denied": denied}
        for command in (["grade", "submission"], ["kit", "doctor"]):
            ended = elsewhere.run(everybodys, *command, "--isolation", isolation, **where)  # type: ignore[arg-type]
            assert ended.returncode == 3
            assert len(ended.stderr.splitlines()) == 1, ended.stderr
            assert all(word in ended.stderr for word in said), ended.stderr
            assert "/ 100" not in ended.stdout
