"""Time what each isolation costs for a submission, against a process that has only resource limits.

Usage: python tests/benchmarks/isolation.py [--submissions 60] [--rounds 7]

For each isolation that this machine has, it prints the median milliseconds in which a candidate starts, loads the
reference and stops; how much more that is than with ``process``; and the median of the ratios of each round.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from contextlib import ExitStack, closing

from grader.candidate.client import Candidate
from grader.candidate.isolation import Isolation
from grader.candidate.launcher import ForkingParent, Limits, Timeouts
from grader.errors import UngradedError
from grader.model import Submission
from grader.resources import solution_path

TEXT = (solution_path() / "perceptron.py").read_text(encoding="utf-8")
SUBMISSION = Submission("a", "a.py", {"a.py": TEXT.encode()})


def milliseconds(parent: ForkingParent, submissions: int) -> float:
    """Return the mean time for one submission, in milliseconds."""
    began = time.perf_counter()
    for _ in range(submissions):
        with closing(Candidate(SUBMISSION, parent, Timeouts(), Limits())) as candidate:
            candidate.load()
    return (time.perf_counter() - began) * 1000 / submissions


def main() -> int:
    """Run all kinds of isolation in turn, round by round, and print the milliseconds."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--submissions", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    times: dict[Isolation, list[float]] = {}
    with ExitStack() as stack:
        parents = {kind: stack.enter_context(ForkingParent(kind)) for kind in Isolation}
        for kind, parent in list(parents.items()):
            try:
                milliseconds(parent, 1)
            except UngradedError as error:
                print(f"{kind}: {error}", file=sys.stderr)
                del parents[kind]
        for _ in range(arguments.rounds):
            for kind, parent in parents.items():
                times.setdefault(kind, []).append(milliseconds(parent, arguments.submissions))
    plain = times[Isolation.PROCESS]
    for kind, values in times.items():
        more = statistics.median(a - b for a, b in zip(values, plain, strict=True))
        ratio = statistics.median(a / b for a, b in zip(values, plain, strict=True))
        print(f"{kind:8} {statistics.median(values):6.2f} ms   {more:+6.2f} ms   {ratio:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
