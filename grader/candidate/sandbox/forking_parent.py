"""The forking parent: forks one locked-down worker for each candidate, as ``grader.protocol.control`` describes."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

from grader.candidate.sandbox.runtime import worker
from grader.candidate.sandbox.wall.allowed_paths import allowed_paths
from grader.candidate.sandbox.wall.lockdown import Jail, MissingLayerError
from grader.protocol.control import ParentSettings

__all__ = ["prepare", "serve"]

_INIT = 1
"""The number of the first process in a pid namespace, which becomes the parent of all orphans in it."""
_CHILDREN = Path("/proc/thread-self/children")
_DYING = 2.0
"""Seconds to wait for the end of a process that has closed its socket, since it may be ending just then."""


def prepare(settings: ParentSettings, namespaces: tuple[str, ...]) -> Jail | MissingLayerError:
    """Return the jail of all workers, or the layer that it lacks."""
    if sys.platform == "linux" and not _CHILDREN.exists():
        return MissingLayerError("/proc", "it is not mounted")
    paths: list[str] = []
    if settings.isolation != "process":
        paths = allowed_paths(Path(settings.numpy), settings.hidden, few=settings.isolation == "user")
    try:
        return Jail(settings.isolation, paths, Path(settings.folder), namespaces)
    except MissingLayerError as error:
        return error
    except OSError as error:
        return MissingLayerError("copy", f"{settings.folder}: {error.strerror or error}")


def serve(control: socket.socket, jail: Jail | MissingLayerError) -> None:
    """Answer requests until the grader hangs up, and end the last worker."""
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
        elif request["op"] == "alarm":
            _send_alarm(child)
        elif isinstance(jail, MissingLayerError):
            reply["missing"] = jail.args
        else:
            try:
                child = _fork(descriptors[0], jail, request)
            except OSError as error:
                reply["failed"] = error.strerror
        for descriptor in descriptors:
            os.close(descriptor)
        control.sendall(json.dumps(reply).encode() + b"\n")


def _fork(descriptor: int, jail: Jail, limits: dict[str, int]) -> int:
    child = os.fork()
    if child:
        return child
    try:
        os.setsid()
        os.environ.clear()
        sys.argv[:] = sys.orig_argv[:] = []
        connection = socket.socket(fileno=descriptor)
        worker.serve(connection, lambda: jail.enter(descriptor, limits["memory"], limits["cpu"]))
    finally:
        os._exit(0)


def _send_alarm(child: int) -> None:
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
    """Wait up to ``seconds`` for a process to end, and return what wait4(2) says about it."""
    until = time.monotonic() + seconds
    while not (found := os.wait4(child, os.WNOHANG))[0] and time.monotonic() < until:
        time.sleep(0.001)
    return found


def _kill_children() -> bool:
    """Kill all children of this process, and tell whether there were any."""
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
