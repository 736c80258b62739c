"""Small classes of submissions for the tests, and the command run on them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from grader.resources import solution_path

CORPORA = Path(__file__).parents[1] / "submissions"
SOLUTION = solution_path() / "perceptron.py"
WRONG = CORPORA / "wrong" / "gradient-ascent" / "both.py"
PARTIAL = CORPORA / "partial"
GRADE = shutil.which("grade", path=str(Path(sys.executable).parent))
KIT = shutil.which("perceptron-kit", path=str(Path(sys.executable).parent))
DEADLINE = 120
WAITS = "import time\nfrom pathlib import Path\ntime.sleep(2.5)\n"
"""Makes a submission take long enough to be disturbed."""

Run = subprocess.CompletedProcess[str]


def command(*arguments: str | Path) -> list[str]:
    assert GRADE is not None
    return [GRADE, *map(str, arguments)]


def grade(*arguments: str | Path) -> Run:
    return subprocess.run(
        command(*arguments), capture_output=True, encoding="utf-8", timeout=DEADLINE, check=False
    )


def start(*arguments: str | Path) -> subprocess.Popen[str]:
    """Start ``grade`` in a process group of its own, as a shell does."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # These tests run in the background of a script, where Ctrl-C is ignored by all that is started.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    return subprocess.Popen(
        command(*arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )


def report(run: Run) -> list[dict[str, Any]]:
    submissions: list[dict[str, Any]] = json.loads(run.stdout)["submissions"]
    return submissions


def write_class(folder: Path, texts: dict[str, str]) -> Path:
    folder.mkdir()
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return folder


def right() -> str:
    return SOLUTION.read_text(encoding="utf-8")


def wrong() -> str:
    return WRONG.read_text(encoding="utf-8")


def children(root: int) -> dict[int, str]:
    """Return the command lines of all processes that descend from ``root``, by their numbers."""
    found: dict[int, str] = {}
    left = [root]
    while left:
        pid = left.pop()
        for path in Path(f"/proc/{pid}/task").glob("*/children"):
            try:
                own = [int(child) for child in path.read_text().split()]
                found |= {child: _command_line(child) for child in own}
            except OSError:
                continue
            left += own
    return found


def _command_line(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")


def eventually(condition: Callable[[], object], seconds: float = 60.0) -> Any:
    """Wait until ``condition`` is true, and return what it returned."""
    until = time.monotonic() + seconds
    while not (met := condition()):
        assert time.monotonic() < until, "this has not come about"
        time.sleep(0.05)
    return met


def are_gone(pids: Sequence[int]) -> bool:
    return not any(_is_running(pid) for pid in pids)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
