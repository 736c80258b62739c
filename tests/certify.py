"""Run the reference over very many drawn examples of every property of the exam.

Usage: python tests/certify.py [--examples 100000] [--jobs 2] [--families given unseen …]

It is not part of the suite. For the monotone loss, 100,000 examples take about an hour on one core. The
examples come from seeds of their own, which no exam uses by default. It shows the first failure and stops.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from msgspec.structs import replace

from grader.candidate.client import Candidate
from grader.candidate.launcher import ForkingParent, Limits, Timeouts
from grader.exam import test_backward, test_fit, test_training
from grader.exam.examination import Examination
from grader.exam.questions.drawing import FAMILIES as DRAWN
from grader.exam.questions.questions import questions
from grader.intake import find_submissions, read_submission
from grader.model import Feedback, Submission
from grader.resources import solution_path

Law = Callable[[Examination], None]

FAMILIES: Mapping[str, tuple[Law, ...]] = {
    "given": (
        test_backward.test_results_have_their_shapes,
        test_backward.test_shapes_count_only_if_some_number_is_right,
        test_backward.test_dz_is_da_times_the_derivative_at_z,
        test_backward.test_weights_move_along_dz_times_the_inputs,
        test_backward.test_biases_move_along_dz,
        test_backward.test_da_prev_is_the_transposed_weights_times_dz,
        test_backward.test_parameters_move_by_minus_the_rate_times_the_gradient,
    ),
    "unseen": (test_backward.test_dz_holds_for_activations_that_nobody_has_seen,),
    "linear_in_da": (test_backward.test_dz_is_linear_in_da,),
    "linear_in_rate": (
        test_backward.test_the_step_is_linear_in_the_learning_rate,
        test_backward.test_a_learning_rate_of_zero_changes_nothing,
    ),
    "fit": (
        test_fit.test_the_first_da_is_the_derivative_of_the_loss,
        test_fit.test_every_example_goes_back_through_all_layers,
        test_fit.test_each_epoch_prints_its_mean_loss,
    ),
    "gradient": (test_training.test_an_epoch_agrees_with_central_differences,),
    "monotone": (test_training.test_the_mean_loss_falls_in_every_epoch,),
}
TIMES = {
    "given": 5,
    "unseen": 10,
    "linear_in_da": 20,
    "linear_in_rate": 20,
    "fit": 8,
    "gradient": 20,
    "monotone": 20,
}
"""How many times the exam's number of examples one batch has."""
FIRST_SEED = 1_000_000


def certify(family: str, seed: int) -> tuple[int, frozenset[int]]:
    """Examine the reference on one batch; return how many examples it had, and the hashes of them."""
    (found,) = find_submissions([solution_path() / "perceptron.py"])
    submission = read_submission(found)
    if not isinstance(submission, Submission):
        raise TypeError(submission.reason)
    examples = DRAWN[family](seed, TIMES[family])
    others: dict[str, Any] = {family: examples}
    exam = replace(questions(0), **others)
    with ForkingParent() as parent:
        candidate = Candidate(submission, parent, Timeouts(120.0, 1e6), Limits(cpu=10_000))
        examination = Examination(candidate, exam, Feedback.FULL)
        for law in FAMILIES[family]:
            law(examination)
        candidate.close()
    return len(examples), frozenset(hash(example) for example in examples)


def main() -> int:
    """Run the batches of each family in several processes, and print what came of them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--examples", type=int, default=100_000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--families", nargs="+", choices=sorted(FAMILIES), default=list(FAMILIES))
    options = parser.parse_args()
    with ProcessPoolExecutor(options.jobs) as pool:
        for family in options.families:
            began, drawn, seed = time.monotonic(), 0, FIRST_SEED
            distinct: set[int] = set()
            while drawn < options.examples:
                seeds = range(seed, seed + 4 * options.jobs)
                for count, hashes in pool.map(certify, [family] * len(seeds), seeds):
                    drawn += count
                    distinct |= hashes
                seed = seeds.stop
            laws = ", ".join(law.__name__ for law in FAMILIES[family])
            minutes = (time.monotonic() - began) / 60
            print(
                f"{family}: {drawn} examples ({len(distinct)} distinct), no failure, {minutes:.1f} min: {laws}",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
