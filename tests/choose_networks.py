"""Choose the networks that the monotone loss is judged on: those on which mistakes fail.

Usage: python tests/choose_networks.py

With many mistakes the mean loss still falls on some networks and not on others. If the networks were drawn, the draw
would decide what such a submission earns. So many certified networks are drawn once, the corpora of mistakes train all
of them, and few are chosen: on one of them at least, every mistake fails that fails on any. They are written to
``networks.json``, and every seed has the same ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from itertools import pairwise
from pathlib import Path

from grader.candidate.client import Candidate, Ended
from grader.candidate.launcher import ForkingParent, Limits, Timeouts
from grader.errors import UnreadableError
from grader.exam.answers import train_request
from grader.exam.laws.training import losses
from grader.exam.questions import strategies
from grader.exam.questions.cases import TrainCase
from grader.exam.questions.certificates import falls_in_any_order
from grader.exam.questions.questions import NETWORKS, networks_document
from grader.exam.questions.sampling import draw
from grader.intake import find_submissions, read_submission
from grader.model import Submission

CORPORA = Path(__file__).parent / "submissions"
SEED, DRAWN = 2026, 160
ORDERS = 2000
"""The networks that are chosen from fall in so many random orders of the examples."""
TIMEOUTS = Timeouts(2.0, 60.0)
PARTS = 40
"""Networks in one request."""


def pool() -> list[TrainCase]:
    """Return the networks to choose from."""
    drawn = draw(strategies.monotone_cases(), DRAWN, SEED)
    return [case for case in drawn if falls_in_any_order(case, ORDERS)]


def submissions() -> Iterator[Path]:
    """Yield the submissions with mistakes."""
    for folder in (*sorted((CORPORA / "wrong").iterdir()), CORPORA / "nonsense"):
        yield from (path for path in sorted(folder.iterdir()) if path.suffix == ".py")


def failing(path: Path, cases: Sequence[TrainCase]) -> frozenset[int]:
    """Return the numbers of the networks whose mean loss does not always fall; none if training ends the process."""
    (found,) = find_submissions([path])
    submission = read_submission(found)
    if not isinstance(submission, Submission):
        return frozenset()
    fails: set[int] = set()
    with ForkingParent() as parent, closing(Candidate(submission, parent, TIMEOUTS, Limits())) as candidate:
        try:
            for start in range(0, len(cases), PARTS):
                answers = candidate.ask(train_request(cases[start : start + PARTS]))
                for number, (case, reply) in enumerate(answers, start):
                    if not all(after < before for before, after in pairwise(losses(case, reply))):
                        fails.add(number)
        except (Ended, UnreadableError):
            return frozenset()
    return frozenset(fails)


def chosen(cases: Sequence[TrainCase], mistakes: Sequence[frozenset[int]]) -> list[TrainCase]:
    """Return few of ``cases``, such that each of ``mistakes`` fails on one: the one that shows most comes first."""
    left, numbers = [fails for fails in mistakes if fails], list[int]()
    while left:
        best = max(range(len(cases)), key=lambda i: (sum(i in fails for fails in left), -len(cases[i].rows), -i))
        numbers.append(best)
        left = [fails for fails in left if best not in fails]
    return [cases[number] for number in numbers]


def main() -> None:
    """Write ``networks.json``."""
    cases, paths = pool(), list(submissions())
    with ProcessPoolExecutor() as executor:
        mistakes = list(executor.map(failing, paths, [cases] * len(paths)))
    some = sum(0 < len(fails) < len(cases) for fails in mistakes)
    found = chosen(cases, mistakes)
    NETWORKS.write_text(networks_document(found), encoding="ascii")
    print(f"{len(paths)} submissions on {len(cases)} networks: {some} fail on some of them, and all of those on {len(found)}")


if __name__ == "__main__":
    main()
