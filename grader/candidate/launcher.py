"""Start the forking parent, and with it the processes that hold a submission."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Protocol, Self, cast

from msgspec import structs

from grader.candidate.endings import Ending
from grader.candidate.isolation import Isolation, remedy
from grader.economy import ONE_THREAD
from grader.errors import DisturbedError, UngradedError
from grader.failures import not_started
from grader.memory import Memory
from grader.protocol.control import ParentSettings
from grader.resources import hidden_paths, utils_path

__all__ = ["ForkingParent", "Limits", "Spawner", "Timeouts"]

_START = Path(__file__).parent / "sandbox" / "start.py"
_ENVIRONMENT = {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C.UTF-8", **ONE_THREAD}
_ANSWER_SECONDS = 30.0
"""Seconds for an answer of the forking parent, which runs nothing of a submission."""
_CASE_SHARE, _CASE_SECONDS = 0.2, 1.0
"""The part of the time for a request that one case may take, and the seconds that it has at least."""
_CLOSING = 5.0
"""Seconds for the forking parent to hang up when it is no longer needed."""
_ENDING = 0.5
"""Seconds for it to end after that."""


@dataclass(frozen=True)
class Limits:
    """What one candidate process may use."""

    memory: int = 1024 * 1024 * 1024
    """Address space in bytes."""
    cpu: int = 120
    """Processor time in seconds."""


@dataclass(frozen=True)
class Timeouts:
    """How long a submission may take to answer."""

    request: float = 10.0
    """Seconds for the answer to one request."""
    total: float = 60.0
    """Seconds for all its answers together."""

    @property
    def case(self) -> float:
        """Seconds for one of the many cases of a request."""
        return min(self.request, max(_CASE_SECONDS, self.request * _CASE_SHARE))


class Spawner(Protocol):
    """Makes candidate processes, one at a time."""

    def spawn(self, limits: Limits) -> socket.socket:
        """Return the grader's end of a new candidate's socket."""

    def alarm(self) -> None:
        """Send the candidate SIGALRM."""

    def end(self, *, hung_up: bool = False) -> Ending:
        """End the candidate and everything it left behind; one that has ``hung_up`` gets time to end by itself."""


class _NoAnswerError(Exception):
    """The forking parent has ended, or is stopped."""


class ForkingParent:
    """A small process that has loaded NumPy and forks a candidate when asked.

    It starts at once, so that its imports run beside the grader's own; the first ``spawn`` waits for them. If it was
    killed or stopped, it is started again. Raises ``UngradedError`` if that does not help, or if ``isolation`` needs
    something that this machine does not have.
    """

    def __init__(self, isolation: Isolation = Isolation.STRICT) -> None:
        self._isolation = isolation
        self._memory = Memory()
        self._kills = self._memory.kills()
        self._is_in_use = False
        try:
            self._folder = tempfile.mkdtemp(prefix="perceptron-kit-")
        except OSError as error:
            raise DisturbedError(_not_started(error)) from None
        try:
            self._start()
        except BaseException as error:
            shutil.rmtree(self._folder, ignore_errors=True)
            if isinstance(error, OSError):
                raise DisturbedError(_not_started(error)) from None
            raise

    def spawn(self, limits: Limits) -> socket.socket:
        """Return the grader's end of a new candidate's socket.

        Raises ``RuntimeError`` if there is a candidate that has not been ended.
        """
        if self._is_in_use:
            raise RuntimeError("a forking parent has one candidate at a time")
        try:
            return self._spawn(limits)
        except _NoAnswerError:
            self._restart()
        try:
            return self._spawn(limits)
        except _NoAnswerError:
            raise DisturbedError(
                "the process that starts candidates was killed or does not answer; is there enough memory?"
            ) from None

    def alarm(self) -> None:
        """Send the candidate SIGALRM."""
        try:
            self._talk(lambda: self._control.sendall(b'{"op": "alarm"}'))
        except _NoAnswerError:
            self._restart()

    def end(self, *, hung_up: bool = False) -> Ending:
        """End the candidate and everything it left behind; one that has ``hung_up`` gets time to end by itself."""
        self._is_in_use = False
        request = json.dumps({"op": "end", "hung_up": hung_up}).encode()
        try:
            ending = Ending(**self._talk(lambda: self._control.sendall(request)))
        except _NoAnswerError:
            # The candidate ends with the process that forked it.
            self._restart()
            ending = Ending()
        return structs.replace(ending, is_out_of_memory=hung_up and self._has_run_out())

    def _has_run_out(self) -> bool:
        before, self._kills = self._kills, self._memory.kills()
        return self._kills > before

    def close(self) -> None:
        """End the candidate and the forking parent."""
        try:
            self._stop()
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self) -> None:
        self._control, theirs = socket.socketpair()
        self._control.settimeout(_ANSWER_SECONDS)
        descriptor = theirs.fileno()
        settings = ParentSettings(
            isolation=self._isolation,
            numpy=_numpy(),
            utils=str(utils_path()),
            hidden=[str(path) for path in hidden_paths()],
            folder=tempfile.mkdtemp(dir=self._folder),
        )
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and file
                [sys.executable, "-S", "-s", "-P", "-B", str(_START), str(descriptor)],
                env=_ENVIRONMENT,
                cwd=self._folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                pass_fds=[descriptor],
                # Ctrl-C is for the grader, which ends it.
                start_new_session=True,
            )
        with contextlib.suppress(BrokenPipeError), cast("IO[bytes]", self._process.stdin) as stdin:
            stdin.write(json.dumps(settings._asdict()).encode())

    def _stop(self) -> None:
        with self._control, contextlib.suppress(OSError):
            self._control.settimeout(_CLOSING)
            self._control.shutdown(socket.SHUT_WR)
            # As it ends, it hangs up, which is seen sooner than by asking again and again.
            while self._control.recv(4096):
                pass
        try:
            self._process.wait(_ENDING)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _restart(self) -> None:
        self._stop()
        try:
            self._start()
        except OSError as error:
            raise DisturbedError(_not_started(error)) from None

    def _spawn(self, limits: Limits) -> socket.socket:
        ours, theirs = socket.socketpair()
        if sys.platform == "linux":
            # The kernel says which process the first bytes come from.
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        request = json.dumps({"op": "spawn", "memory": limits.memory, "cpu": limits.cpu}).encode()
        with theirs:
            answer = self._talk(lambda: socket.send_fds(self._control, [request], [theirs.fileno()]))
        if "missing" in answer:
            ours.close()
            raise UngradedError(remedy(*answer["missing"]))
        if "failed" in answer:
            ours.close()
            raise DisturbedError(f"a process for a submission cannot be started ({answer['failed']})")
        self._is_in_use = True
        return ours

    def __enter__(self) -> Self:
        """Return the forking parent itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the forking parent."""
        self.close()

    def _talk(self, send: Callable[[], object]) -> dict[str, Any]:
        text = b""
        with contextlib.suppress(OSError):
            send()
            while not text.endswith(b"\n"):
                piece = self._control.recv(4096)
                if not piece:
                    break
                text += piece
        if not text.endswith(b"\n"):
            raise _NoAnswerError
        answer: dict[str, Any] = json.loads(text)
        return answer


def _not_started(error: OSError) -> str:
    return f"the process that starts candidates cannot be started: {not_started(error)}"


def _numpy() -> str:
    spec = importlib.util.find_spec("numpy")
    if spec is None or not spec.submodule_search_locations:
        raise UngradedError("NumPy is not installed beside the kit; install it and try again")
    return str(Path(spec.submodule_search_locations[0]).resolve())
