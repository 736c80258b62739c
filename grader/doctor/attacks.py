"""Attack the sandbox from inside: run each attack of ``attacks.toml`` as a submission would be run.

Then hand in each file of ``hostile_files.toml``, to be read under the limits of a submission.

The attacks are our own. So what they print about themselves can be trusted, unlike anything in a submission.
"""

from __future__ import annotations

import os
import socket
import tempfile
import tomllib
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.candidate.client import Candidate, Ended, How
from grader.candidate.isolation import Isolation
from grader.candidate.launcher import ForkingParent
from grader.candidate.replies import LoadReply
from grader.doctor.isolations import candidate_with
from grader.errors import DisturbedError, UnreadableError
from grader.resources import exam_path, solution_path

__all__ = ["Attempt", "attempts"]

_ATTACKS = Path(__file__).with_name("attacks.toml")
_HOSTILE_FILES = Path(__file__).with_name("hostile_files.toml")
_SECRET = "PERCEPTRON_KIT_DOCTOR"  # noqa: S105 - it protects nothing
_STOPPED, _DONE = "stopped: ", "done: "
_REPORT = """
import errno as _errno

def _report(attack):
    try:
        result = attack()
    except MemoryError:
        raise
    except OSError as error:
        print("\\nstopped:", _errno.errorcode.get(error.errno, type(error).__name__))
    except BaseException as error:
        print("\\nstopped:", type(error).__name__)
    else:
        print("\\ndone:", repr(result)[:80])
"""
_LAYERS = {
    "EACCES": "landlock",
    "EPERM": "seccomp",
    "ENOSYS": "seccomp",
    "ENOENT": "chroot",
    "EMFILE": "rlimits",
    "EFBIG": "rlimits",
}
"""The layer behind each error. Only a chroot hides that a file exists; only Landlock refuses to open one."""

Table = Mapping[str, Any]


@dataclass(frozen=True)
class Attempt:
    """The outcome of one attack."""

    id: str
    title: str
    stopped_by: str | None
    """The layer that stopped the attack, and how it shows; ``None`` if the attack succeeded."""
    got: str = ""
    """What the attack got if it succeeded."""


def attempts(isolation: Isolation) -> Iterator[Attempt]:
    """Yield the outcome of every attack, each from a sandbox of its own."""
    with ForkingParent(isolation) as parent, _targets() as names:
        for id_, attack in _tables(_ATTACKS):
            # An attack that succeeds may have removed it.
            Path(names["OTHER"]).write_text("# another submission\n", encoding="utf-8")
            with closing(candidate_with({"doctor.py": _code(attack, names)}, parent)) as candidate:
                yield _attack(id_, attack, candidate)
        for id_, file in _tables(_HOSTILE_FILES):
            with closing(candidate_with(_submitted(file), parent)) as candidate:
                yield _read(id_, file, candidate)


def _tables(path: Path) -> Iterator[tuple[str, Table]]:
    yield from tomllib.loads(path.read_text(encoding="utf-8")).items()


@contextmanager
def _targets() -> Generator[dict[str, Any], None, None]:
    """Set up what is attacked, and yield it by the names that the attacks use."""
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        tempfile.TemporaryDirectory(prefix="perceptron-kit-doctor-") as folder,
    ):
        os.environ[_SECRET] = _SECRET
        try:
            yield {
                "REFERENCE": str(solution_path() / "perceptron.py"),
                "EXAM": str(exam_path() / "test_backward.py"),
                "OTHER": str(Path(folder, "perceptron.py")),
                "FOLDER": folder,
                "SECRET": _SECRET,
                "EXAMINER": os.getpid(),
                "PORT": listener.getsockname()[1],
            }
        finally:
            del os.environ[_SECRET]


def _code(attack: Table, names: Mapping[str, object]) -> bytes:
    body = "\n".join(f"    {line}" for line in attack["code"].strip().splitlines())
    values = "\n".join(f"{name} = {value!r}" for name, value in names.items())
    return f"{values}\n{_REPORT}\ndef attack():\n{body}\n\n_report(attack)\n".encode()


def _submitted(file: Table) -> dict[str, bytes]:
    """Return a hostile file and another one beside it, so that the reader has to choose."""
    text = file.get("before", "") + file["unit"] * file["times"] + file.get("after", "")
    return {file["name"]: text.encode(), "other.py": b"import work\n"}


def _read(id_: str, file: Table, candidate: Candidate) -> Attempt:
    try:
        candidate.read()
    except UnreadableError:
        how = "it was read, and refused"
    except Ended as ended:
        how = f"its process {ended}"
    except RuntimeError as error:
        return Attempt(id_, file["title"], None, str(error).splitlines()[-1])
    else:
        how = "it was read"
    return Attempt(id_, file["title"], f"the grader ({how})")


def _attack(id_: str, attack: Table, candidate: Candidate) -> Attempt:
    may_end = attack.get("may_end", False)
    try:
        loaded = candidate.load()
    except Ended as ended:
        stopped_by = f"the grader ({ended})" if may_end or ended.how is How.TIMEOUT else None
        got = f"its process {ended}"
    except DisturbedError as disturbance:
        stopped_by, got = None, str(disturbance)
    else:
        last = loaded.output.rstrip().rpartition("\n")[2]
        got = last.removeprefix(_DONE) if last.startswith(_DONE) else "its process ended"
        stopped_by = _stopper(loaded, last, candidate.layers, may_end=may_end)
    return Attempt(id_, attack["title"], stopped_by, "" if stopped_by else got)


def _stopper(loaded: LoadReply, last: str, layers: tuple[str, ...], *, may_end: bool) -> str | None:
    """Return the layer that stopped an attack and how it shows, or ``None`` if nothing did."""
    if last.startswith(_STOPPED):
        how = last.removeprefix(_STOPPED)
        layer = next((up for up in layers if up.partition(":")[0] == _LAYERS.get(how)), None)
        return how if layer is None else f"{layer} ({how})"
    if loaded.output_cut:
        return "the grader (output was cut)"
    return "rlimits (its process was ended)" if may_end and loaded.skipped else None
