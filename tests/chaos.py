"""Grade a class while something goes wrong every two seconds, and compare with an undisturbed run.

Usage: python tests/chaos.py [--size 200] [--seed 0] [--every 2.0] [--runs 20] [--faults kill,stop,pause,disk,stderr]

The faults: a process other than the main one is killed, or stopped for some seconds; all of them are stopped; the disk
with the results and the temporary files is full for a second; nobody reads standard error any longer. A run that ends
because of one (exit code 2, a full disk) is started again with the same results, as a person would do it. Every score
in the report and in the saved files must be that of the undisturbed run; otherwise the submission must be ungraded.

The faults are drawn from the seed; what they hit depends on the moment. As root, on Linux.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent / "benchmarks"), str(Path(__file__).parent / "grading")]

from classrooms import children, command  # noqa: E402 - found by the line above
from generated_class import write_class  # noqa: E402

__all__ = ["chaos"]

_DISK = "64m"
_LIMIT = 900.0
"""Seconds for one run."""
_ENDING, _MOST = {"disk", "stderr"}, 3
"""How often in all a fault may strike that can stop a run, so that one run finishes."""

Scores = dict[str, Any]


class Faults:
    """Disturbs a run in one way at a time."""

    def __init__(self, names: list[str], seed: int, disk: Path) -> None:
        self._random = random.Random(seed)
        self._disk = disk
        self._names = names
        self.done: Counter[str] = Counter()

    def strike(self, process: subprocess.Popen[bytes]) -> None:
        """Do one of them."""
        name = self._random.choice(self._names)
        if name in _ENDING and self.done[name] == _MOST:
            return
        if name == "disk" and not os.path.ismount(self._disk):
            return
        self.done[name] += 1
        strikes: dict[str, Callable[[subprocess.Popen[bytes]], None]] = {
            "kill": self._kill,
            "stop": self._stop,
            "pause": self._pause,
            "disk": self._fill,
            "stderr": self._close,
        }
        strikes[name](process)

    def _kill(self, process: subprocess.Popen[bytes]) -> None:
        self._signal(self._victims(process), signal.SIGKILL)

    def _stop(self, process: subprocess.Popen[bytes]) -> None:
        self._stop_for_a_while(self._victims(process))

    def _pause(self, process: subprocess.Popen[bytes]) -> None:
        self._stop_for_a_while([process.pid, *children(process.pid)])

    def _stop_for_a_while(self, victims: list[int]) -> None:
        self._signal(victims, signal.SIGSTOP)
        time.sleep(self._random.uniform(1.0, 5.0))
        self._signal(victims, signal.SIGCONT)

    def _fill(self, _process: subprocess.Popen[bytes]) -> None:
        filler = self._disk / "filler"
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(65536))
        time.sleep(1.0)
        filler.unlink()

    @staticmethod
    def _close(process: subprocess.Popen[bytes]) -> None:
        if process.stderr is not None:
            process.stderr.close()

    def _victims(self, process: subprocess.Popen[bytes]) -> list[int]:
        there = sorted(children(process.pid))
        return [self._random.choice(there)] if there else []

    @staticmethod
    def _signal(victims: list[int], number: signal.Signals) -> None:
        for pid in victims:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)


def chaos(size: int, seed: int, every: float, runs: int, names: list[str]) -> int:
    """Grade a class under faults; return how many scores are wrong or missing."""
    with tempfile.TemporaryDirectory() as name, small_disk(Path(name) / "disk") as disk:
        folder = Path(name) / "class"
        folder.mkdir()
        write_class(folder, size)
        calm = subprocess.run(
            command("--quiet", "--format", "json", folder),
            stdout=subprocess.PIPE,
            check=False,
            timeout=_LIMIT,
        )
        expected = entries(json.loads(calm.stdout))
        faults = Faults(names, seed, disk)
        report: Scores = {}
        for number in range(runs):
            code, report = disturbed(folder, disk, faults, every)
            what = f"{len(report)} of {size} in the report" if report else "no report"
            print(
                f"run {number + 1}: exit code {code}, {what}, faults so far: {dict(faults.done)}", flush=True
            )
            if report:
                break
        saved = [json.loads(path.read_text())["result"] for path in (disk / "results").glob("*.json")]
        wrong = differing(report, expected) | differing({entry["id"]: entry for entry in saved}, expected)
        ungraded = sum(entry["status"] == "ungraded" for entry in report.values())
        missing = len(expected) - len(report)
        print(f"wrong: {sorted(wrong)}, missing: {missing}, ungraded: {ungraded}, saved: {len(saved)}")
        return len(wrong) + missing


def disturbed(folder: Path, disk: Path, faults: Faults, every: float) -> tuple[int, Scores]:
    """Grade once, with a fault ``every`` so many seconds; return the exit code and the report's entries."""
    printed = folder.parent / "report.json"
    with printed.open("wb") as file:
        process = subprocess.Popen(
            command("--format", "json", "--jobs", "3", "--out", disk / "results", folder),
            stdout=file,
            stderr=subprocess.PIPE,
            env=os.environ | {"TMPDIR": str(disk)},
        )
        until = time.monotonic() + _LIMIT
        while time.monotonic() < until:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(every)
                break
            faults.strike(process)
        else:
            process.kill()
        code = process.wait()
    if process.stderr is not None and not process.stderr.closed:
        said = process.stderr.read().decode(errors="replace").splitlines()
        shown = [line.replace(f"{disk.parent}/", "") for line in said if "are done;" not in line]
        print("\n".join(f"  {line[:300]}" for line in shown), flush=True)
        process.stderr.close()
    try:
        return code, entries(json.loads(printed.read_bytes()))
    except ValueError:
        return code, {}


def entries(report: dict[str, Any]) -> Scores:
    return {entry["id"]: entry for entry in report["submissions"]}


def differing(seen: Scores, expected: Scores) -> set[str]:
    """Return whose result is another one, and not ungraded."""
    return {
        id_
        for id_, entry in seen.items()
        if entry["status"] != "ungraded" and verdict(entry) != verdict(expected[id_])
    }


def verdict(entry: dict[str, Any]) -> object:
    return entry["status"], entry["score"], [(c["id"], c["status"], c["points"]) for c in entry["criteria"]]


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Yield ``folder``, on a disk of its own that is soon full, if one can be mounted."""
    folder.mkdir()
    mount = shutil.which("mount")
    options = ["-t", "tmpfs", "-o", f"size={_DISK}", "tmpfs", str(folder)]
    mounted = mount is not None and subprocess.run([mount, *options], check=False).returncode == 0
    try:
        yield folder
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=False)


def main() -> int:
    """Run it, and return the exit code: 1 if a score is wrong."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--every", type=float, default=2.0)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--faults", default="kill,stop,pause,disk,stderr")
    given = parser.parse_args()
    return min(1, chaos(given.size, given.seed, given.every, given.runs, given.faults.split(",")))


if __name__ == "__main__":
    sys.exit(main())
