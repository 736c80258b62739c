"""Judge whole networks that are trained with the submission's own layers and ``fit``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise, takewhile
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from grader.candidate.replies import TrainReply
from grader.exam.answers import FitAnswers, TrainAnswers
from grader.exam.examination import Examination
from grader.exam.judging.backward import BackwardLaws
from grader.exam.judging.base import Test, as_test
from grader.exam.judging.fit import FitLaws
from grader.exam.laws.findings import Failure, array_value, exception_failure, failure, train_facts
from grader.exam.laws.network import Network
from grader.exam.laws.tolerance import close, differing
from grader.exam.laws.training import Descent, destinations, losses, parameters_after
from grader.exam.questions.cases import TrainCase
from grader.model import Message, Status, TextValue, Value

__all__ = ["TrainingLaws"]

Floats = NDArray[np.float64]

_LOSSES = "mean loss before training, then after each epoch"
_NEEDS_BACKWARD = Message(
    "Training a whole network is judged once one of backward.weights, backward.biases and backward.update is earned."
)
_NEEDS_FIT = Message(
    "Training a whole network is judged once one of fit.output_gradient and fit.backpropagation is earned."
)


class TrainingLaws:
    """Makes pytest tests of formulas that are judged once some part of both methods is right."""

    def __init__(self, backward: BackwardLaws, fit: FitLaws) -> None:
        self._backward, self._fit = backward, fit

    def one_epoch(self, criterion: str, *, says: str) -> Callable[[Descent], Test]:
        """Make a test of the formula for a step of gradient descent, by the parameters after one epoch."""

        def decorate(descend: Descent) -> Test:
            def find(case: TrainCase, reply: TrainReply) -> Failure | None:
                (theta,), due = parameters_after(case, reply), destinations(case, descend)
                if theta is not None and any(close(theta, end, case.parameters()) for end in due):
                    return None
                seen: dict[str, Value] = {"": TextValue("parameters that have lost their shape")}
                if theta is not None:
                    seen = _parameters(case, theta, differing(theta, due[0], case.parameters()))
                return failure(Message(says), seen, _parameters(case, due[0]), train_facts(case))

            return self._test(
                criterion, descend, find, lambda examination: _simplest_first(examination.gradient_checks)
            )

        return decorate

    def each_epoch(self, criterion: str, *, says: str) -> Callable[[Callable[[float, float], bool]], Test]:
        """Make a test of a relation between the mean losses before and after each epoch."""

        def decorate(holds: Callable[[float, float], bool]) -> Test:
            def find(case: TrainCase, reply: TrainReply) -> Failure | None:
                values = losses(case, reply)
                for epoch, (before, after) in enumerate(pairwise(values), 1):
                    if not holds(before, after):
                        seen, due = _listed(values, epoch), TextValue("a smaller loss after every epoch")
                        message = Message(says, {"epoch": epoch})
                        return failure(message, {_LOSSES: seen}, {"": due}, train_facts(case))
                return None

            return self._test(criterion, holds, find, lambda examination: examination.descents)

        return decorate

    def _test(
        self,
        criterion: str,
        formula: Callable[..., object],
        find: Callable[[TrainCase, TrainReply], Failure | None],
        answers_of: Callable[[Examination], TrainAnswers | Failure],
    ) -> Test:
        def judge(examination: Examination) -> Failure | None:
            if (missing := self._missing(examination)) is not None:
                return missing
            if isinstance(answers := answers_of(examination), Failure):
                return answers
            found = (_exception(examination, *pair) or find(*pair) for pair in answers)
            return next(filter(None, found), None)

        return as_test(criterion, formula, judge)

    def _missing(self, examination: Examination) -> Failure | None:
        """Return why the methods are not judged together (docs/criteria.md), if one of them has earned nothing."""
        backward, fit = examination.backward, examination.fit
        if isinstance(backward, Failure):
            return backward
        if isinstance(fit, Failure):
            return fit
        if not self._backward.hold_in_part(backward):
            return failure(_NEEDS_BACKWARD, status=Status.SKIPPED)
        return None if self._fit.hold_in_part(fit) else failure(_NEEDS_FIT, status=Status.SKIPPED)


def _simplest_first(answers: TrainAnswers | Failure) -> TrainAnswers | Failure:
    if isinstance(answers, Failure):
        return answers
    return tuple(sorted(answers, key=lambda pair: (len(pair[0].parameters()), len(pair[0].rows))))


def _exception(examination: Examination, case: TrainCase, reply: TrainReply) -> Failure | None:
    """Return the failure for an exception, unless it comes after an epoch: then it costs ``fit.loss`` alone."""
    fit = examination.fit
    if reply.raised is None or (isinstance(fit, FitAnswers) and fit.raises_only_after_epochs):
        return None
    return exception_failure("Training a network raised {type}.", reply.raised, train_facts(case))


def _parameters(case: TrainCase, theta: Floats, wrong: Sequence[int] = ()) -> dict[str, Value]:
    """Return each layer's weights and biases, marked at the places ``wrong`` in ``theta``."""
    values: dict[str, Value] = {}
    start = 0
    for number, pair in enumerate(Network(case.layers).split(theta), 1):
        for name, part in zip((f"W{number}", f"b{number}"), pair, strict=True):
            values[name] = array_value(part, [i - start for i in wrong if start <= i < start + part.size])
            start += part.size
    return values


def _listed(values: Sequence[float], wrong: int) -> Value:
    if all(map(isfinite, values)):
        return array_value(np.array(values), [wrong])
    known = ", ".join(f"{value:.4f}" for value in takewhile(isfinite, values))
    return TextValue("{losses}, then no finite number", {"losses": known})
