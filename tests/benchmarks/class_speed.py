"""Time ``grade`` on a generated class: submissions a second, cost as classes grow, and memory.

Usage: PYTHONPATH=tests/courses python tests/benchmarks/class_speed.py [--sizes 200 2000] [--feedback score full]
    [--jobs N] [--peers N]

It prints the submissions a second with each feedback, the cost per submission of the largest class against that of
the smallest, and the peak of the memory (PSS, MiB) of the grader's own processes together, and of those that hold
submissions, which may use what --memory allows them. With ``--peers``, nbgrader and otter-grader also grade the first
N of the smallest class that are not hostile, with plain checks (see peers.py). The seconds per submission of all three
are printed side by side.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from generated_class import PARTS, write_class

_MIB = 1024
FEEDBACK = ("score", "hint", "full")


@dataclass(frozen=True)
class Run:
    """One run of ``grade`` over a class."""

    seconds: float
    peak: float
    """MiB of the grader's processes together."""
    peak_of_submissions: float
    """MiB of the processes that hold submissions, together."""
    marks: dict[str, float]
    timed_out: list[str]
    """The submissions that a clock stopped, after seconds in which there may be nothing else to do."""


def main() -> int:
    """Write the classes, grade them and print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[200, 2000])
    parser.add_argument("--feedback", nargs="+", choices=FEEDBACK, default=FEEDBACK)
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--peers", type=int, default=0, metavar="N")
    options = parser.parse_args()
    rates: dict[tuple[str, int], float] = {}
    with tempfile.TemporaryDirectory() as temporary:
        for size in sorted(options.sizes):
            folder = Path(temporary) / f"class-{size}"
            folder.mkdir()
            parts = write_class(folder, size)
            for feedback in options.feedback:
                run = grade(folder, feedback, options.jobs)
                rates[feedback, size] = size / run.seconds
                print(
                    f"{size:5} submissions, --feedback {feedback:5}: {run.seconds:7.1f} s, "
                    f"{size / run.seconds:5.1f} a second, peak {run.peak:.0f} MiB "
                    f"and {run.peak_of_submissions:.0f} MiB of submissions",
                    flush=True,
                )
                complain(parts, run.marks)
                if run.timed_out:
                    left = size - len(run.timed_out)
                    quick = grade(without(folder, run.timed_out), feedback, options.jobs)
                    print(
                        f"      without {len(run.timed_out)} that timed out: {left / quick.seconds:5.1f} a second"
                    )
            if options.peers and size == min(options.sizes):
                harmless = [name for name, part in parts.items() if part != "hostile or broken"]
                in_the_class = {feedback: 1 / rates[feedback, size] for feedback in options.feedback}
                set_side_by_side(folder, harmless[: options.peers], in_the_class, options.jobs)
        least, largest = min(options.sizes), max(options.sizes)
        if least != largest:
            for feedback in options.feedback:
                ratio = rates[feedback, least] / rates[feedback, largest]
                print(f"cost per submission at {largest} against {least}, --feedback {feedback}: {ratio:.2f}")
    return 0


def grade(folder: Path, feedback: str, jobs: int | None) -> Run:
    """Grade the class in ``folder`` and measure its memory."""
    command = shutil.which("grade")
    if command is None:
        raise SystemExit("grade is not on the path: run this in the project's environment")
    many = [] if jobs is None else ["--jobs", str(jobs)]
    line = [command, "--quiet", "--format", "json", "--feedback", feedback, *many, str(folder)]
    began = time.perf_counter()
    with tempfile.TemporaryFile() as report:
        process = subprocess.Popen(line, stdout=report, stderr=subprocess.DEVNULL)
        peaks = [(0.0, 0.0)]
        watch = threading.Thread(target=_watch, args=(process, peaks))
        watch.start()
        process.wait()
        seconds = time.perf_counter() - began
        watch.join()
        report.seek(0)
        document = json.load(report)
    entries = document["submissions"]
    timed_out = [
        entry["id"]
        for entry in entries
        if any(criterion["status"] == "timeout" for criterion in entry["criteria"])
    ]
    own, of_submissions = map(max, zip(*peaks, strict=True))
    marks = {entry["id"]: entry["score"] for entry in entries}
    return Run(seconds, own, of_submissions, marks, timed_out)


def without(folder: Path, names: Sequence[str]) -> Path:
    """Return a copy of the class in ``folder`` without the submissions of these names."""
    copy = folder.with_name(f"{folder.name}-without")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy, ignore=lambda _folder, files: [f for f in files if Path(f).stem in names])
    return copy


def complain(parts: dict[str, str], marks: dict[str, float]) -> None:
    """Print how many submissions of each part have a score that they should not have, if any."""
    odd = Counter(part for name, part in parts.items() if (marks[name] == 100.0) != (part == "right"))
    for part in PARTS:
        if odd[part]:
            print(f"      {odd[part]} that are {part} have a mark that is not theirs")


def set_side_by_side(
    folder: Path, names: Sequence[str], in_the_class: Mapping[str, float], jobs: int | None
) -> None:
    """Time all three graders on the submissions of these names in ``folder``, and print the seconds for one submission.

    ``in_the_class`` has the seconds that ``grade`` took for one of the whole class, by the feedback.
    """
    from peers import sources_of, with_nbgrader, with_otter

    few = folder.with_name("few")
    few.mkdir()
    paths = [Path(shutil.copy(path, few)) for name in names for path in folder.glob(f"{name}.*")]
    sources = sources_of(paths)
    alone = {feedback: grade(few, feedback, jobs).seconds / len(paths) for feedback in FEEDBACK}
    nbgrader = with_nbgrader(folder.with_name("nbgrader"), sources)
    print(f"{len(paths):5} submissions, nbgrader, plain checks: {nbgrader.seconds:.1f} s", flush=True)
    given = folder.with_name("nbgrader") / "release/perceptron"
    otter = with_otter(folder.with_name("otter"), given, sources, jobs)
    print(f"{len(paths):5} submissions, otter-grader, plain checks: {otter.seconds:.1f} s")
    if nbgrader.marks != otter.marks:
        print("      nbgrader and otter-grader do not give the same marks")
    theirs = [nbgrader.seconds / len(paths), otter.seconds / len(paths)]
    print("grade (full exam, strict wall) : nbgrader : otter-grader, in seconds per submission")
    for where, ours in ((f"these {len(paths)} alone", alone), ("the whole class", in_the_class)):
        for feedback, one in ours.items():
            seconds = " : ".join(f"{each:.3f}" for each in (one, *theirs))
            ratios = f"1 : {theirs[0] / one:.0f} : {theirs[1] / one:.0f}"
            print(f"  grade --feedback {feedback:5} on {where}: {seconds} = {ratios}")


def _watch(process: subprocess.Popen[bytes], peaks: list[tuple[float, float]]) -> None:
    while process.poll() is None:
        sizes = [0, 0]
        for pid in _family(process.pid):
            sizes[_holds_submissions(pid)] += _pss(pid)
        peaks.append((sizes[False] / _MIB, sizes[True] / _MIB))
        time.sleep(0.5)


def _holds_submissions(pid: int) -> bool:
    """Tell whether a process is a forking parent or was forked by one."""
    try:
        return b"/sandbox/start.py" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _family(root: int) -> Sequence[int]:
    """Return the process ``root`` and its descendants."""
    found, left = [], [root]
    while left:
        pid = left.pop()
        found.append(pid)
        for path in Path(f"/proc/{pid}/task").glob("*/children"):
            try:
                left += map(int, path.read_text().split())
            except OSError:
                continue
    return found


def _pss(pid: int) -> int:
    """Return the proportional set size of a process in KiB, or 0 if it is gone."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
