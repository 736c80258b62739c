"""Look for false alarms: examine right solutions on many drawn examples, and measure their largest errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from itertools import pairwise
from math import log

import pytest
from msgspec.structs import replace

from grader.audit.exam import Exam, Law
from grader.audit.judging import LIMITS, forking_parent
from grader.candidate.client import Candidate
from grader.candidate.launcher import Timeouts
from grader.exam import test_backward, test_training
from grader.exam.answers import BackwardAnswers, FitAnswers
from grader.exam.examination import Examination
from grader.exam.laws.findings import Failure
from grader.exam.laws.tolerance import FRACTION, error
from grader.exam.laws.training import destinations, losses, parameters_after
from grader.exam.questions.drawing import FAMILIES
from grader.exam.questions.questions import Questions, questions
from grader.model import Feedback, Submission

__all__ = ["Alarms", "examples_of", "family_of", "look_for_alarms"]

_FIRST_SEED = 1_000_000
"""The examples come from seeds of their own."""
_TIMEOUTS = Timeouts(60.0, 300.0)
_LOSS_LEAVE = 0.0015
"""How far a printed mean may be off (docs/contract.md)."""

Alarms = tuple[dict[str, int], dict[str, int], dict[str, float]]
"""The examples of each family; how often each law was broken; and the largest error in each family."""


_FAMILIES = {
    "dz_holds_for_activations_that_nobody_has_seen": "unseen",
    "dz_is_linear_in_da": "linear_in_da",
    "the_step_is_linear_in_the_learning_rate": "linear_in_rate",
    "a_learning_rate_of_zero_changes_nothing": "linear_in_rate",
    "an_epoch_agrees_with_central_differences": "gradient",
    "the_mean_loss_falls_in_every_epoch": "monotone",
}


def family_of(law: Law) -> str:
    """Return the family of examples that ``law`` is judged on; for an instructor's own, one of the method's."""
    return _FAMILIES.get(law.name, "fit" if law.criterion.startswith("fit.") else "given")


def look_for_alarms(exam: Exam, submissions: list[Submission], batch: int, times: int) -> Alarms:
    """Examine right ``submissions`` on ``times`` as many examples as the exam has, drawn from the seed of ``batch``."""
    drawn = examples_of(_FIRST_SEED + batch, times)
    broken: dict[str, int] = {}
    largest: dict[str, float] = {}
    for submission in submissions:
        with closing(Candidate(submission, forking_parent(), _TIMEOUTS, LIMITS)) as candidate:
            examination = Examination(candidate, drawn, Feedback.SCORE)
            for law in exam.laws:
                try:
                    law.test(examination)
                except pytest.fail.Exception:
                    broken[law.name] = broken.get(law.name, 0) + 1
                except pytest.skip.Exception:
                    continue
            for family, off in _errors(examination):
                largest[family] = max(largest.get(family, 0.0), off)
    return {name: len(getattr(drawn, name)) for name in FAMILIES}, broken, largest


def examples_of(seed: int, times: int) -> Questions:
    """Return ``times`` as many examples of each family as the exam has, networks too."""
    drawn = {name: family(seed, times) for name, family in FAMILIES.items()}
    return replace(questions(0), seed=seed, **drawn)


def _errors(examination: Examination) -> Iterator[tuple[str, float]]:
    """Yield errors as fractions of their tolerance, each with the family of its example."""
    measures: Mapping[str, Callable[[Examination], Iterator[tuple[str, float]]]] = {
        "backward": _backward_errors,
        "fit": _fit_errors,
        "training": _training_errors,
    }
    for measure in measures.values():
        yield from measure(examination)


def _backward_errors(examination: Examination) -> Iterator[tuple[str, float]]:
    answers = examination.backward
    if isinstance(answers, BackwardAnswers):
        for family in ("given", "unseen"):
            for answer in answers.families[family]:
                for call in answer.calls:
                    for formula in test_backward.laws.formulas.values():
                        for compared in formula(call, call.true_dz):
                            if compared.error is not None:
                                yield family, compared.error()


def _fit_errors(examination: Examination) -> Iterator[tuple[str, float]]:
    answers = examination.fit
    if not isinstance(answers, FitAnswers):
        return
    for training in answers.trainings:
        means: list[float] = []
        for step in training.steps:
            if step.before is None or step.example is None or step.output_da is None:
                continue
            p, y = step.before.prediction, training.case.labels[step.example]
            due = (p - y) / (p * (1.0 - p))
            yield "fit", abs(step.output_da - due) / (FRACTION * max(abs(step.output_da), abs(due)))
            means.append(-(y * log(p) + (1.0 - y) * log(1.0 - p)))
        for epoch, line in enumerate(training.reply.lines[: training.case.epochs]):
            own = means[epoch * training.case.examples : (epoch + 1) * training.case.examples]
            yield "fit", abs(float(line.rpartition(" ")[2]) - sum(own) / len(own)) / _LOSS_LEAVE


def _training_errors(examination: Examination) -> Iterator[tuple[str, float]]:
    descend = test_training.test_an_epoch_agrees_with_central_differences.__dict__["__wrapped__"]
    answers = examination.gradient_checks
    if not isinstance(answers, Failure):
        for case, reply in answers:
            (theta,) = parameters_after(case, reply)
            if theta is not None:
                yield (
                    "gradient",
                    min(error(theta, end, case.parameters()) for end in destinations(case, descend)),
                )
    descents = examination.descents
    if not isinstance(descents, Failure):
        for case, reply in descents:
            for before, after in pairwise(losses(case, reply)):
                yield "monotone", after / before
