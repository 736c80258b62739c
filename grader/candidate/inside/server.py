"""The forking parent: loads NumPy once, and forks one locked-down worker for each candidate.

Usage: ``python -S -s -P -B server.py CONTROL`` with the number of the control socket's descriptor, and the
``Settings`` as JSON on standard input. Messages on the socket are JSON lines: ``{"op": "spawn", "memory": bytes,
"cpu": seconds}`` with the worker's socket beside it, answered by ``{}``, by ``missing``, a layer and the reason,
if the prison cannot be put up, or by ``failed``, why nothing could be forked; ``{"op": "ring"}``, which sends the
worker SIGALRM, answered by ``{}``; and ``{"op": "end", "hung_up": bool}``, which kills what was forked, answered by
the wait ``status`` (``null`` if there was no worker), the ``seconds`` of processor time, and whether it still
``ran``. A worker that has hung up is first given time to end.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib.util
import json
import os
import signal
import socket
import sys
import time
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

_PACKAGE = "_candidate"
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_INIT = 1
"""The number of the first process in a pid namespace, to which all that is orphaned in it falls."""
_CHILDREN = Path("/proc/thread-self/children")
_ON_LINUX = sys.platform == "linux"
_DYING = 2.0
"""Seconds that a process has to be gone when its socket is closed: they are closed while it ends."""


@dataclass(frozen=True)
class Settings:
    """What the forking parent is told first."""

    isolation: str
    """``strict``, ``user`` or ``process``."""
    numpy: str
    """NumPy's folder."""
    utils: str
    """The given ``utils.py``."""
    hidden: list[str]
    """What no candidate may read."""
    folder: str
    """A folder of the examiner's, for what a prison is built of."""


def main() -> None:
    """Serve the control socket until the examiner closes it; what is forked from it serves a candidate."""
    control = socket.socket(fileno=int(sys.argv[1]))
    settings = Settings(**json.loads(sys.stdin.buffer.read()))
    inside = Path(__file__).parent
    _load(_PACKAGE, inside / "__init__.py", [str(inside)])
    namespaces = _enter_namespaces() if _ON_LINUX and settings.isolation != "process" else ()
    importlib.import_module(f"{_PACKAGE}.entropy").install()
    packages = str(Path(settings.numpy).parent)
    sys.path.append(packages)
    import numpy.random  # noqa: F401, PLC0415 - only now can it be found

    _load("utils", Path(settings.utils), None)
    sys.path.remove(packages)
    worker = importlib.import_module(f"{_PACKAGE}.worker")
    prison = _prison(settings, namespaces)
    for name in [name for name in sys.modules if name.partition(".")[0] == _PACKAGE]:
        del sys.modules[name]
    _remember_what_there_is()
    if _ON_LINUX:
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
    gc.freeze()
    # Whoever asks may be killed at any moment; a candidate ends with the process that forked it.
    with contextlib.suppress(ConnectionError):
        _serve(control, prison, worker)


def _enter_namespaces() -> tuple[str, ...]:
    """Go on in a child that is the init of new namespaces; return their names, or nothing if there are none."""
    names: tuple[str, ...] = importlib.import_module(f"{_PACKAGE}.namespaces").enter()
    if names and (init := os.fork()):
        _, status = os.waitpid(init, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    if names:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    return names


def _prison(settings: Settings, namespaces: tuple[str, ...]) -> Any:
    """Return the prison, or what is missing to it: a layer and the reason."""
    if _ON_LINUX and not _CHILDREN.exists():
        return ["/proc", "it is not mounted"]
    lockdown = importlib.import_module(f"{_PACKAGE}.lockdown")
    files = importlib.import_module(f"{_PACKAGE}.readable")
    readable: list[str] = []
    if settings.isolation != "process":
        few = settings.isolation == "user"
        readable = files.readable(Path(settings.numpy), settings.hidden, few=few)
    try:
        return lockdown.Prison(settings.isolation, readable, Path(settings.folder), namespaces)
    except lockdown.MissingLayerError as error:
        return list(error.args)
    except OSError as error:
        return ["copy", f"{settings.folder}: {error.strerror or error}"]


def _remember_what_there_is() -> None:
    """Have Python list the folders that it imports from, which a candidate may not."""
    for entry in sys.path:
        PathFinder.find_spec("_a_module_that_nobody_has", [entry])


def _load(name: str, path: Path, locations: list[str] | None) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=locations)
    assert spec is not None  # noqa: S101 - the path ends in .py
    assert spec.loader is not None  # noqa: S101
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _serve(control: socket.socket, prison: Any, worker: Any) -> None:
    child = 0
    while True:
        text, descriptors, _, _ = socket.recv_fds(control, 4096, 1)
        if not text:
            _end(child, hung_up=False)
            return
        request = json.loads(text)
        reply: dict[str, Any] = {}
        if request["op"] == "end":
            reply = _end(child, hung_up=request["hung_up"])
            child = 0
        elif request["op"] == "ring":
            _ring(child)
        elif isinstance(prison, list):
            reply["missing"] = prison
        else:
            try:
                child = _fork(descriptors[0], prison, request, worker)
            except OSError as error:
                reply["failed"] = error.strerror
        for descriptor in descriptors:
            os.close(descriptor)
        control.sendall(json.dumps(reply).encode() + b"\n")


def _fork(descriptor: int, prison: Any, limits: dict[str, int], worker: Any) -> int:
    child = os.fork()
    if child:
        return child
    try:
        os.setsid()
        os.environ.clear()
        sys.argv[:] = sys.orig_argv[:] = []
        connection = socket.socket(fileno=descriptor)
        worker.serve(connection, lambda: prison.enter(descriptor, limits["memory"], limits["cpu"]))
    finally:
        os._exit(0)


def _ring(child: int) -> None:
    if child:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGALRM)


def _end(child: int, *, hung_up: bool) -> dict[str, Any]:
    """Kill the worker and everything that it left behind; return how it ended."""
    reply: dict[str, Any] = {"status": None}
    if child:
        ended, status, usage = _wait(child, _DYING if hung_up else 0.0)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        if not ended:
            _, status, usage = os.wait4(child, 0)
        reply = {"status": status, "seconds": usage.ru_utime + usage.ru_stime, "ran": not ended}
    while _kill_children():
        with contextlib.suppress(ChildProcessError):
            os.waitpid(-1, 0)
    return reply


def _wait(child: int, seconds: float) -> tuple[int, int, Any]:
    """Return what wait4(2) says of a process that ends within ``seconds``."""
    until = time.monotonic() + seconds
    while not (found := os.wait4(child, os.WNOHANG))[0] and time.monotonic() < until:
        time.sleep(0.001)
    return found


def _kill_children() -> bool:
    """Kill all that has become a child of this process, and tell whether there was any."""
    if os.getpid() == _INIT:
        try:
            os.kill(-1, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True
    children = [int(pid) for pid in _CHILDREN.read_text().split()] if _CHILDREN.exists() else []
    for pid in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return bool(children)


if __name__ == "__main__":
    main()
