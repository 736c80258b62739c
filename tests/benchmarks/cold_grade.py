"""Time a cold ``grade solution/perceptron.py``, and the bare imports of what it needs.

Usage: python tests/benchmarks/cold_grade.py [--runs 9]

It prints the median and the range of the wall time of both, in seconds, and the median of their ratios, run by run.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence

from grader.resources import solution_path

IMPORTS = "import numpy, pytest"


def seconds(command: Sequence[str]) -> float:
    """Return the wall time of one run of ``command``, in seconds."""
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def main() -> int:
    """Run both commands in turn and print the seconds."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=9)
    runs = parser.parse_args().runs
    grade = shutil.which("grade")
    if grade is None:
        print("grade is not on the path: run this in the project's environment", file=sys.stderr)
        return 2
    commands = {
        "grade solution/perceptron.py": [grade, str(solution_path() / "perceptron.py")],
        f'python -c "{IMPORTS}"': [sys.executable, "-c", IMPORTS],
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for command in commands.values():
        seconds(command)
    for _ in range(runs):
        for name, command in commands.items():
            times[name].append(seconds(command))
    for name, values in times.items():
        print(f"{statistics.median(values):.3f} s  ({min(values):.3f} to {max(values):.3f})  {name}")
    ratio = statistics.median(a / b for a, b in zip(*times.values(), strict=True))
    print(f"{ratio:.2f}    median of the ratios, over {runs} runs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
