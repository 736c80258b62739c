"""Choose the networks that every submission trains: those on which mistakes show.

Usage: python tests/choose_networks.py

Many mistakes show on some networks only: the mean loss still falls, or a threshold is never reached. If the networks
were drawn, the draw would decide what such a submission earns. So many certified networks are drawn once, submissions
with mistakes train all of them, and few are chosen, on which as many of the mistakes show as can. They are written to
``networks.json``, and every seed has the same ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from grader.audit.subjects import delicate, made_of, variants
from grader.candidate.client import Candidate, Ended
from grader.candidate.launcher import ForkingParent, Limits, Timeouts
from grader.candidate.replies import TrainReply
from grader.errors import UnreadableError
from grader.exam import test_training
from grader.exam.answers import train_request
from grader.exam.laws.tolerance import close
from grader.exam.laws.training import destinations, losses, parameters_after
from grader.exam.questions import strategies
from grader.exam.questions.cases import TrainCase
from grader.exam.questions.certificates import falls_in_any_order
from grader.exam.questions.questions import NETWORKS, Networks, networks_document
from grader.exam.questions.sampling import draw
from grader.intake import find_submissions, read_submission
from grader.model import Submission

CORPORA = Path(__file__).parent / "submissions"
SEED = 2026
GRADIENT_DRAWN, MONOTONE_DRAWN = 160, 120
CHOSEN = {"gradient": 8, "monotone": 3}
ORDERS = 500
"""The networks whose loss must fall do so in so many random orders of the examples."""
TIMEOUTS = Timeouts(2.0, 60.0)
PART = 20
"""Networks in one request."""

descend = test_training.test_an_epoch_agrees_with_central_differences.__wrapped__  # type: ignore[attr-defined]


class Shown(NamedTuple):
    """The numbers of the networks on which a submission's mistake shows."""

    gradient: frozenset[int] = frozenset()
    monotone: frozenset[int] = frozenset()


def pools() -> Networks:
    """Return the networks to choose from."""
    monotone = draw(strategies.monotone_cases(), MONOTONE_DRAWN, SEED)
    return Networks(
        draw(strategies.gradient_cases(), GRADIENT_DRAWN, SEED),
        [case for case in monotone if falls_in_any_order(case, ORDERS)],
    )


def submissions() -> Iterator[Submission]:
    """Yield the submissions with mistakes."""
    for name, source in {**variants(), **delicate()}.items():
        yield made_of(name, source)
    for folder in (*sorted((CORPORA / "wrong").iterdir()), CORPORA / "nonsense"):
        for found in find_submissions([path for path in sorted(folder.iterdir()) if path.suffix == ".py"]):
            if isinstance(submission := read_submission(found), Submission):
                yield submission


def is_elsewhere(case: TrainCase, reply: TrainReply) -> bool:
    """Tell whether the parameters are not where gradient descent leads, in whatever order."""
    (theta,) = parameters_after(case, reply)
    ends = destinations(case, descend)
    return theta is None or not any(close(theta, end, case.parameters()) for end in ends)


def stays(case: TrainCase, reply: TrainReply) -> bool:
    """Tell whether the mean loss does not fall in one of the epochs."""
    return not all(after < before for before, after in pairwise(losses(case, reply)))


def shown(networks: Networks, submission: Submission) -> Shown:
    """Return where the mistake of ``submission`` shows; nowhere if training ends the process."""
    gradient, monotone = set[int](), set[int]()
    with ForkingParent() as parent, closing(Candidate(submission, parent, TIMEOUTS, Limits())) as candidate:
        try:
            for start in range(0, len(networks.gradient), PART):
                answers = candidate.ask(train_request(networks.gradient[start : start + PART]))
                gradient |= {number for number, pair in enumerate(answers, start) if is_elsewhere(*pair)}
            # Where gradient descent leads, the loss falls.
            for start in range(0, len(networks.monotone) if gradient else 0, PART):
                answers = candidate.ask(train_request(networks.monotone[start : start + PART]))
                monotone |= {number for number, pair in enumerate(answers, start) if stays(*pair)}
        except (Ended, UnreadableError):
            return Shown()
    return Shown(frozenset(gradient), frozenset(monotone))


def chosen(cases: Sequence[TrainCase], mistakes: Sequence[frozenset[int]], count: int) -> list[TrainCase]:
    """Return ``count`` of ``cases``: each time the one on which most mistakes show anew, for its examples."""
    numbers = list[int]()
    left = list[frozenset[int]]()
    while len(numbers) < count:
        left = left or [fails for fails in mistakes if fails]
        rest = [number for number in range(len(cases)) if number not in numbers]
        # Each example takes time.
        numbers.append(max(rest, key=lambda i: sum(i in fails for fails in left) / len(cases[i].rows)))
        left = [fails for fails in left if numbers[-1] not in fails]
    return [cases[number] for number in numbers]


def main() -> None:
    """Write ``networks.json``."""
    networks, tried = pools(), list(submissions())
    with ProcessPoolExecutor() as executor:
        mistakes = list(executor.map(partial(shown, networks), tried))
    found = {}
    for name, count in CHOSEN.items():
        cases, fails = getattr(networks, name), [getattr(one, name) for one in mistakes]
        found[name] = few = chosen(cases, fails, count)
        here = {cases.index(case) for case in few}
        some = [one for one in fails if 0 < len(one) < len(cases)]
        print(
            f"{name}: {len(tried)} submissions trained {len(cases)} networks; {len(some)} fail on some of them, "
            f"{sum(bool(one & here) for one in some)} on one of the {count} that were chosen"
        )
    NETWORKS.write_text(networks_document(Networks(**found)), encoding="ascii")


if __name__ == "__main__":
    main()
