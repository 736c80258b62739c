"""Time ``nbgrader autograde`` behind the wall, and with plain checks that run in nbgrader's own kernels.

Usage: PYTHONPATH=tests/courses python tests/benchmarks/autograde.py [--submissions 30] [--rounds 1]

The same notebooks (two thirds right, the rest wrong or untouched) are handed in to two courses. In the plain one the
autograded cells run the visible tests in the kernel. For each round it prints the seconds that both take, the seconds
that autograde takes after ``grade submitted`` has graded the class, and the ratios.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

from courses import Course, filled, made
from peers import checked_in_the_kernel

MISTAKE = ("self.weights.T @ dz", "self.weights.T @ da")


def class_of(folder: Path, submissions: int, *, plain: bool) -> Course:
    """Return a course with that many ``submissions``."""
    course = made(folder, configured=not plain)
    for number in range(submissions):
        notebook = [filled(course.released), filled(course.released), filled(course.released, [MISTAKE])][
            number % 3
        ]
        if number % 10 == 9:
            notebook = course.released
        for cell in notebook["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("solution"):
                cell["source"] = f"# student {number}\n" + "".join(cell["source"])
        course.hand_in(f"student{number:03}", notebook)
    return course


def seconds(course: Course, *command: str) -> float:
    """Return the seconds that a command takes."""
    began = time.perf_counter()
    course.run(*command)
    return time.perf_counter() - began


def main() -> int:
    """Time both in turn, and print the seconds."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--submissions", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=1)
    arguments = parser.parse_args()
    autograde = ("nbgrader", "autograde", "perceptron", "--force")
    ratios, ratios_after_grade = [], []
    with tempfile.TemporaryDirectory() as folder:
        behind_the_wall = class_of(Path(folder, "wall"), arguments.submissions, plain=False)
        plain = class_of(Path(folder, "plain"), arguments.submissions, plain=True)
        checked_in_the_kernel(plain)
        for number in range(arguments.rounds):
            for kept in (behind_the_wall.folder / ".perceptron-kit").glob("*"):
                kept.unlink()
            in_kernels = seconds(plain, *autograde)
            ours = seconds(behind_the_wall, *autograde)
            first = seconds(behind_the_wall, "grade", "--quiet", "--regrade", "--format", "json", "submitted")
            after = seconds(behind_the_wall, *autograde)
            ratios.append(in_kernels / ours)
            ratios_after_grade.append(in_kernels / after)
            print(
                f"round {number + 1}: plain {in_kernels:.1f} s, behind the wall {ours:.1f} s; "
                f"grade {first:.1f} s, and behind the wall after it {after:.1f} s"
            )
    print(
        f"{arguments.submissions} submissions, median ratio plain / behind the wall: {statistics.median(ratios):.1f}"
    )
    print(f"the same after grade: {statistics.median(ratios_after_grade):.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
