"""Check your work: `python check.py` in this folder; `python check.py --help` says more.

Your code runs in a process of its own, so a call that never ends is ended. There is nothing to change here.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parent
# A file of yours may be called numpy.py or random.py; here these names mean the real ones.
sys.path = [path for path in sys.path if Path(path or ".").resolve() != HERE]
import numpy as np  # noqa: E402

sys.path.insert(0, str(HERE))
from checks import limits, loading, table  # noqa: E402
from checks.results import Wrong  # noqa: E402
from checks.session import ALL_STEPS, RIGHT, Outcome, Session, died, needed_stages, stopped  # noqa: E402
from checks.words import _  # noqa: E402

_LOADING = "loading"
_PATIENCE = 5.0
"""Seconds beyond the time limit after which a process is killed."""
_MOST_RESTARTS = 5


class Checked(NamedTuple):
    """What came of the checks of a file."""

    outcomes: list[Outcome]
    notes: list[str]


def check_file(path: Path, steps: Sequence[str] = ALL_STEPS) -> Checked:
    """Check a file in a process of its own, which is started again if the file ends it."""
    left = needed_stages(steps)
    found: list[Outcome] = []
    notes: list[str] = []
    skip: list[int] = []
    unanswered: list[str] = []
    while left:
        at, was_late = _LOADING, False
        with _Process({"path": str(path), "stages": left, "skip": skip, "unanswered": unanswered}) as process:
            statement: int | None = None
            for told in process.messages():
                if told is None:
                    was_late = True
                    break
                at, statement = told.get("at", at), told.get("statement", statement)
                notes = told.get("notes", notes)
                if "outcomes" in told:
                    found += map(Outcome.from_json, told["outcomes"])
                    left = left[1:]
                    at = ""
        if not left:
            break
        if at == _LOADING and statement is not None and len(skip) < _MOST_RESTARTS:
            skip.append(statement)
            continue
        stage = left[0]
        found += stopped(stage) if was_late else died(stage, _ended(stage, at))
        unanswered.append(stage)
        left = left[1:]
    return Checked([outcome for outcome in found if outcome.step in steps], notes)


def _ended(stage: str, at: str) -> Wrong:
    where = _("your file outside of its methods") if at == _LOADING else stage
    says = _("Python itself ended in {where}. Is there a call of exit(), or far too much memory in use?")
    return Wrong(says.format(where=where))


class _Process:
    """A process that loads a file and checks it; it answers in lines of JSON."""

    def __init__(self, order: dict[str, Any]) -> None:
        self._order = order

    def __enter__(self) -> _Process:
        command = [sys.executable, str(HERE / "check.py"), "--child", json.dumps(self._order)]
        quiet = {"stdin": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        surroundings = os.environ | {"MPLBACKEND": "Agg", "OPENBLAS_NUM_THREADS": "1"}
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, env=surroundings, **quiet)  # type: ignore[call-overload]
        return self

    def messages(self) -> Iterator[dict[str, Any] | None]:
        """Yield what the process tells; None if it tells nothing for too long."""
        told: queue.Queue[bytes] = queue.Queue()
        threading.Thread(target=self._read, args=(told,), daemon=True).start()
        while True:
            try:
                line = told.get(timeout=limits.PATIENCE * limits.SECONDS + _PATIENCE)
            except queue.Empty:
                yield None
                return
            if not line:
                return
            try:
                yield json.loads(line)
            except ValueError:  # the student's code has written there
                continue

    def _read(self, told: queue.Queue[bytes]) -> None:
        for line in self._process.stdout:
            told.put(line)
        told.put(b"")

    def __exit__(self, *_error: object) -> None:
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()


def _child(order: dict[str, Any]) -> None:
    """Load the file, run the stages, and tell what came of them."""
    channel = os.dup(1)

    def tell(**message: Any) -> None:
        os.write(channel, json.dumps(message).encode() + b"\n")

    with limits.Printed() as printed:
        loaded = loading.load(
            Path(order["path"]), order["skip"], lambda number: tell(at=_LOADING, statement=number)
        )
        tell(notes=loaded.notes)
        classes = (loaded.names.get(name) for name in ("Layer", "Perceptron"))
        session = Session(
            *classes, printed=printed, unanswered=order["unanswered"], is_incomplete=bool(loaded.notes)
        )
        for stage in order["stages"]:
            tell(at=stage)
            tell(outcomes=[outcome.as_json() for outcome in session.outcomes(stage)])
        os._exit(0)  # whatever the file wants to do at the end


# --- The command ----------------------------------------------------------------------------------------


def main() -> int:
    """Check the file of the command line; return 0 if all steps are right, 1 if not, 2 if there is no such file."""
    options = _parser().parse_args()
    if options.child:
        _child(json.loads(options.child))
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    steps = [options.step] if options.step else ALL_STEPS
    files = [Path(options.file).resolve()] if options.file else loading.files_to_check(HERE)
    if not files or not files[0].is_file():
        missing = options.file or "perceptron.py"
        print(_("There is no file {file}.").format(file=missing), file=sys.stderr)
        return 2
    if files[0].suffix not in (".py", ".ipynb"):
        print(_("{file} is neither a .py file nor a notebook.").format(file=files[0].name), file=sys.stderr)
        return 2
    if not options.watch:
        return _check_all(files, steps)
    try:
        while True:
            saved = _times(files)
            _check_all(files, steps)
            print(_("Waiting until you save. Ctrl-C ends this."), flush=True)
            while _times(files) == saved:
                time.sleep(0.3)
    except KeyboardInterrupt:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "check.py", description=_("Check your work step by step, as grading does on other numbers.")
    )
    parser.add_argument(
        "file",
        nargs="?",
        metavar="FILE",
        help=_("your script or notebook; otherwise the one that you have begun"),
    )
    parser.add_argument("--step", choices=ALL_STEPS, metavar="NAME", help=", ".join(ALL_STEPS))
    parser.add_argument("--watch", action="store_true", help=_("check again whenever you save"))
    parser.add_argument("--child", help=argparse.SUPPRESS)
    return parser


def _times(files: Sequence[Path]) -> list[float]:
    return [file.stat().st_mtime if file.exists() else 0.0 for file in files]


def _check_all(files: Sequence[Path], steps: Sequence[str]) -> int:
    style = table.terminal_style(sys.stdout.encoding, has_colours=_has_colours())
    is_right = True
    for file in files:
        checked = check_file(file, steps)
        notes = [*checked.notes, *table.note_on_numpy(np.__version__)]
        print("\n".join(table.headed(file.name, notes, checked.outcomes, style)), flush=True)
        is_right = is_right and all(outcome.status == RIGHT for outcome in checked.outcomes)
    return 0 if is_right else 1


def _has_colours() -> bool:
    is_plain = "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb"
    return sys.stdout.isatty() and not is_plain and (os.name != "nt" or "WT_SESSION" in os.environ)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:  # the table goes into a program that has read enough, such as head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
