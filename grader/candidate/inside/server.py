"""The forking parent: loads NumPy once, and forks one locked-down worker for each candidate.

Usage: ``python -S -s -P server.py CONTROL NUMPY UTILS`` with the number of the control socket's descriptor,
the folder that holds NumPy, and the path of the given ``utils.py``. Requests are JSON lines on the control
socket: ``{"op": "spawn", "memory": bytes, "cpu": seconds}`` with the worker's socket beside it, answered by
``{"pid": …}``; ``{"op": "end"}`` kills what was forked, answered by ``{"status": …}``.
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
from pathlib import Path
from types import ModuleType
from typing import Any

_PACKAGE = "_candidate"
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36


def main() -> None:
    """Serve the control socket until the examiner closes it."""
    control = socket.socket(fileno=int(sys.argv[1]))
    inside = Path(__file__).parent
    package = _load(_PACKAGE, inside / "__init__.py", [str(inside)])
    entropy = importlib.import_module(f"{_PACKAGE}.entropy")
    entropy.install()
    sys.path.append(sys.argv[2])
    import numpy.random  # noqa: F401, PLC0415 - only now can it be found

    _load("utils", Path(sys.argv[3]), None)
    sys.path.remove(sys.argv[2])
    lockdown = importlib.import_module(f"{_PACKAGE}.lockdown")
    worker = importlib.import_module(f"{_PACKAGE}.worker")
    for name in [name for name in sys.modules if name.partition(".")[0] == _PACKAGE]:
        del sys.modules[name]
    del package
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1)
    gc.freeze()
    _serve(control, lockdown, worker, libc)


def _load(name: str, path: Path, locations: list[str] | None) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=locations)
    assert spec is not None  # noqa: S101 - the path ends in .py
    assert spec.loader is not None  # noqa: S101
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _serve(control: socket.socket, lockdown: Any, worker: Any, libc: Any) -> None:
    child = 0
    while True:
        text, descriptors, _, _ = socket.recv_fds(control, 4096, 1)
        if not text:
            _end(child)
            return
        request = json.loads(text)
        if request["op"] == "spawn":
            limits = lockdown.Limits(request["memory"], request["cpu"])
            child = _fork(descriptors[0], limits, lockdown, worker, libc)
            os.close(descriptors[0])
            reply = {"pid": child}
        else:
            reply = {"status": _end(child)}
            child = 0
        control.sendall(json.dumps(reply).encode() + b"\n")


def _fork(descriptor: int, limits: Any, lockdown: Any, worker: Any, libc: Any) -> int:
    child = os.fork()
    if child:
        return child
    try:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        os.setsid()
        os.environ.clear()
        layers = lockdown.lock_down(descriptor, limits)
        worker.serve(socket.socket(fileno=descriptor), layers)
    finally:
        os._exit(0)


def _end(child: int) -> int:
    """Kill the worker and everything that it left behind; return the status it ended with."""
    status = 0
    if child:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    while orphans := _children():
        for orphan in orphans:
            with contextlib.suppress(ProcessLookupError):
                os.kill(orphan, signal.SIGKILL)
            os.waitpid(orphan, 0)
    return status


def _children() -> list[int]:
    return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]


if __name__ == "__main__":
    main()
