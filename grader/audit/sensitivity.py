"""Find the smallest error of a gradient that each criterion notices."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from grader.audit.exam import Exam
from grader.audit.judging import judge
from grader.audit.records import Sensitivity
from grader.audit.subjects import changed, made_of

__all__ = ["LEAST", "WRONG", "Wrong", "sensitivity"]

LEAST = 1e-3
"""An error of a gradient by a factor of 1 ± this must be noticed everywhere."""
_SIZES = (1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5)


class Wrong(NamedTuple):
    """A number that is wrong by a factor, in the reference."""

    what: str
    criterion: str
    """The criterion that has to notice it."""
    before: str
    after: str
    """What replaces ``before``; ``FACTOR`` stands for the factor."""


WRONG = (
    Wrong("dz", "backward.dz", "dz = da *", "dz = FACTOR * da *"),
    Wrong(
        "one weight's gradient",
        "backward.weights",
        "dz @ self.inputs.T",
        "dz @ self.inputs.T; d_weights[-1, -1] *= FACTOR",
    ),
    Wrong(
        "one bias's gradient",
        "backward.biases",
        "d_biases = dz",
        "d_biases = dz.copy(); d_biases[-1] *= FACTOR",
    ),
    Wrong("da_prev", "backward.da_prev", "self.weights.T @ dz", "FACTOR * self.weights.T @ dz"),
    Wrong(
        "the step of the weights",
        "backward.update",
        "learning_rate * d_weights",
        "FACTOR * learning_rate * d_weights",
    ),
    Wrong(
        "the step of the biases",
        "backward.update",
        "learning_rate * d_biases",
        "FACTOR * learning_rate * d_biases",
    ),
    Wrong("da at the output", "fit.output_gradient", "[[(y_hat - y)", "[[FACTOR * (y_hat - y)"),
    Wrong(
        "da between layers",
        "fit.backpropagation",
        "da = layer.backward(da, learning_rate)",
        "da = FACTOR * layer.backward(da, learning_rate)",
    ),
    Wrong(
        "the rate passed on",
        "fit.backpropagation",
        "layer.backward(da, learning_rate)",
        "layer.backward(da, FACTOR * learning_rate)",
    ),
    Wrong("dz, in a whole network", "training.gradient_check", "dz = da *", "dz = FACTOR * da *"),
    Wrong(
        "da_prev, in a whole network",
        "training.gradient_check",
        "self.weights.T @ dz",
        "FACTOR * self.weights.T @ dz",
    ),
)


def sensitivity(exam: Exam, wrong: Wrong) -> Sensitivity:
    """Return the smallest ε for which both 1 + ε and 1 − ε are noticed."""
    exam = replace(exam, laws=tuple(law for law in exam.laws if law.criterion == wrong.criterion))
    smallest = None
    for size in _SIZES:
        if not all(_is_noticed(exam, wrong, factor) for factor in (1.0 + size, 1.0 - size)):
            break
        smallest = size
    return Sensitivity(wrong.what, wrong.criterion, smallest)


def _is_noticed(exam: Exam, wrong: Wrong, factor: float) -> bool:
    source = changed({wrong.before: wrong.after.replace("FACTOR", repr(factor))})
    return wrong.criterion in judge(made_of("wrong", source), exam, exam.questions(exam.seed)).lost
