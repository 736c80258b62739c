"""Judge ``Perceptron.fit`` by its laws, with test layers in place of the submission's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from msgspec.structs import replace

from grader.exam.answers import FitAnswers
from grader.exam.examination import Examination
from grader.exam.judging.base import Test, as_test, simplest_failure
from grader.exam.laws.findings import RAISED, Failure, exception_failure, fit_facts
from grader.exam.laws.fit import ENDED, Derivative, wrong_output_da
from grader.exam.laws.fit_log import Training
from grader.exam.laws.losses import ExampleLoss, prints_mean_of
from grader.exam.questions.cases import FitCase
from grader.exam.questions.families import FITS
from grader.model import Finding

__all__ = ["FitLaws"]

Find = Callable[[FitAnswers, Training], Finding | None]
Statements = Callable[[Training, bool], Iterable[Finding | None]]


class FitLaws:
    """Makes pytest tests of formulas, and knows which of them training a network builds on."""

    def __init__(self) -> None:
        self._basics: list[Find] = []

    def hold_in_part(self, answers: FitAnswers) -> bool:
        """Tell whether the first ``da`` or the backpropagation is right in all cases."""
        return any(not any(_failures(answers, find).values()) for find in self._basics)

    def output_gradient(self, criterion: str, *, says: str) -> Callable[[Derivative], Test]:
        """Make a test of the formula for the first ``da`` of each step."""

        def decorate(derivative: Derivative) -> Test:
            def find(answers: FitAnswers, training: Training) -> Finding | None:
                others = any(each.steps for each in answers.trainings)
                # If it raises before the first step, the other cases decide.
                if training.reply.raised is not None and not training.steps and others:
                    return None
                return wrong_output_da(training, derivative, says, reads_labels=answers.reads_labels)

            self._basics.append(find)
            return _test(criterion, derivative, find)

        return decorate

    def statements(self, criterion: str) -> Callable[[Statements], Test]:
        """Make a test that shows the first finding out of those that are yielded."""

        def decorate(statements: Statements) -> Test:
            def find(answers: FitAnswers, training: Training) -> Finding | None:
                return next(filter(None, statements(training, answers.labels_are_told)), None)

            self._basics.append(find)
            return _test(criterion, statements, find)

        return decorate

    def mean_loss(self, criterion: str) -> Callable[[ExampleLoss], Test]:
        """Make a test of the formula for the loss of one example; each epoch prints the mean."""

        def decorate(loss: ExampleLoss) -> Test:
            def find(answers: FitAnswers, training: Training) -> Finding | None:
                # If it raises before the last step, the other cases decide, if any has all steps.
                if not training.is_whole and any(each.is_whole for each in answers.trainings):
                    return None
                return prints_mean_of(training, loss)

            return _test(criterion, loss, find)

        return decorate


def _test(criterion: str, formula: Callable[..., object], find: Find) -> Test:
    def judge(examination: Examination) -> Failure | None:
        if isinstance(answers := examination.fit, Failure):
            return answers
        known = _failures(answers, find)
        return simplest_failure(
            examination, FITS, known, examination.ask_fit, partial(_failure, answers, find)
        )

    return as_test(criterion, formula, judge)


def _failures(answers: FitAnswers, find: Find) -> dict[FitCase, Failure | None]:
    return answers.once(
        find, lambda: {training.case: _failure(answers, find, training) for training in answers.trainings}
    )


def _failure(answers: FitAnswers, find: Find, training: Training) -> Failure | None:
    if (found := find(answers, training)) is None:
        return None
    facts, raised = fit_facts(training.case), training.reply.raised
    if raised is not None and (found is ENDED or not training.is_whole):
        return exception_failure(RAISED, raised, facts, "Perceptron.fit")
    return Failure(replace(found, facts={**found.facts, **facts}))
