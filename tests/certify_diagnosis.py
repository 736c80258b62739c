"""Try the diagnosis on submissions that nobody wrote it for, and print how many mistakes it named.

Usage: python tests/certify_diagnosis.py [--jobs 2] [--feedback hint] [--styles 0 1 …] [--seed 1] [--verbose]
    [WHAT …]

WHAT is what to try, everything by default. ``singles`` are all forms of all known mistakes in seven styles of
``backward`` and of ``fit``, ``mixtures`` are pairs and triples of them (tests/diagnosis/mixtures.py), drawn with the
seed; ``wrong``, ``right``, ``nonsense`` and ``partial`` are the corpora in tests/submissions/. The tables count
submissions by mistake and by style. It exits with 1 if there is a wrong name, or if a mistake alone does not cost what
it may, or more.

Composed submissions are left out, and listed, if nobody could tell them by what they do: on all of the exam's questions
they do what they would do with fewer of their mistakes, or with one other mistake alone. So are mixtures in which one
mistake costs nothing, since the exam judges a step by others if they are sound.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

sys.path[:0] = [str(Path(__file__).parent / folder) for folder in ("grading", "diagnosis")]

from mixture_trials import Trial, corpus, sort_out, try_composed, try_corpus  # noqa: E402 - found by the line above
from mixtures import SEED, STYLES, Mixture, mixtures, singles  # noqa: E402

from grader.model import Feedback  # noqa: E402

COMPOSED, WITHOUT_MISTAKES = ("singles", "mixtures"), ("right", "nonsense", "partial")
TOLD = (*COMPOSED, "wrong", *WITHOUT_MISTAKES)
BATCH = 40


class Tried(NamedTuple):
    """What was tried."""

    trials: Sequence[Trial]
    left_out: Mapping[str, str]
    """Why submissions were left out, by their names."""
    mispriced: Sequence[Trial]
    """Those that do not cost what they may, or more."""


def table(title: str, trials: Sequence[Trial], groups_of: Callable[[Trial], Iterable[str]]) -> str:
    """Return how many submissions are named, not named and wrongly named, a line for each group."""
    counts: dict[str, Counter[str]] = {}
    for trial in trials:
        for group in groups_of(trial):
            found = group in trial.named if group in trial.expected else trial.is_solved
            kind = "wrong" if trial.wrong else "named" if found else "unnamed"
            counts.setdefault(group, Counter())[kind] += 1
    lines = [f"{title:<40} named unnamed wrong"]
    lines += [
        f"{group:<40} {count['named']:>5} {count['unnamed']:>7} {count['wrong']:>5}"
        for group, count in sorted(counts.items())
    ]
    return "\n".join(lines)


def summary(title: str, trials: Sequence[Trial]) -> str:
    """Return a line on all trials, and a line for each wrong name."""
    solved = sum(trial.is_solved for trial in trials)
    wrong = [trial for trial in trials if trial.wrong]
    lines = [f"{title}: {len(trials)} tried, {solved} right, {len(wrong)} with a wrong name"]
    lines += [f"  WRONG {trial.name}: {', '.join(sorted(trial.wrong))}" for trial in wrong]
    return "\n".join(lines)


InBatches = Callable[..., list[Any]]
"""Calls a function on batches of a sequence, in several processes, and returns all that it returned."""


def composed_trials(every: Sequence[Mixture], what: str, feedback: Feedback, in_batches: InBatches) -> Tried:
    """Try ``singles`` or ``mixtures``."""
    telling, left_out = sort_out(every, in_batches)
    trials = in_batches(try_composed, telling, feedback)
    if what == "singles":
        return Tried(trials, left_out, [trial for trial in trials if trial.free or trial.overpaid])
    hidden = {
        trial.name: f"costs nothing for {', '.join(sorted(trial.free))}" for trial in trials if trial.free
    }
    return Tried([trial for trial in trials if not trial.free], left_out | hidden, [])


def show(what: str, tried: Tried, *, verbose: bool) -> None:
    """Print what came of trying ``what``."""
    if what in COMPOSED:
        print(f"{what}: {len(tried.left_out)} are left out")
        print(table("style (backward/fit)", tried.trials, lambda trial: [trial.style]))
    if what not in WITHOUT_MISTAKES:
        print(table("mistake", tried.trials, lambda trial: trial.expected))
    if verbose:
        for name, why in tried.left_out.items():
            print(f"  LEFT OUT {name}: {why}")
        for trial in tried.trials:
            if not trial.is_solved:
                print(f"  UNNAMED {trial.name}: {', '.join(sorted(trial.expected - trial.named))}")
    for trial in tried.mispriced:
        print(f"  COSTS {trial.name}: {', '.join(sorted(trial.lost)) or 'nothing'}")
    print(summary(what, tried.trials), flush=True)


def main() -> int:
    """Try everything that is asked for, print the tables, and return 1 if something is wrong."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="*", default=TOLD, metavar="WHAT", help=", ".join(TOLD))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--styles", nargs="+", type=int, choices=STYLES, default=list(STYLES), metavar="0…6")
    parser.add_argument("--seed", type=int, default=SEED, help="draws the mixtures")
    parser.add_argument("--feedback", choices=["hint", "full"], default="hint")
    parser.add_argument("--verbose", action="store_true", help="list what is not named, and what is left out")
    options = parser.parse_args()
    feedback, is_bad = Feedback(options.feedback), False
    with ProcessPoolExecutor(options.jobs) as pool:

        def in_batches(work: Callable[..., list[Any]], items: Sequence[Any], *more: object) -> list[Any]:
            batches = [items[start : start + BATCH] for start in range(0, len(items), BATCH)]
            rest = [[each] * len(batches) for each in more]
            return [done for batch in pool.map(work, batches, *rest) for done in batch]

        for what in options.what:
            if what in COMPOSED:
                every = singles() if what == "singles" else mixtures(options.seed)
                chosen = [mixture for mixture in every if mixture.style in options.styles]
                tried = composed_trials(chosen, what, feedback, in_batches)
            else:
                tried = Tried(in_batches(try_corpus, corpus(what), feedback), {}, [])
            show(what, tried, verbose=options.verbose)
            is_bad |= bool(tried.mispriced) or any(trial.wrong for trial in tried.trials)
    return int(is_bad)


if __name__ == "__main__":
    sys.exit(main())
