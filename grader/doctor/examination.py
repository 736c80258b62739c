"""Attack the wall from inside: every attack of ``attacks.toml`` is run as a submission would be.

Every file of ``reading.toml`` is handed in besides, and read under the limits of a candidate.

The attacks are our own, so what they say of themselves is believed, as nothing of a submission is.
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
from grader.candidate.launcher import ForkingParent, Limits, Timeouts
from grader.candidate.replies import LoadReply
from grader.errors import DisturbedError, UngradedError, UnreadableError
from grader.model import Submission
from grader.resources import exam_path, solution_path

__all__ = ["Attempt", "attempts", "layers_up", "missing"]

_ATTACKS = Path(__file__).with_name("attacks.toml")
_READING = Path(__file__).with_name("reading.toml")
_SECRET = "PERCEPTRON_KIT_DOCTOR"  # noqa: S105 - nothing worth keeping
_PATIENCE, _LIMITS = Timeouts(5.0, 30.0), Limits(cpu=1)
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
"""Which layer answers so. Only a folder of its own hides that a file is there; Landlock alone refuses to open one."""


@dataclass(frozen=True)
class Attempt:
    """What became of one attack."""

    id: str
    title: str
    stopped_by: str | None
    """A layer, and how it shows; ``None`` if the attack succeeded."""
    got: str = ""
    """What the attack got if it succeeded."""


def layers_up(isolation: Isolation) -> tuple[str, ...]:
    """Return the layers that are up in a candidate; raises ``UngradedError`` if it cannot be isolated so."""
    with ForkingParent(isolation) as parent, closing(_candidate(parent, "", {})) as candidate:
        candidate.rehearse()
        return candidate.layers


def missing() -> dict[Isolation, str | None]:
    """Return, for every kind of isolation, what it lacks on this machine, or ``None`` if it is available."""
    lacks: dict[Isolation, str | None] = dict.fromkeys(Isolation)
    for isolation in Isolation:
        try:
            layers_up(isolation)
        except UngradedError as error:
            lacks[isolation] = str(error)
    return lacks


def attempts(isolation: Isolation) -> Iterator[Attempt]:
    """Yield what becomes of every attack, each from a candidate of its own."""
    attacks: dict[str, dict[str, Any]] = tomllib.loads(_ATTACKS.read_text(encoding="utf-8"))
    with (
        _in_the_environment(_SECRET),
        ForkingParent(isolation) as parent,
        socket.create_server(("127.0.0.1", 0)) as listener,
        tempfile.TemporaryDirectory(prefix="perceptron-kit-doctor-") as folder,
    ):
        for id_, attack in attacks.items():
            other = Path(folder, "perceptron.py")
            other.write_text("# another submission\n", encoding="utf-8")
            names = {
                "REFERENCE": str(solution_path() / "perceptron.py"),
                "EXAM": str(exam_path() / "test_backward.py"),
                "OTHER": str(other),
                "FOLDER": folder,
                "SECRET": _SECRET,
                "EXAMINER": os.getpid(),
                "PORT": listener.getsockname()[1],
            }
            with closing(_candidate(parent, attack["code"], names)) as candidate:
                yield _attempt(id_, attack, candidate)
        files: dict[str, dict[str, Any]] = tomllib.loads(_READING.read_text(encoding="utf-8"))
        for id_, file in files.items():
            yield _reading_of(id_, file, parent)


def _reading_of(id_: str, file: Mapping[str, Any], parent: ForkingParent) -> Attempt:
    """Return what becomes of a file that is made to be hard to read, beside another to choose from."""
    text = file.get("before", "") + file["unit"] * file["times"] + file.get("after", "")
    submission = Submission("doctor", "doctor", {file["name"]: text.encode(), "other.py": b"import work\n"})
    with closing(Candidate(submission, parent, _PATIENCE, _LIMITS)) as candidate:
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


@contextmanager
def _in_the_environment(secret: str) -> Generator[None, None, None]:
    os.environ[secret] = secret
    try:
        yield
    finally:
        del os.environ[secret]


def _candidate(parent: ForkingParent, code: str, names: Mapping[str, object]) -> Candidate:
    body = "\n".join(f"    {line}" for line in code.strip().splitlines()) or "    pass"
    values = "\n".join(f"{name} = {value!r}" for name, value in names.items())
    text = f"{values}\n{_REPORT}\ndef attack():\n{body}\n\n_report(attack)\n"
    submission = Submission("doctor", "doctor.py", {"doctor.py": text.encode()})
    return Candidate(submission, parent, _PATIENCE, _LIMITS)


def _attempt(id_: str, attack: Mapping[str, Any], candidate: Candidate) -> Attempt:
    try:
        loaded = candidate.load()
    except Ended as ended:
        is_stopped = ended.how is How.TIMEOUT or attack.get("may_end", False)
        stopped_by, got = (f"the grader ({ended})" if is_stopped else None), f"its process {ended}"
    except DisturbedError as disturbance:
        stopped_by, got = None, str(disturbance)
    else:
        last = loaded.output.rstrip().rpartition("\n")[2]
        got = last.removeprefix(_DONE) if last.startswith(_DONE) else "its process ended"
        stopped_by = _stopper(loaded, last, candidate.layers, may_end=attack.get("may_end", False))
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
