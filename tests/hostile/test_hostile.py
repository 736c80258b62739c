"""Attacks earn nothing, read nothing, change nothing and leave nothing.

If a submission in ``submissions/hostile/`` can do what it tries, it says so: by a printed line that begins with
``ESCAPED:``, or by an exception whose type's name begins with ``Escaped``. Everything that it makes has
``perceptron-kit-hostile`` in its name. Run as a program, this file is the grader that the tests observe, with an
environment, a folder and processes of its own: it grades the paths that it reads from standard input.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from in_process import grade_paths

import grader
from grader.model import Report
from grader.report.document import document, render_json
from grader.report.formats import Options
from grader.report.terminal.submissions import Look, render_closing, render_submission
from grader.resources import assignment_path, solution_path, utils_path
from grader.settings import Settings

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")

SUBMISSIONS = Path(__file__).parents[1] / "submissions"
HOSTILE = SUBMISSIONS / "hostile"
RIGHT = SUBMISSIONS / "right" / "beginner_loops.py"
WRONG = next((SUBMISSIONS / "wrong" / "derivative-missing").glob("*.py"))
PACKAGE = Path(grader.__file__).parent
TIMEOUT, TOTAL_TIMEOUT = 2.0, 20.0
"""Seconds for an answer, and for all of a submission's: less than ``grade`` allows, as some never come."""
DEADLINE = 600
"""Seconds for one run, which takes half a minute if there is nothing else to do."""

MARK = "perceptron-kit-hostile"
"""Part of the name of everything that the attacks make."""
SECRET = "PERCEPTRON_KIT_SECRET"
WATCHED = (
    Path("/"),
    Path("/tmp"),
    Path("/var/tmp"),
    Path("/dev/shm"),
    Path("/dev/mqueue"),
    Path("/run"),
    Path.home(),
)
"""Folders in which others write, too: the tests look only at what has the mark in its name."""

ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{PACKAGE.parent}:{Path(__file__).parents[1] / 'grading'}"}

JSON_LIMIT = 500_000
"""Characters of one submission's document, whose output alone may have 64 Ki characters, six to twelve in JSON."""
LINES_LIMIT = 200
"""Lines of one submission at a terminal."""
LEAST_TELLING = 40
"""Characters of a line, without its blanks, that occurs in no other file."""

ATTACKS = sorted(path.name for path in HOSTILE.iterdir() if path.suffix in (".py", ".ipynb"))
PREFIXES = {"forge", "steal", "patch", "escape", "exhaust", "inject"}

SKELETON = """\
import numpy as np
class Layer:
    def __init__(self, n_inputs, n_neurons, activation_function):
        self.weights = np.zeros((n_neurons, n_inputs))
        self.biases = np.zeros((n_neurons, 1))
    def forward(self, inputs):
        return self.biases
    def backward(self, da, learning_rate):
        raise ValueError{backward}
class Perceptron:
    def __init__(self, layers):
        self.layers = layers
    def fit(self, training_data, labels, epochs, learning_rate):
        raise ValueError{fit}
{after}
"""


def skeleton(backward: str = "", fit: str = "", after: str = "print(__file__)\n1 / 0") -> str:
    return SKELETON.format(backward=backward, fit=fit, after=after)


# Attacks that a checkout cannot hold, or pytest would take for its own.

NAMES = (
    "inject_name_\x1b]0;title\x07.py",
    "inject_name_\x1b[2J\x9b31m.py",
    "inject_name_\n  ✓ backward.shape  5 \u2044 5.py",
    "inject_name_\r\x08\t\x7f.py",
    "inject_name_\u202eyp.001 \u2044 001.py",
    "inject_name_\u2028\u200b\ufeff\U000e0041.py",
    "inject_name_[bold green]passed[\u2044] [link=x]y.py",
    "inject_name_<script>alert(1)<\u2044script>.py",
    "inject_name_\udcff\udc80.py",
    "inject_name_'\"; $(touch x) `x` %s {0}.py",
    "=HYPERLINK(1).py",
    "--help.py",
    "inject_name_" + "\u0300" * 100 + ".py",
    "conftest.py",
    "grader.py",
    "numpy.py",
    "sitecustomize.py",
    "test_backward.py",
)
SOURCES = {
    "inject_source_control": skeleton(
        "('') # \x1b]0;title\x07\x1b[2J\x08", "('') # \u202e001\u202c \u2028 \x9b2J"
    ),
    "inject_source_markup": skeleton(
        "('[bold]passed[/bold] [link=x]y[/link] <script>')", "('=1+1')  # :smile:"
    ),
    "inject_source_megabyte": skeleton(
        "('" + "x" * 10**6 + "')", "(  " + "(" * 80 + ")" * 80 + " " * 10**6 + ")"
    ),
    "inject_syntax_control": "class Layer: \x1b]0;title\x07\x1b[2J \u202e001\n",
    "inject_syntax_megabyte": "class Layer: pass\nx = = " + "\u5b66" * 10**6 + "\n",
    "inject_syntax_nul": skeleton() + "\0\n",
    "inject_syntax_deep": skeleton() + "x = " + "(" * 10**5 + ")" * 10**5 + "\n",
    "inject_syntax_long": skeleton() + "x = a" + ".b" * 10**5 + "\n",
    "inject_many_statements": skeleton() + "1 / 0\n" * 10**4,
}
PLANTED = {
    "perceptron.py": "import conftest, grader, helper, sitecustomize, wire, worker\n" + skeleton(after=""),
    "helper.py": "import sys\nsys.modules['worker'] = sys.modules['grader.exam'] = sys.modules[__name__]\n",
    "conftest.py": "def pytest_collection_modifyitems(items):\n    items.clear()\n"
    f"open('{MARK}-conftest', 'w').close()\n",
    "sitecustomize.py": f"open('{MARK}-site', 'w').close()\n",
    "planted.pth": f"import sys; open('{MARK}-pth', 'w').close()\n",
    "pytest.ini": "[pytest]\naddopts = --collect-only -p conftest\n",
    "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '--collect-only'\n",
    "numpy.py": "raise SystemExit('not the real one')\n",
    "utils.py": "raise SystemExit('not the real one')\n",
    "worker.py": "def serve(*arguments): pass\n",
    "wire.py": "def encode(*arguments): return b''\n",
    "grader/__init__.py": "def examine(*arguments): return iter(())\n",
}
LARGE_FILES = {
    "forge_outline_of_names": skeleton() + "".join(f"name_{i} = 0\n" for i in range(60_000)),
    "forge_outline_of_imports": skeleton() + "".join(f"import m{i}.{'x' * 50}\n" for i in range(20_000)),
    "exhaust_outline": skeleton() + "f(a(b(c(d))))\n" * 400_000,
}
"""The first of two files in a folder; both are parsed to choose the one to examine."""


def made_at_run_time(folder: Path) -> list[Path]:
    """Write the attacks that a checkout cannot hold into ``folder``, and return their paths."""
    paths = []
    for name in NAMES:
        path = folder / "names" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(skeleton(), encoding="utf-8")
        paths.append(path)
    for name, text in SOURCES.items():
        path = folder / f"{name}.py"
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    for name, text in PLANTED.items():
        path = folder / "patch_planted_modules" / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text, encoding="utf-8")
    return [*paths, folder / "patch_planted_modules"]


MADE = [*(Path(name).stem for name in NAMES), *SOURCES, "patch_planted_modules"]
CASES = [*ATTACKS, *map(ascii, MADE)]
"""The attacks by name; those made at run time as Python would write them, for a terminal that shows the tests."""
SOME = CASES[::8]
"""Attacks of all kinds. To try all of them is slow."""
each_attack = pytest.mark.parametrize(
    ("run", "case"),
    [
        *(("some_attacks", case) for case in SOME),
        *(pytest.param("all_attacks", case, marks=pytest.mark.slow) for case in CASES),
    ],
    indirect=["run"],
)


@dataclass(frozen=True)
class Seen:
    """One submission's report, in all forms."""

    path: Path
    document: dict[str, Any]
    json: str
    terminal: str

    @property
    def verdict(self) -> str:
        """The status, the score and the criteria, as text."""
        return json.dumps([self.document["status"], self.document["score"], self.document["criteria"]])

    @property
    def said(self) -> str:
        """Every text of the report, and the report at a terminal, without blanks."""
        return bare("\n".join([*texts(self.document), self.terminal]))


@dataclass(frozen=True)
class Run:
    """All hostile submissions, graded with others among them, and what that changed."""

    attacks: dict[str, Seen]
    beside: dict[str, list[Seen]]
    """The right and the wrong submission: first, in the middle and last."""
    alone: dict[str, Seen]
    secret: str
    changed: list[str]
    """Changes to the machine."""
    processes: list[str]
    """Processes that were left."""


def texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from (str(key), *texts(item))
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


def bare(text: str) -> str:
    """Return ``text`` without its blanks, so that it does not matter where a line was wrapped."""
    return "".join(text.split())


def beside_name(kind: str, place: str) -> str:
    return f"beside_{kind}_{place}"


@pytest.fixture(scope="module")
def some_attacks(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return graded_with_others(SOME, tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="module")
def all_attacks(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return graded_with_others(CASES, tmp_path_factory.mktemp("hostile"))


@pytest.fixture(params=["some_attacks", pytest.param("all_attacks", marks=pytest.mark.slow)])
def run(request: pytest.FixtureRequest) -> Run:
    chosen: Run = request.getfixturevalue(request.param)
    return chosen


def graded_with_others(cases: list[str], folder: Path) -> Run:
    """Grade attacks, a right and a wrong submission among them, in ``folder``."""
    private, cwd, odd = folder / "tmp", folder / "cwd", folder / "odd"
    for made in (private, cwd, odd):
        made.mkdir()
    sources = {"right": RIGHT, "wrong": WRONG}
    places: dict[str, list[Path]] = {}
    for place in ("first", "middle", "last", "alone"):
        for kind, source in sources.items():
            path = folder / f"{beside_name(kind, place)}.py"
            shutil.copyfile(source, path)
            places.setdefault(place, []).append(path)
    paths = dict(zip(CASES, [*(HOSTILE / name for name in ATTACKS), *made_at_run_time(odd)], strict=True))
    attacks = [paths[case] for case in cases]
    one, two, three, four = (attacks[start::4] for start in range(4))
    half = len(two) // 2
    batches = [
        [*places["first"], *one],
        [*two[:half], *places["middle"], *two[half:]],
        three,
        [*four, *places["last"]],
    ]

    secret = f"the-value-of-{time.time_ns()}"
    environment = {**ENVIRONMENT, SECRET: secret, "TMPDIR": str(private)}
    be_a_subreaper(True)
    try:
        alone = [seen for path in places["alone"] for seen in graded([path], cwd, environment)]
        before, running = machine(cwd, private), set(descendants())
        # Several at a time, because most attacks are waited for.
        with ThreadPoolExecutor(len(batches)) as pool:
            runs = pool.map(lambda batch: graded(batch, cwd, environment), batches)
            seen = list(chain.from_iterable(runs))
        after = machine(cwd, private)
        left = {pid: command for pid, command in descendants().items() if pid not in running}
        by_path = {report.path: report for report in seen}
        return Run(
            {case: by_path[paths[case]] for case in cases},
            {
                kind: [by_path[places[p][number]] for p in ("first", "middle", "last")]
                for number, kind in enumerate(sources)
            },
            dict(zip(sources, alone, strict=True)),
            secret,
            differences(before, after),
            list(left.values()),
        )
    finally:
        be_a_subreaper(False)
        tidy_up(cwd)


def graded(paths: list[Path], cwd: Path, environment: dict[str, str]) -> list[Seen]:
    """Grade ``paths`` in one run of a process of its own, in the folder ``cwd``."""
    ended = subprocess.run(
        [sys.executable, __file__],
        input=json.dumps([str(path) for path in paths]),
        env=environment,
        cwd=cwd,
        capture_output=True,
        encoding="utf-8",
        timeout=DEADLINE,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-4000:]
    reports = json.loads(ended.stdout)
    return [Seen(path, **report) for path, report in zip(paths, reports, strict=True)]


def main() -> None:
    """Grade the paths on standard input, in one run, and write each one's report in all its forms."""
    paths = [Path(text) for text in json.load(sys.stdin)]
    settings, reports = Settings(timeout=TIMEOUT, total_timeout=TOTAL_TIMEOUT), []
    for result in grade_paths(paths, settings):
        report = Report("0", settings.seed, settings.rubric.max_score, (result,))
        (own,) = document(report)["submissions"]
        reports.append(
            {
                "document": own,
                "json": render_json(report, Options()),
                "terminal": render_submission(result, Look()) + render_closing(report, Look()),
            }
        )
    json.dump(reports, sys.stdout)


# What there is on the machine.


def be_a_subreaper(wanted: bool) -> None:
    """Become the parent of all processes that those started from here leave behind."""
    assert ctypes.CDLL(None).prctl(36, int(wanted), 0, 0, 0) == 0


def descendants() -> dict[int, str]:
    """Return the living processes that this one started, by their numbers; those that ended are waited for."""
    parents, commands = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            commands[int(folder.name)] = (
                (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            )
        except (OSError, ValueError):
            continue
        if state == "Z" and int(parent) == os.getpid():
            os.waitpid(int(folder.name), 0)
        elif state != "Z":
            parents[int(folder.name)] = int(parent)
    found: dict[int, str] = {}
    while more := {
        p: commands[p] for p, q in parents.items() if p not in found and (q in found or q == os.getpid())
    }:
        found |= more
    return found


def machine(cwd: Path, private: Path) -> dict[str, str]:
    """Return what there is of files, sockets, queues and keys, each with all that could be changed about it."""
    numpy = Path(np.__file__).parent
    state: dict[str, str] = {}
    for folder in (PACKAGE, solution_path(), assignment_path(), HOSTILE):
        state |= files(folder, folder.rglob("*"))
    state |= files(numpy, numpy.rglob("*"), are_shared=True)
    for folder in (cwd, private):
        state |= {f"{path}": "is there" for path in folder.rglob("*")}
    # Others make and remove folders here; a file that somebody planted stands out among its neighbours.
    for folder in (numpy.parent, Path(os.__file__).parent, PACKAGE.parent):
        names = (path for path in folder.iterdir() if not path.name.startswith(".") and path.is_file())
        state |= {f"{path}": "is there" for path in (*names, *folder.glob("*.pth"))}
    state |= files(utils_path(), [])
    state |= files(Path(os.__file__), [Path(sys.executable).resolve()], are_shared=True)
    for folder in WATCHED:
        state |= {f"{path}": "is there" for path in folder.glob(f"*{MARK}*")}
    for kind in ("shm", "sem", "msg"):
        lines = Path(f"/proc/sysvipc/{kind}").read_text().splitlines()[1:]
        state |= {f"{kind} {' '.join(line.split()[:2])}": "is there" for line in lines}
    for table in ("/proc/net/unix", "/proc/keys"):
        if Path(table).exists():
            lines = [line for line in Path(table).read_text(errors="replace").splitlines() if MARK in line]
            state |= {f"{table}: {line}": "is there" for line in lines}
    return state


def files(top: Path, paths: Iterator[Path] | list[Path], *, are_shared: bool = False) -> dict[str, str]:
    """Return size, mode, owner, times and extended attributes of ``top`` and ``paths``.

    The time of the last change of anything is left out where files ``are_shared``: a link that somebody makes to
    one counts as a change. Python may write what it compiled, beside the source of the same name, and nothing else.
    """
    state = {}
    for path in (top, *paths):
        if path.name == "__pycache__" or is_compiled(path):
            continue
        try:
            status = path.lstat()
            attributes = {name: os.getxattr(path, name, follow_symlinks=False) for name in listed(path)}
        except FileNotFoundError:
            continue
        about: tuple[object, ...] = (oct(status.st_mode), status.st_uid, status.st_gid, attributes)
        if not (path.is_dir() and (path / "__pycache__").exists()):
            about = (*about, status.st_size, status.st_mtime_ns, 0 if are_shared else status.st_ctime_ns)
        state[str(path)] = repr(about)
    return state


def listed(path: Path) -> list[str]:
    try:
        return os.listxattr(path, follow_symlinks=False)
    except OSError:
        return []


def is_compiled(path: Path) -> bool:
    source = path.parent.parent / f"{path.name.partition('.')[0]}.py"
    return path.parent.name == "__pycache__" and ".pyc" in path.name and source.exists()


def differences(before: dict[str, str], after: dict[str, str]) -> list[str]:
    return [
        f"{name}: {before.get(name, 'was not there')}, now {after.get(name, 'gone')}"
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    ]


def tidy_up(cwd: Path) -> None:
    """Remove what attacks should not have been able to leave."""
    for pid in descendants():
        os.kill(pid, signal.SIGKILL)
    numpy = Path(np.__file__).parent
    own = (PACKAGE, PACKAGE.parent, numpy, numpy / "__pycache__", numpy.parent, Path(os.__file__).parent)
    for folder in (*WATCHED, cwd, *own):
        for path in folder.glob(f"{MARK}*"):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()


# What nobody may read.


def lines_of(path: Path) -> Iterator[str]:
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        text = bare(line)
        if len(text) >= LEAST_TELLING and not text.startswith(("from", "import", "#")):
            yield text


def telling(paths: list[Path], but: list[Path]) -> dict[str, str]:
    """Return the lines that only files of ``paths`` hold, and none of ``but``, with the name of the file."""
    known = {line for path in but for line in lines_of(path)}
    return {line: path.name for path in paths for line in lines_of(path) if line not in known}


@pytest.fixture(scope="module")
def hidden() -> dict[str, str]:
    """The lines of the exam, of the rest of the grader, of the reference and of another submission."""
    sandbox = [PACKAGE / "protocol", PACKAGE / "candidate" / "sandbox"]
    given = [utils_path(), *assignment_path().glob("*.py"), PACKAGE / "explanations.toml"]
    given += [path for folder in sandbox for path in folder.rglob("*.py")]
    own = [HOSTILE / name for name in ATTACKS]
    kit = [path for path in PACKAGE.rglob("*") if path.suffix in (".py", ".toml") and path not in given]
    exam = [path for path in kit if path.is_relative_to(PACKAGE / "exam")]
    assert len(telling(exam, given)) > 500
    return telling([*kit, *solution_path().glob("*.py"), RIGHT, WRONG], [*given, *own])


def test_the_corpus_is_large_and_its_files_are_named_by_their_kind() -> None:
    assert len(ATTACKS) >= 70
    assert {name.partition("_")[0] for name in ATTACKS} == PREFIXES


@each_attack
def test_an_attack_earns_nothing(run: Run, case: str) -> None:
    seen = run.attacks[case].document
    assert (seen["status"] in ("graded", "unreadable"), seen["score"]) == (True, 0.0), seen["message"]


@each_attack
def test_no_attack_says_that_it_escaped(run: Run, case: str) -> None:
    seen = run.attacks[case].document
    escapes = re.findall(r"^ESCAPED: .*", seen["output"], re.MULTILINE)
    for criterion in seen["criteria"]:
        escapes += re.findall(r"\bEscaped\w* in line \d+", criterion["message"])
    assert not escapes


@each_attack
def test_no_report_tells_what_is_hidden(run: Run, hidden: dict[str, str], case: str) -> None:
    said = run.attacks[case].said
    assert run.secret not in said
    assert {line: name for line, name in hidden.items() if line in said} == {}


@each_attack
def test_no_report_controls_a_terminal(run: Run, case: str) -> None:
    terminal = run.attacks[case].terminal
    assert {ascii(c) for c in terminal if acts(c)} == set()
    assert len(terminal.splitlines()) <= LINES_LIMIT


@each_attack
def test_the_document_is_ascii_and_of_a_limited_size(run: Run, case: str) -> None:
    text = run.attacks[case].json
    assert text.isascii()
    assert len(text) <= JSON_LIMIT
    assert json.loads(text)["submissions"] == [run.attacks[case].document]


def acts(character: str) -> bool:
    """Tell whether a character does more than show; joiners, which form words and emoji, are allowed."""
    category = unicodedata.category(character)
    return character not in "\n\u200c\u200d" and category in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


@pytest.mark.parametrize("kind", ["right", "wrong"])
def test_submissions_beside_attacks_are_judged_as_if_they_were_alone(run: Run, kind: str) -> None:
    assert (run.alone[kind].document["score"] == 100.0) == (kind == "right")
    assert [seen.verdict for seen in run.beside[kind]] == [run.alone[kind].verdict] * 3


@pytest.mark.parametrize("name", LARGE_FILES)
def test_a_file_that_is_too_large_to_be_summarised_stops_no_run(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "a.py").write_text(LARGE_FILES[name], encoding="utf-8")
    (tmp_path / name / "b.py").write_text(skeleton(), encoding="utf-8")
    attack, right = graded([tmp_path / name, RIGHT], tmp_path, ENVIRONMENT)
    assert (attack.document["score"], right.document["score"]) == (0.0, 100.0)


def test_no_process_is_left(run: Run) -> None:
    assert run.processes == []


def test_no_file_socket_queue_or_key_is_left_or_changed(run: Run) -> None:
    assert run.changed == []


def test_the_tests_see_a_file_whose_times_were_set_again(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    status = (tmp_path / "file").stat()

    def changed_by(change: Callable[[], object]) -> list[str]:
        before = files(tmp_path, tmp_path.rglob("*"))
        time.sleep(0.02)
        change()
        return differences(before, files(tmp_path, tmp_path.rglob("*")))

    assert not changed_by(lambda: None)
    assert changed_by(lambda: os.utime(tmp_path / "file", ns=(status.st_atime_ns, status.st_mtime_ns)))
    assert changed_by(lambda: (tmp_path / "file").chmod(status.st_mode & 0o7777))
    assert changed_by((tmp_path / "another").touch)


def test_the_tests_see_a_process_that_is_left(tmp_path: Path) -> None:
    before = set(descendants())
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, cwd=tmp_path) as process:
        assert set(descendants()) - before == {process.pid}
        process.communicate(b"\n")
    assert set(descendants()) <= before


if __name__ == "__main__":
    main()
