"""Start a forking parent.

Usage: ``python -S -s -P -B start.py CONTROL``, with the number of the control socket's descriptor, and the
``ParentSettings`` as JSON on standard input. See ``grader.protocol.control``.
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
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_ON_LINUX = sys.platform == "linux"
_SANDBOX = Path(__file__).parent
_PACKAGES = {
    "grader": [],
    "grader.protocol": [str(_SANDBOX.parents[1] / "protocol")],
    "grader.candidate": [],
    "grader.candidate.sandbox": [str(_SANDBOX)],
}
"""Where the packages of this process find their modules: of the kit, only these two folders can be imported."""


def main() -> None:
    """Serve the control socket until the grader closes it; each worker is forked from here."""
    # What is imported lives as long as the process.
    gc.disable()
    control = socket.socket(fileno=int(sys.argv[1]))
    for name, locations in _PACKAGES.items():
        sys.modules[name] = ModuleType(name)
        sys.modules[name].__path__ = locations

    from grader.candidate.sandbox.runtime import determinism  # noqa: PLC0415 - only now can they be found
    from grader.candidate.sandbox.wall import namespaces  # noqa: PLC0415
    from grader.protocol.control import ParentSettings  # noqa: PLC0415

    settings = ParentSettings(**json.loads(sys.stdin.buffer.read()))
    names = namespaces.enter() if _ON_LINUX and settings.isolation != "process" else ()
    if names:
        _go_on_as_init()
    determinism.install()
    packages = str(Path(settings.numpy).parent)
    sys.path.append(packages)

    import numpy.random  # noqa: F401, PLC0415 - only after the entropy that it binds was replaced

    from grader.candidate.sandbox import forking_parent  # noqa: PLC0415 - imports NumPy

    _load_utils(Path(settings.utils))
    sys.path.remove(packages)
    jail = forking_parent.prepare(settings, names)
    _forget_the_kit()
    _list_import_folders()
    if _ON_LINUX:
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
    gc.freeze()
    gc.enable()
    # The grader may be killed at any moment; a worker ends with the process that forked it.
    with contextlib.suppress(ConnectionError):
        forking_parent.serve(control, jail)
    # The grader waits, and Python would take all modules apart.
    os._exit(0)


def _go_on_as_init() -> None:
    """Go on in a child, which is the first process of the new pid namespace."""
    if init := os.fork():
        _, status = os.waitpid(init, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _load_utils(path: Path) -> None:
    spec = importlib.util.spec_from_file_location("utils", path)
    assert spec is not None  # noqa: S101 - the path ends in .py
    assert spec.loader is not None  # noqa: S101
    sys.modules["utils"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules["utils"])


def _forget_the_kit() -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "grader"]:
        del sys.modules[name]


def _list_import_folders() -> None:
    """Have Python list the folders that it imports from, because a worker may not."""
    for entry in sys.path:
        PathFinder.find_spec("_a_module_that_nobody_has", [entry])


if __name__ == "__main__":
    main()
